/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Contracts: what must hold here, written as code. A condition has no effect and
 * is cheap: it looks at a bounded number of things near by, and never walks a
 * queue. What a function relies on stands at its beginning, what others rely on
 * at its end; where a fact crosses two places, both check it.
 *
 * core_assert()    debug kernels, the host library, fuzzers, models; a release
 *                  kernel assumes it
 * core_require()   release kernels as well: for paths that are taken seldom (boot,
 *                  destruction), where it costs nothing measurable and a mistake
 *                  would go on unnoticed
 */
#ifndef CORE_BASE_ASSERT_H
#define CORE_BASE_ASSERT_H

#include "core/config.h"

_Noreturn void hal_panic(const char *message, const char *file, unsigned line);

#define core_assert(condition)                                              \
    do {                                                                    \
        if (config_assertions && !(condition)) {                            \
            hal_panic("assertion failed: " #condition, __FILE__, __LINE__); \
        }                                                                   \
    } while (0)

/* The text of the condition is only for kernels that have room for it. */
#define core_require(condition)                                                                     \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            hal_panic(config_assertions ? "requirement failed: " #condition : "requirement failed", \
                      __FILE__, __LINE__);                                                          \
        }                                                                                           \
    } while (0)

#endif
