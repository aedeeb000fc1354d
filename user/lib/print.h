/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Text on the kernel's debug console. Only debug kernels have one.
 */
#ifndef USER_LIB_PRINT_H
#define USER_LIB_PRINT_H

/*
 * Formats %s %c %d %u %x %ld %lu %lx %llu %llx %p %%, each number with an
 * optional width, zero-padded or not (%08lx, %4u).
 */
__attribute__((format(printf, 1, 2))) void kaal_print(const char *format, ...);

/* Prints through this function from now on; at the start it is kaal_debug_put_char(). */
void kaal_print_through(void (*put_char)(char character));

#endif
