/* SPDX-License-Identifier: BSD-2-Clause
 *
 * layouts: draws the objects that users pay for, one row for each member, with
 * offsets in bytes. docs/tour.md shows what it prints (tools/drawings.sh). On the
 * host and on the real machine the layouts are the same.
 */
#include <stdio.h>

#include "core/kernel.h"

struct member {
    const char *name;
    size_t offset;
    const char *meaning;
};

struct layout {
    const char *name;
    size_t object_bytes;
    size_t used_bytes;
    const struct member *members; /* ends with a NULL name */
};

#define MEMBER(structure, name, meaning)                 \
    {                                                    \
#name, offsetof(struct structure, name), meaning \
    }

static const struct member slot_members[] = {
    MEMBER(slot, cap, "type, rights, object address; badge, guard, watermark or mapping"),
    MEMBER(slot, links, "neighbours in the derivation list, and two marks"),
    {NULL, 0, NULL},
};

static const struct member tcb_members[] = {
    MEMBER(tcb, node, "in a wait queue or in the release queue"),
    MEMBER(tcb, flags, "to `state`: eight bytes that the fastpath compares as one word"),
    MEMBER(tcb, sc, "scheduling context; none: passive"),
    MEMBER(tcb, reply, "reply object that it waits with, or for"),
    MEMBER(tcb, regs, "saved registers"),
    MEMBER(tcb, ipc_buffer, "virtual address"),
    MEMBER(tcb, slots, "CSpace, VSpace, IPC buffer, fault handler, timeout handler"),
    MEMBER(tcb, fault, "raised and not yet answered"),
    MEMBER(tcb, bound_notification, ""),
    MEMBER(tcb, waiting, "what a blocked send or receive needs when a partner comes"),
    MEMBER(tcb, ready_next, "neighbours in the ready queue"),
    MEMBER(tcb, yield_to, ""),
    MEMBER(tcb, progress, "of a preempted operation"),
    MEMBER(tcb, all_next, "debug kernels: list of all threads, name"),
    MEMBER(tcb, fpu, "FPU registers while somebody else owns them"),
    {NULL, 0, NULL},
};

static const struct member endpoint_members[] = {
    MEMBER(endpoint, queue, "tree of waiting threads: all send, or all receive"),
    {NULL, 0, NULL},
};

static const struct member notification_members[] = {
    MEMBER(notification, queue, "tree of waiting threads"),
    MEMBER(notification, word, "badges so far, while active"),
    MEMBER(notification, bound_tcb, ""),
    MEMBER(notification, sc, "lent to a passive thread that it wakes"),
    MEMBER(notification, active, ""),
    {NULL, 0, NULL},
};

static const struct member reply_members[] = {
    MEMBER(reply, tcb, "the caller, or the receiver that brought it; none: free"),
    MEMBER(reply, sc, "only at the top of a call stack: what goes back"),
    MEMBER(reply, newer, "the call made by the one who was called"),
    MEMBER(reply, older, "the call whose scheduling context this one passed on"),
    {NULL, 0, NULL},
};

static const struct member sched_context_members[] = {
    MEMBER(sched_context, period, "0: round robin"),
    MEMBER(sched_context, budget, "sum of all refills"),
    MEMBER(sched_context, consumed, ""),
    MEMBER(sched_context, badge, "data word of timeout faults"),
    MEMBER(sched_context, tcb, "who runs on it"),
    MEMBER(sched_context, reply, "top of the call stack"),
    MEMBER(sched_context, notification, ""),
    MEMBER(sched_context, yield_from, ""),
    MEMBER(sched_context, refill_max, "0: not configured"),
    MEMBER(sched_context, refill_head, ""),
    MEMBER(sched_context, refill_count, ""),
    MEMBER(sched_context, cpu, ""),
    MEMBER(sched_context, sporadic, ""),
    {"refills", SCHED_CONTEXT_HEADER_BYTES, "a ring, up to the end of the object"},
    {NULL, 0, NULL},
};

#define LAYOUT(name, bits)                                              \
    {                                                                   \
#name, (size_t)1 << (bits), sizeof(struct name), name##_members \
    }

static const struct layout layouts[] = {
    LAYOUT(slot, KAAL_SLOT_BITS),
    LAYOUT(endpoint, KAAL_ENDPOINT_BITS),
    LAYOUT(notification, KAAL_NOTIFICATION_BITS),
    LAYOUT(reply, KAAL_REPLY_BITS),
    LAYOUT(sched_context, KAAL_SCHED_CONTEXT_MIN_BITS),
    LAYOUT(tcb, KAAL_TCB_BITS),
};

static void draw(const struct layout *layout)
{
    printf("%s: %zu bytes, %zu of them used\n", layout->name, layout->object_bytes, layout->used_bytes);
    for (const struct member *member = layout->members; member->name != NULL; member++) {
        if (member->meaning[0] == '\0') {
            printf("    0x%03zx  %s\n", member->offset, member->name);
        } else {
            printf("    0x%03zx  %-19s %s\n", member->offset, member->name, member->meaning);
        }
    }
}

int main(void)
{
    for (unsigned i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (i > 0) {
            printf("\n");
        }
        draw(&layouts[i]);
    }
    return 0;
}
