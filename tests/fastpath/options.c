/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Options by semihosting (Arm "Semihosting for AArch32 and AArch64", 2.0).
 */
#include "tests/fastpath/options.h"

enum { SYS_GET_CMDLINE = 0x15, TEXT_BYTES = 256 };

static char text[TEXT_BYTES];

static void get_command_line(void)
{
    word_t block[2] = {(word_t)text, sizeof(text) - 1};
    register word_t operation __asm__("x0") = SYS_GET_CMDLINE;
    register word_t *parameter __asm__("x1") = block;

    __asm__ volatile("hlt #0xf000" : "+r"(operation) : "r"(parameter) : "memory");
}

static word_t parse_number(const char *digits)
{
    word_t value = 0;

    for (; *digits >= '0' && *digits <= '9'; digits++) {
        value = value * 10 + (word_t)(*digits - '0');
    }
    return value;
}

/* What follows "name=" at the beginning of `place`, or NULL. */
static const char *value_at(const char *place, const char *name)
{
    while (*name != '\0' && *place == *name) {
        place++;
        name++;
    }
    return *name == '\0' && *place == '=' ? place + 1 : NULL;
}

word_t option(const char *name, word_t otherwise)
{
    if (text[0] == '\0') {
        get_command_line();
    }
    for (const char *place = text; *place != '\0'; place++) {
        const char *value = place == text || place[-1] == ' ' ? value_at(place, name) : NULL;

        if (value != NULL) {
            return parse_number(value);
        }
    }
    return otherwise;
}
