/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The user register context of TCB_ReadRegisters and TCB_WriteRegisters
 * (docs/spec/abi.md 11.1). KAAL_USER_CONTEXT gives the order of the words; the
 * timeout-fault reply uses the first KAAL_TIMEOUT_REPLY_LENGTH of the same order.
 */
#ifndef KAAL_REGISTERS_H
#define KAAL_REGISTERS_H

#include <kaal/types.h>

/* X(name), in ABI order: 17 frame registers, then 19 integer registers. */
/* clang-format off */
#define KAAL_FRAME_REGISTERS(X) \
    X(pc) X(sp) X(spsr) \
    X(x0) X(x1) X(x2) X(x3) X(x4) X(x5) X(x6) X(x7) X(x8) \
    X(x16) X(x17) X(x18) X(x29) X(x30)
#define KAAL_INTEGER_REGISTERS(X) \
    X(x9) X(x10) X(x11) X(x12) X(x13) X(x14) X(x15) \
    X(x19) X(x20) X(x21) X(x22) X(x23) X(x24) X(x25) X(x26) X(x27) X(x28) \
    X(tpidr_el0) X(tpidrro_el0)
/* clang-format on */
#define KAAL_USER_CONTEXT(X) KAAL_FRAME_REGISTERS(X) KAAL_INTEGER_REGISTERS(X)

#define KAAL_FRAME_REGISTER_COUNT   17
#define KAAL_INTEGER_REGISTER_COUNT 19
#define KAAL_USER_CONTEXT_WORDS     36

struct kaal_user_context {
#define KAAL_REGISTER_FIELD(name) kaal_word_t name;
    KAAL_USER_CONTEXT(KAAL_REGISTER_FIELD)
#undef KAAL_REGISTER_FIELD
};

_Static_assert(sizeof(struct kaal_user_context) == 8 * KAAL_USER_CONTEXT_WORDS, "36 words");

#endif
