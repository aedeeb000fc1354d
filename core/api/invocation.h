/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One invocation of a kernel object while it is decoded: arguments, and the ways
 * it can end (docs/spec/capabilities.md 5, docs/spec/abi.md 6).
 *
 * A decoder checks everything, in the order of the specification, before the
 * first effect. It returns OUTCOME_DONE, OUTCOME_BLOCKED, OUTCOME_PREEMPTED, or what
 * one of the fail_*() functions returns.
 */
#ifndef CORE_API_INVOCATION_H
#define CORE_API_INVOCATION_H

#include <kaal/errors.h>
#include <kaal/invocations.h>

#include "core/api/arguments.h"
#include "core/ipc/message.h"
#include "core/log.h"
#include "core/sched/thread.h"

enum outcome {
    OUTCOME_DONE,
    OUTCOME_FAILED,    /* invocation.error says how; nothing has changed */
    OUTCOME_BLOCKED,   /* done, and the caller does not go on: it waits for somebody, or has been stopped */
    OUTCOME_PREEMPTED, /* a long operation stopped half-way; the system call is executed again */
};

enum { ERROR_MAX_WORDS = 1 + LOOKUP_FAILURE_WORDS };

struct error {
    enum kaal_error code;
    unsigned count;
    word_t words[ERROR_MAX_WORDS];
};

/* How a system call sends. */
enum send_mode {
    SEND_CALL = 1,
    SEND_BLOCKING = 2,
    SEND_DONATES = 4,     /* a passive receiver may get the scheduling context */
    SEND_FIRST_PHASE = 8, /* of a combined system call */
};

struct invocation {
    struct tcb *caller;
    struct slot *slot; /* of the invoked capability */
    struct cap cap;    /* the invoked capability */
    word_t label;
    unsigned length; /* message words that are there */
    unsigned extra_count;
    struct slot *extra[KAAL_MSG_MAX_EXTRA_CAPS];
    const struct kaal_ipc_buffer *buffer; /* of the caller, for reading; may be NULL */
    unsigned mode;                        /* enum send_mode */
    unsigned result_count;
    struct error error; /* set when the outcome is OUTCOME_FAILED */
};

/* Message word i (ARG()); it must be there. */
static inline word_t argument(const struct invocation *invocation, unsigned i)
{
    core_assert(i < invocation->length);
    core_assert(i < KAAL_MSG_REGISTERS || invocation->buffer);
    return message_word(invocation->caller, invocation->buffer, i);
}

/* Extra capability i (EXTRA()), and the slot that holds it; it must be there. */
static inline struct slot *extra_slot(const struct invocation *invocation, unsigned i)
{
    core_assert(i < invocation->extra_count);
    core_assert(invocation->extra[i]);
    return invocation->extra[i];
}

static inline struct cap extra_cap(const struct invocation *invocation, unsigned i)
{
    return extra_slot(invocation, i)->cap;
}

/* The outcome of a finished operation that may have stopped the caller itself. */
static inline enum outcome done_or_stopped(const struct invocation *invocation)
{
    core_assert(thread_is_stopped(invocation->caller) || invocation->caller->state == THREAD_RESTART);
    return invocation->caller->state != THREAD_RESTART ? OUTCOME_BLOCKED : OUTCOME_DONE;
}

/* Are there fewer words or capabilities than the invocation table lists for this label? */
bool arguments_missing(const struct invocation *invocation);

/* Sets result word i of a successful Call; words beyond the registers need the caller's buffer. */
void set_result(struct invocation *invocation, unsigned i, word_t value);

/* ---- Failures. `why` is for the console of debug kernels. ---- */

enum outcome fail(struct invocation *invocation, enum kaal_error code, const char *why);
enum outcome fail_word(struct invocation *invocation, enum kaal_error code, word_t word, const char *why);
enum outcome fail_range(struct invocation *invocation, word_t minimum, word_t maximum, const char *why);
enum outcome fail_lookup(struct invocation *invocation, bool is_source, struct lookup_failure failure,
                         const char *why);

static inline enum outcome fail_truncated(struct invocation *invocation)
{
    return fail(invocation, KAAL_TRUNCATED_MESSAGE, "message words or capabilities are missing");
}

static inline enum outcome fail_illegal(struct invocation *invocation, const char *why)
{
    return fail(invocation, KAAL_ILLEGAL_OPERATION, why);
}

static inline enum outcome fail_label(struct invocation *invocation)
{
    return fail(invocation, KAAL_ILLEGAL_OPERATION, "the invoked object has no such method");
}

/* Message word i (ARG()) is wrong. */
static inline enum outcome fail_argument(struct invocation *invocation, unsigned i, const char *why)
{
    core_assert(i < KAAL_MSG_MAX_LENGTH);
    return fail_word(invocation, KAAL_INVALID_ARGUMENT, i, why);
}

/* How errors count capabilities (docs/spec/abi.md 9): first the invoked one, then the extra ones. */
enum { INVOKED_CAP = 0 };

static inline word_t extra_number(unsigned i)
{
    core_assert(i < KAAL_MSG_MAX_EXTRA_CAPS);
    return INVOKED_CAP + 1 + i;
}

static inline enum outcome fail_capability(struct invocation *invocation, word_t number, const char *why)
{
    core_assert(number <= extra_number(KAAL_MSG_MAX_EXTRA_CAPS - 1));
    return fail_word(invocation, KAAL_INVALID_CAPABILITY, number, why);
}

static inline enum outcome fail_invoked(struct invocation *invocation, const char *why)
{
    return fail_capability(invocation, INVOKED_CAP, why);
}

/* Extra capability i (EXTRA()) is wrong. */
static inline enum outcome fail_extra(struct invocation *invocation, unsigned i, const char *why)
{
    return fail_capability(invocation, extra_number(i), why);
}

static inline enum outcome fail_missing(struct invocation *invocation, bool is_source, word_t bits_left,
                                        const char *why)
{
    return fail_lookup(
        invocation, is_source,
        (struct lookup_failure){.type = KAAL_LOOKUP_MISSING_CAPABILITY, .bits_left = bits_left}, why);
}

/*
 * Slot addressed by root and the message words at `first` (SLOT_ARG()), index and depth, with all bits
 * consumed (docs/spec/capabilities.md 4.3). OUTCOME_DONE: *slot is set; else OUTCOME_FAILED.
 */
enum outcome lookup_slot(struct invocation *invocation, struct cap root, unsigned first, bool is_source,
                         struct slot **slot);

/* The same for a destination, which must also be empty. */
enum outcome lookup_empty_slot(struct invocation *invocation, struct cap root, unsigned first,
                               struct slot **slot);

/* ---- The decoders, one per capability type ---- */

enum outcome invoke_untyped(struct invocation *invocation);
enum outcome invoke_cnode(struct invocation *invocation);
enum outcome invoke_tcb(struct invocation *invocation);
enum outcome invoke_sched_context(struct invocation *invocation);
enum outcome invoke_sched_control(struct invocation *invocation);
enum outcome invoke_domain(struct invocation *invocation);
enum outcome invoke_irq_control(struct invocation *invocation);
enum outcome invoke_irq_handler(struct invocation *invocation);
enum outcome invoke_sgi_signal(struct invocation *invocation);
enum outcome invoke_frame(struct invocation *invocation);
enum outcome invoke_page_table(struct invocation *invocation);
enum outcome invoke_vspace(struct invocation *invocation);
enum outcome invoke_asid_control(struct invocation *invocation);
enum outcome invoke_asid_pool(struct invocation *invocation);

/* Performs an invocation whose arguments have been collected, whatever the capability. */
enum outcome invoke(struct invocation *invocation);

#endif
