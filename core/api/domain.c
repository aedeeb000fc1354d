/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Domain invocations (docs/spec/scheduling.md 10).
 */
#include "core/api/invocation.h"
#include "core/sched/domain.h"
#include "core/sched/scheduler.h"

enum { DOMAIN_DURATION_BITS = 56 };

/* Set reports a capability that is no TCB as an argument behind its words (docs/spec/abi.md 9.5). */
enum { TCB_AS_ARGUMENT = WORDS(domain, set) + EXTRA(domain, set, tcb) };

static enum outcome invoke_set(struct invocation *invocation)
{
    if (invocation->length < WORDS(domain, set)) {
        return fail_truncated(invocation);
    }
    word_t domain = argument(invocation, ARG(domain, set, domain));
    if (domain >= kernel.domain_count) {
        return fail_argument(invocation, ARG(domain, set, domain), "no such domain");
    }
    if (invocation->extra_count < EXTRAS(domain, set)) {
        return fail_truncated(invocation);
    }
    struct cap tcb = extra_cap(invocation, EXTRA(domain, set, tcb));
    if (!cap_is(tcb, KAAL_CAP_TCB)) {
        return fail_argument(invocation, TCB_AS_ARGUMENT, "not a TCB");
    }
    core_assert(kernel.domain_count <= CONFIG_MAX_DOMAINS);
    domain = user_index(domain, kernel.domain_count);
    sched_set_domain(cap_tcb(tcb), (uint8_t)domain);
    return OUTCOME_DONE;
}

static enum outcome invoke_schedule_configure(struct invocation *invocation)
{
    word_t index = argument(invocation, ARG(domain, schedule_configure, index));
    word_t domain = argument(invocation, ARG(domain, schedule_configure, domain));
    word_t duration = argument(invocation, ARG(domain, schedule_configure, duration));

    core_assert(kernel.schedule_length >= 2 && kernel.schedule_length <= CONFIG_MAX_DOMAIN_SCHEDULE);
    if (index >= kernel.schedule_length - 1) {
        return fail_range(invocation, 0, kernel.schedule_length - 2, "schedule index");
    }
    if (domain >= kernel.domain_count) {
        return fail_range(invocation, 0, kernel.domain_count - 1, "no such domain");
    }
    if (duration > mask(DOMAIN_DURATION_BITS)) {
        return fail_argument(invocation, ARG(domain, schedule_configure, duration),
                             "the duration is too long");
    }
    if (duration == 0 && domain != 0) {
        return fail_argument(invocation, ARG(domain, schedule_configure, domain),
                             "an end marker has domain 0");
    }
    if (duration == 0 && index == kernel.schedule_start) {
        return fail_argument(invocation, ARG(domain, schedule_configure, duration),
                             "the start entry cannot be an end marker");
    }
    *table_at(kernel.schedule, kernel.schedule_length, index) =
        (struct domain_entry){(uint8_t)domain, duration};
    return OUTCOME_DONE;
}

static enum outcome invoke_schedule_set_start(struct invocation *invocation)
{
    word_t index = argument(invocation, ARG(domain, schedule_set_start, index));

    core_assert(kernel.schedule_length <= CONFIG_MAX_DOMAIN_SCHEDULE);
    if (index >= kernel.schedule_length) {
        return fail_range(invocation, 0, kernel.schedule_length - 1, "schedule index");
    }
    index = user_index(index, kernel.schedule_length);
    if (kernel.schedule[index].duration == 0) {
        return fail_argument(invocation, ARG(domain, schedule_set_start, index),
                             "the entry is an end marker");
    }
    kernel.schedule_start = (uint32_t)index;
    core_assert(kernel.schedule[kernel.schedule_length - 1].duration == 0); /* the last entry ends it */
    domain_restart();
    return OUTCOME_DONE;
}

enum outcome invoke_domain(struct invocation *invocation)
{
    core_assert(cap_is(invocation->cap, KAAL_CAP_DOMAIN));
    if (invocation->label == kaal_label_domain_set) {
        return invoke_set(invocation);
    }
    if (arguments_missing(invocation)) {
        return fail_truncated(invocation);
    }
    return invocation->label == kaal_label_domain_schedule_configure ? invoke_schedule_configure(invocation)
                                                                     : invoke_schedule_set_start(invocation);
}
