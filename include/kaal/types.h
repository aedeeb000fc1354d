/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The words that user code and kernel exchange. Everything that crosses the
 * system-call boundary is a 64-bit word (docs/spec/abi.md, introduction).
 */
#ifndef KAAL_TYPES_H
#define KAAL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t kaal_word_t;
typedef uint64_t kaal_cptr_t; /* address of a capability in the invoker's CSpace */

#define KAAL_WORD_BITS 64

#endif
