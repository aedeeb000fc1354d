/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A small formatted print over DebugPutChar.
 */
#include <stdarg.h>

#include "user/lib/ipc.h"
#include "user/lib/print.h"

static void (*put_char)(char character) = kaal_debug_put_char;

void kaal_print_through(void (*function)(char character))
{
    put_char = function;
}

/* One conversion of a format string, between the % and its letter. */
struct conversion {
    char pad;
    unsigned width;
    unsigned longs; /* how many l's */
};

static void print_text(const char *text)
{
    for (; *text; text++) {
        put_char(*text);
    }
}

static void print_number(struct conversion conversion, unsigned long long value, unsigned base, bool negative)
{
    char digits[24];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);

    unsigned used = count + (negative ? 1 : 0);

    if (negative && conversion.pad == '0') {
        put_char('-');
    }
    for (; used < conversion.width; used++) {
        put_char(conversion.pad);
    }
    if (negative && conversion.pad != '0') {
        put_char('-');
    }
    while (count > 0) {
        put_char(digits[--count]);
    }
}

static const char *parse_conversion(const char *format, struct conversion *conversion)
{
    *conversion = (struct conversion){.pad = ' '};
    if (*format == '0') {
        conversion->pad = '0';
        format++;
    }
    for (; *format >= '0' && *format <= '9'; format++) {
        conversion->width = conversion->width * 10 + (unsigned)(*format - '0');
    }
    for (; *format == 'l'; format++) {
        conversion->longs++;
    }
    return format;
}

static void print_signed(struct conversion conversion, long long value)
{
    unsigned long long magnitude = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;

    print_number(conversion, magnitude, 10, value < 0);
}

/* long and long long have 64 bits on both machines. */
_Static_assert(sizeof(long) == sizeof(long long), "one conversion fits both");

static void print_conversion(char letter, struct conversion conversion, va_list *arguments)
{
    bool is_long = conversion.longs > 0;
    const char *text;

    switch (letter) {
    case 's':
        text = va_arg(*arguments, const char *);
        print_text(text ? text : "(null)");
        break;
    case 'c': put_char((char)va_arg(*arguments, int)); break;
    case 'd': print_signed(conversion, is_long ? va_arg(*arguments, long) : va_arg(*arguments, int)); break;
    case 'u':
    case 'x':
        print_number(conversion,
                     is_long ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned int),
                     letter == 'x' ? 16 : 10, false);
        break;
    case 'p':
        print_text("0x");
        print_number(conversion, (uintptr_t)va_arg(*arguments, void *), 16, false);
        break;
    default: put_char(letter); break;
    }
}

void kaal_print(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    while (*format) {
        struct conversion conversion;

        if (*format != '%') {
            put_char(*format++);
            continue;
        }
        format = parse_conversion(format + 1, &conversion);
        if (!*format) {
            break;
        }
        print_conversion(*format++, conversion, &arguments);
    }
    va_end(arguments);
}
