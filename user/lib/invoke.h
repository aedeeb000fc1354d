/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One function for every invocation of every kernel object, generated from the
 * table in <kaal/invocations.h>: kaal_OBJECT_METHOD(object, words..., caps...).
 * For example:
 *
 *   struct kaal_result result = kaal_cnode_mint(root, to, 64, from, 64, KAAL_RIGHTS_ALL, badge, root);
 *   if (result.error) { ... result.words[0] ... }
 *
 * Each is a Call (docs/spec/abi.md 8). The names and the order of the arguments are
 * those of the table; what they mean and which errors there are: docs/spec/abi.md 9.
 */
#ifndef USER_LIB_INVOKE_H
#define USER_LIB_INVOKE_H

#include "user/lib/caps.h"
#include "user/lib/ipc.h"

/* The kernel's answer. On an error the words are its details; more than four are in the IPC buffer. */
struct kaal_result {
    enum kaal_error error;
    kaal_word_t badge; /* 0 in every answer of the kernel */
    kaal_word_t info;
    kaal_word_t words[KAAL_MSG_REGISTERS];
};

/*
 * Calls `cptr` with any label, words and capabilities: what the generated
 * functions are made of, and the way to write a message that they would not.
 * At most KAAL_MSG_MAX_LENGTH words and KAAL_MSG_MAX_EXTRA_CAPS capabilities.
 * After an error the first four answer words are also in the IPC buffer.
 */
struct kaal_result kaal_invoke(kaal_cptr_t cptr, kaal_word_t label, unsigned word_count,
                               const kaal_word_t *words, unsigned cap_count, const kaal_cptr_t *caps);

#define KAAL_WORD_PARAMETER(name)         , kaal_word_t name
#define KAAL_CAP_PARAMETER(pair)          KAAL_CAP_PARAMETER_OF pair
#define KAAL_CAP_PARAMETER_OF(kind, name) , kaal_##kind##_t name
#define KAAL_WORD_VALUE(name)             name,
#define KAAL_CAP_VALUE(pair)              KAAL_CAP_VALUE_OF pair
#define KAAL_CAP_VALUE_OF(kind, name)     name.cptr,

/* The trailing zeros keep the arrays of methods without words or capabilities legal. */
#define KAAL_INVOCATION_FUNCTION(number, object, method, word_count, word_names, cap_count, cap_names,    \
                                 results)                                                                 \
    static inline struct kaal_result kaal_##object##_##method(kaal_##object##_t service KAAL_EACH(        \
        word_count, KAAL_WORD_PARAMETER, word_names) KAAL_EACH(cap_count, KAAL_CAP_PARAMETER, cap_names)) \
    {                                                                                                     \
        const kaal_word_t words[] = {KAAL_EACH(word_count, KAAL_WORD_VALUE, word_names) 0};               \
        const kaal_cptr_t caps[] = {KAAL_EACH(cap_count, KAAL_CAP_VALUE, cap_names) 0};                   \
                                                                                                          \
        return kaal_invoke(service.cptr, (number), (word_count), words, (cap_count), caps);               \
    }
KAAL_INVOCATIONS(KAAL_INVOCATION_FUNCTION)
#undef KAAL_INVOCATION_FUNCTION

enum {
    KAAL_READ_SUSPEND = 1, /* flags of kaal_tcb_read_context */
    KAAL_WRITE_RESUME = 1, /* flags of kaal_tcb_write_context */
    KAAL_COPY_SUSPEND_SOURCE = 1,
    KAAL_COPY_RESUME_TARGET = 2,
    KAAL_COPY_FRAME = 4,
    KAAL_COPY_INTEGER = 8,
};

/*
 * The register transfers with their registers (docs/spec/abi.md 8 rule 8, 9.2): the
 * first `count` (1..36) words of the context, in its order. The generated
 * kaal_tcb_read_registers and kaal_tcb_write_registers are the bare headers of
 * these messages. Both need an IPC buffer for more than a few registers.
 */
struct kaal_result kaal_tcb_read_context(kaal_tcb_t tcb, kaal_word_t flags, unsigned count,
                                         struct kaal_user_context *context);
struct kaal_result kaal_tcb_write_context(kaal_tcb_t tcb, kaal_word_t flags, unsigned count,
                                          const struct kaal_user_context *context);

#endif
