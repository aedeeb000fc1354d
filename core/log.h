/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Console output of the kernel. Debug kernels say why operations fail and what
 * happened to threads that nobody was told about; release kernels are silent.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/base/word.h"
#include "core/config.h"
#include "core/kernel.h"

enum log_level {
    LOG_OFF = 0,
    LOG_FATAL = 1,  /* the machine stops */
    LOG_NOTICE = 2, /* boot banner, threads that fault without a handler */
    LOG_ERROR = 3,  /* every failed invocation, with its reason */
};

/* Formats: %s string, %d int, %u unsigned, %lu word, %x unsigned hex, %lx word hex, %%. All numbers but %d
 * may have a width of at most 20, filled with zeros (%08lx). */
__attribute__((format(printf, 1, 2))) void console_printf(const char *format, ...);

void console_puts(const char *text);

/* Does this kernel print messages of this level? */
#define log_admits(level) (config_debug && kernel.log_level >= (level))

/* Prints in debug kernels when the log level admits it; the arguments are not evaluated otherwise. */
#define log_at(level, ...)               \
    do {                                 \
        if (log_admits(level)) {         \
            console_printf(__VA_ARGS__); \
        }                                \
    } while (0)

#endif
