/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/log.h"

#include <stdarg.h>

#include "core/base/assert.h"
#include "core/hal.h"

void console_puts(const char *text)
{
    core_assert(text);
    while (*text != '\0') {
        hal_console_write(*text++);
    }
}

/* At least so many digits, with zeros in front. */
static void put_number(word_t value, unsigned base, unsigned least)
{
    char digits[20]; /* 2^64 has 20 decimal digits */
    unsigned count = 0;

    core_assert(least <= sizeof(digits));
    core_assert(base == 10 || base == 16);
    do {
        core_assert(count < sizeof(digits));
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0 || count < least);
    while (count > 0) {
        hal_console_write(digits[--count]);
    }
}

static void put_signed(int value)
{
    if (value < 0) {
        hal_console_write('-');
    }
    put_number(value < 0 ? -(word_t)value : (word_t)value, 10, 0);
}

/* The conversion after a percent sign. Returns where its letter stands. */
static const char *convert(const char *format, va_list *arguments)
{
    unsigned width = 0;
    bool is_long;

    for (; *format >= '0' && *format <= '9'; format++) {
        width = width * 10 + (unsigned)(*format - '0');
    }
    is_long = *format == 'l';
    format += is_long;
    switch (*format) {
    case 's': console_puts(va_arg(*arguments, const char *)); break;
    case 'd': put_signed(va_arg(*arguments, int)); break;
    case 'u':
    case 'x':
        put_number(is_long ? va_arg(*arguments, word_t) : va_arg(*arguments, unsigned),
                   *format == 'u' ? 10 : 16, width);
        break;
    case '\0': return format - 1; /* a format that ends in the middle of a conversion */
    default: hal_console_write(*format); break;
    }
    return format;
}

void console_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    for (; *format != '\0'; format++) {
        if (*format == '%') {
            format = convert(format + 1, &arguments);
        } else {
            hal_console_write(*format);
        }
    }
    va_end(arguments);
}
