/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the driver is asked to do: numbers "name=value" that the emulator hands over
 * (semihosting, SYS_GET_CMDLINE).
 */
#ifndef TESTS_FASTPATH_OPTIONS_H
#define TESTS_FASTPATH_OPTIONS_H

#include "core/base/word.h"

/* The value of an option, decimal; otherwise what is given when the option is absent. */
word_t option(const char *name, word_t otherwise);

#endif
