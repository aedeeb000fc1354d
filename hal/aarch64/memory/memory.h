/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The functions that the compiler calls on its own account for copies and
 * initial values of structures (memory.S). Meaning as in the C standard.
 */
#ifndef HAL_AARCH64_MEMORY_H
#define HAL_AARCH64_MEMORY_H

#include <stddef.h>

void *memcpy(void *destination, const void *source, size_t bytes);
void *memset(void *destination, int value, size_t bytes);

#endif
