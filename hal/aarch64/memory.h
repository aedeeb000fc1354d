/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The four functions that a compiler may call on its own account even in a
 * freestanding program (memory.S). Meaning as in the C standard.
 */
#ifndef HAL_AARCH64_MEMORY_H
#define HAL_AARCH64_MEMORY_H

#include <stddef.h>

void *memcpy(void *destination, const void *source, size_t bytes);
void *memmove(void *destination, const void *source, size_t bytes);
void *memset(void *destination, int value, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

#endif
