/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Marshalling of invocations (docs/spec/abi.md 8).
 */
#include "user/lib/invoke.h"

struct kaal_result kaal_invoke(kaal_cptr_t cptr, kaal_word_t label, unsigned word_count,
                               const kaal_word_t *words, unsigned cap_count, const kaal_cptr_t *caps)
{
    struct kaal_message message = {.info = kaal_info(label, 0, cap_count, word_count)};

    for (unsigned i = 0; i < word_count; i++) {
        if (i < KAAL_MSG_REGISTERS) {
            message.words[i] = words[i];
        } else {
            kaal_set_word(i, words[i]);
        }
    }
    for (unsigned i = 0; i < cap_count; i++) {
        kaal_set_cap(i, caps[i]);
    }
    message = kaal_system_call(KAAL_SYS_CALL, cptr, 0, 0, message);

    struct kaal_result result = {.error = (enum kaal_error)kaal_info_label(message.info),
                                 .badge = message.badge,
                                 .info = message.info};

    for (unsigned i = 0; i < KAAL_MSG_REGISTERS; i++) {
        result.words[i] = message.words[i];
        if (result.error) {
            kaal_set_word(i, message.words[i]);
        }
    }
    return result;
}

/* The words of a context as an array, in ABI order. */
enum { TRANSFER_HEADER_WORDS = 2 };

struct kaal_result kaal_tcb_read_context(kaal_tcb_t tcb, kaal_word_t flags, unsigned count,
                                         struct kaal_user_context *context)
{
    struct kaal_result result = kaal_tcb_read_registers(tcb, flags, count);
    kaal_word_t words[KAAL_USER_CONTEXT_WORDS];

    if (result.error) {
        return result;
    }
#define REGISTER_TO_WORD(name) context->name,
    const kaal_word_t before[KAAL_USER_CONTEXT_WORDS] = {KAAL_USER_CONTEXT(REGISTER_TO_WORD)};
#undef REGISTER_TO_WORD
    for (unsigned i = 0; i < KAAL_USER_CONTEXT_WORDS; i++) {
        if (i >= kaal_info_length(result.info)) {
            words[i] = before[i];
        } else {
            words[i] = i < KAAL_MSG_REGISTERS ? result.words[i] : kaal_get_word(i);
        }
    }

    unsigned next = 0;

#define WORD_TO_REGISTER(name) context->name = words[next++];
    KAAL_USER_CONTEXT(WORD_TO_REGISTER)
#undef WORD_TO_REGISTER
    return result;
}

struct kaal_result kaal_tcb_write_context(kaal_tcb_t tcb, kaal_word_t flags, unsigned count,
                                          const struct kaal_user_context *context)
{
#define REGISTER_TO_WORD(name) context->name,
    const kaal_word_t words[TRANSFER_HEADER_WORDS + KAAL_USER_CONTEXT_WORDS] = {
        flags, count, KAAL_USER_CONTEXT(REGISTER_TO_WORD)};
#undef REGISTER_TO_WORD

    return kaal_invoke(tcb.cptr, kaal_label_tcb_write_registers,
                       TRANSFER_HEADER_WORDS + KAAL_USER_CONTEXT_WORDS, words, 0, NULL);
}
