/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The names of the kernel's functions, for reports. tools/symbols.awk makes the
 * table from a first link of a debug kernel; release kernels have none and do not
 * refer to it.
 */
#ifndef HAL_AARCH64_SYMBOLS_H
#define HAL_AARCH64_SYMBOLS_H

#include "core/base/word.h"

struct symbol {
    uint32_t offset; /* from image_start, ascending */
    uint32_t name;   /* in symbol_names */
};

extern const uint32_t symbol_count;
extern const struct symbol symbols[];
extern const char symbol_names[];

#endif
