/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The memory functions that compilers call on their own (GCC manual,
 * "Language Standards": freestanding programs must provide them).
 */
#include <stddef.h>

void *memcpy(void *restrict destination, const void *restrict source, size_t bytes);
void *memmove(void *destination, const void *source, size_t bytes);
void *memset(void *destination, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

/* Keeps the compiler from turning a loop into a call of the very function that it is in. */
#define KEEP_LOOP() __asm__ volatile("" : : : "memory")

void *memcpy(void *restrict destination, const void *restrict source, size_t bytes)
{
    char *to = destination;
    const char *from = source;

    for (size_t i = 0; i < bytes; i++) {
        to[i] = from[i];
        KEEP_LOOP();
    }
    return destination;
}

void *memmove(void *destination, const void *source, size_t bytes)
{
    char *to = destination;
    const char *from = source;

    if (to <= from) {
        return memcpy(destination, source, bytes);
    }
    while (bytes > 0) {
        bytes--;
        to[bytes] = from[bytes];
        KEEP_LOOP();
    }
    return destination;
}

void *memset(void *destination, int value, size_t bytes)
{
    unsigned char *to = destination;

    for (size_t i = 0; i < bytes; i++) {
        to[i] = (unsigned char)value;
        KEEP_LOOP();
    }
    return destination;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
    const unsigned char *a = left;
    const unsigned char *b = right;

    for (size_t i = 0; i < bytes; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
        KEEP_LOOP();
    }
    return 0;
}
