/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Assertions state what must hold here. They are checked in debug kernels, in
 * the host library, in fuzzers and simulation; a release kernel assumes them.
 */
#ifndef CORE_BASE_ASSERT_H
#define CORE_BASE_ASSERT_H

#include "core/config.h"

_Noreturn void hal_panic(const char *message, const char *file, unsigned line);

#define core_assert(condition)                                              \
    do {                                                                    \
        if (config_debug && !(condition)) {                                 \
            hal_panic("assertion failed: " #condition, __FILE__, __LINE__); \
        }                                                                   \
    } while (0)

#endif
