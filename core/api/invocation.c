/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/api/invocation.h"

/* Argument counts by label, from the invocation table. */
struct shape {
    uint8_t words;
    uint8_t caps;
};

static const struct shape shapes[KAAL_LABEL_COUNT] = {
#define SHAPE(label, object, method, nwords, words, ncaps, caps, results) [label] = {nwords, ncaps},
    KAAL_INVOCATIONS(SHAPE)
#undef SHAPE
};

/* The positions that decoders use and the counts that are checked come from the same rows. */
#define CHECK_SHAPE(label, object, method, nwords, words, ncaps, caps, results)                 \
    _Static_assert((label) < KAAL_LABEL_COUNT && WORDS(object, method) == (nwords) &&           \
                       EXTRAS(object, method) == (ncaps) && (ncaps) <= KAAL_MSG_MAX_EXTRA_CAPS, \
                   #object "_" #method);
KAAL_INVOCATIONS(CHECK_SHAPE)
#undef CHECK_SHAPE

bool arguments_missing(const struct invocation *invocation)
{
    core_assert(invocation->label < KAAL_LABEL_COUNT);
    const struct shape *shape = table_at(shapes, KAAL_LABEL_COUNT, invocation->label);
    return invocation->length < shape->words || invocation->extra_count < shape->caps;
}

void set_result(struct invocation *invocation, unsigned i, word_t value)
{
    struct tcb *caller = invocation->caller;
    struct kaal_ipc_buffer *buffer = i < KAAL_MSG_REGISTERS ? NULL : message_buffer(caller, true);

    core_assert(i < KAAL_MSG_MAX_LENGTH);
    core_assert(i >= invocation->result_count); /* results are set in their order */
    if ((invocation->mode & SEND_CALL) && message_put(caller, buffer, i, value)) {
        invocation->result_count = i + 1;
    }
}

static const char *label_name(word_t label)
{
    static const char *const names[KAAL_LABEL_COUNT] = {
#define LABEL_NAME(label, object, method, nwords, words, ncaps, caps, results) [label] = #object "_" #method,
        KAAL_INVOCATIONS(LABEL_NAME)
#undef LABEL_NAME
    };
    const char *name = label < KAAL_LABEL_COUNT ? *table_at(names, KAAL_LABEL_COUNT, label) : NULL;

    return name ? name : "unknown method";
}

static const char *error_name(enum kaal_error code)
{
    static const char *const names[KAAL_ERROR_COUNT] = {
#define ERROR_NAME(number, name, words) [number] = #name,
        KAAL_ERRORS(ERROR_NAME)
#undef ERROR_NAME
    };

    return *table_at(names, KAAL_ERROR_COUNT, code);
}

static void explain(const struct invocation *invocation, const char *why)
{
    log_at(LOG_ERROR, "kaal: thread '%s': %s: %s: %s\n", invocation->caller->name,
           label_name(invocation->label), error_name(invocation->error.code), why);
}

/* The words of an answer with this error, if every such answer has the same number; else -1. */
static int error_words(enum kaal_error code)
{
    static const int8_t counts[KAAL_ERROR_COUNT] = {
#define ERROR_WORDS(number, name, words) [number] = (words),
        KAAL_ERRORS(ERROR_WORDS)
#undef ERROR_WORDS
    };

    core_assert(code > KAAL_NO_ERROR && code < KAAL_ERROR_COUNT);
    return *table_at(counts, KAAL_ERROR_COUNT, code);
}

/* count: how many of the two words there are. */
static enum outcome fail_words(struct invocation *invocation, enum kaal_error code, unsigned count,
                               word_t first, word_t second, const char *why)
{
    core_assert((int)count == error_words(code));
    invocation->error = (struct error){code, count, {first, second}};
    explain(invocation, why);
    return OUTCOME_FAILED;
}

enum outcome fail(struct invocation *invocation, enum kaal_error code, const char *why)
{
    return fail_words(invocation, code, 0, 0, 0, why);
}

enum outcome fail_word(struct invocation *invocation, enum kaal_error code, word_t word, const char *why)
{
    return fail_words(invocation, code, 1, word, 0, why);
}

enum outcome fail_range(struct invocation *invocation, word_t minimum, word_t maximum, const char *why)
{
    core_assert(minimum <= maximum);
    return fail_words(invocation, KAAL_RANGE_ERROR, 2, minimum, maximum, why);
}

enum outcome fail_lookup(struct invocation *invocation, bool is_source, struct lookup_failure failure,
                         const char *why)
{
    struct error *error = &invocation->error;

    core_assert(failure.type >= KAAL_LOOKUP_INVALID_ROOT && failure.type <= KAAL_LOOKUP_GUARD_MISMATCH);
    core_assert(failure.bits_left <= WORD_BITS);
    error->code = KAAL_FAILED_LOOKUP;
    error->words[0] = is_source;
    error->count = 1 + lookup_failure_words(&failure, &error->words[1]);
    core_assert(error->count <= ERROR_MAX_WORDS);
    explain(invocation, why);
    log_at(LOG_ERROR, "kaal:   lookup: %s (%lu bits left, %lu bits found, guard 0x%lx)\n",
           lookup_failure_text(&failure), failure.bits_left, failure.bits_found, failure.guard_found);
    return OUTCOME_FAILED;
}

enum outcome lookup_slot(struct invocation *invocation, struct cap root, unsigned first, bool is_source,
                         struct slot **slot)
{
    word_t index = argument(invocation, first);
    word_t depth = argument(invocation, first + 1);
    const char *why = is_source ? "looking up the source slot" : "looking up the destination slot";

    core_assert(first + 1 < invocation->length);
    if (!cap_is(root, KAAL_CAP_CNODE)) {
        return fail_lookup(invocation, is_source, (struct lookup_failure){.type = KAAL_LOOKUP_INVALID_ROOT},
                           why);
    }
    *slot = depth == WORD_BITS ? cspace_direct_slot(root, index) : NULL;
    if (*slot) {
        return OUTCOME_DONE;
    }
    if (depth < 1 || depth > WORD_BITS) {
        return fail_range(invocation, 1, WORD_BITS, why);
    }
    struct cspace_result result = cspace_resolve(root, index, (unsigned)depth);
    if (!result.slot) {
        return fail_lookup(invocation, is_source, result.failure, why);
    }
    if (result.bits_left != 0) {
        return fail_lookup(
            invocation, is_source,
            (struct lookup_failure){.type = KAAL_LOOKUP_DEPTH_MISMATCH, .bits_left = result.bits_left}, why);
    }
    core_assert(result.slot != NULL);
    *slot = result.slot;
    return OUTCOME_DONE;
}

enum outcome lookup_empty_slot(struct invocation *invocation, struct cap root, unsigned first,
                               struct slot **slot)
{
    enum outcome outcome = lookup_slot(invocation, root, first, false, slot);

    if (outcome == OUTCOME_DONE && !slot_empty(*slot)) {
        return fail(invocation, KAAL_DELETE_FIRST, "the destination slot is occupied");
    }
    return outcome;
}
