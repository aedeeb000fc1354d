/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/log.h"

#include <stdarg.h>

#include "core/hal.h"

void console_puts(const char *text)
{
    while (*text != '\0') {
        hal_console_write(*text++);
    }
}

/* One conversion of a format: flags and width before the letter. */
struct conversion {
    bool zero_padded;
    unsigned width;
    unsigned longs; /* number of l */
};

static void put_number(word_t value, unsigned base, struct conversion conversion, bool negative)
{
    char digits[20]; /* 2^64 has 20 decimal digits */
    unsigned count = 0;
    unsigned length;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    length = count + negative;
    for (; !conversion.zero_padded && length < conversion.width; length++) {
        hal_console_write(' ');
    }
    if (negative) {
        hal_console_write('-');
    }
    for (; length < conversion.width; length++) {
        hal_console_write('0');
    }
    while (count > 0) {
        hal_console_write(digits[--count]);
    }
}

static const char *parse_conversion(const char *format, struct conversion *conversion)
{
    *conversion = (struct conversion){*format == '0', 0, 0};
    for (; *format >= '0' && *format <= '9'; format++) {
        conversion->width = conversion->width * 10 + (unsigned)(*format - '0');
    }
    for (; *format == 'l'; format++) {
        conversion->longs++;
    }
    return format;
}

static void put_signed(int value, struct conversion conversion)
{
    put_number(value < 0 ? -(word_t)value : (word_t)value, 10, conversion, value < 0);
}

static void console_vprintf(const char *format, va_list *arguments)
{
    struct conversion conversion;

    for (; *format != '\0'; format++) {
        if (*format != '%') {
            hal_console_write(*format);
            continue;
        }
        format = parse_conversion(format + 1, &conversion);
        switch (*format) {
        case 's': console_puts(va_arg(*arguments, const char *)); break;
        case 'c': hal_console_write((char)va_arg(*arguments, int)); break;
        case 'd': put_signed(va_arg(*arguments, int), conversion); break;
        case 'p': put_number((word_t)(uintptr_t)va_arg(*arguments, void *), 16, conversion, false); break;
        case 'u':
        case 'x':
            put_number(conversion.longs ? va_arg(*arguments, word_t) : va_arg(*arguments, unsigned),
                       *format == 'u' ? 10 : 16, conversion, false);
            break;
        case '\0': return;
        default: hal_console_write(*format); break;
        }
    }
}

void console_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    console_vprintf(format, &arguments);
    va_end(arguments);
}
