/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names of fields and objects (names.h).
 */
#include "tests/fastpath/names.h"

#include "core/cap/cap.h"
#include "core/log.h"
#include "hal/aarch64/hardware.h"
#include "tests/fastpath/world.h"

struct field {
    const char *name;
    word_t offset;
    word_t bytes;
};

#define FIELD(type, member)                                                        \
    {                                                                              \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
    }

static const struct field tcb_fields[] = {
    FIELD(tcb, regs),     FIELD(tcb, state),      FIELD(tcb, queue),      FIELD(tcb, priority),
    FIELD(tcb, mcp),      FIELD(tcb, domain),     FIELD(tcb, flags),      FIELD(tcb, obstacles),
    FIELD(tcb, cpu),      FIELD(tcb, sc),         FIELD(tcb, reply),      FIELD(tcb, bound_notification),
    FIELD(tcb, yield_to), FIELD(tcb, ipc_buffer), FIELD(tcb, progress),   FIELD(tcb, waiting),
    FIELD(tcb, fault),    FIELD(tcb, ready_next), FIELD(tcb, ready_prev), FIELD(tcb, node),
    FIELD(tcb, slots),    FIELD(tcb, all_next),   FIELD(tcb, all_prev),   FIELD(tcb, name),
    FIELD(tcb, fpu),      {NULL, 0, 0},
};

static const struct field context_fields[] = {
    FIELD(sched_context, period),       FIELD(sched_context, budget),
    FIELD(sched_context, consumed),     FIELD(sched_context, badge),
    FIELD(sched_context, tcb),          FIELD(sched_context, notification),
    FIELD(sched_context, reply),        FIELD(sched_context, yield_from),
    FIELD(sched_context, refill_max),   FIELD(sched_context, refill_head),
    FIELD(sched_context, refill_count), FIELD(sched_context, cpu),
    FIELD(sched_context, sporadic),     {NULL, 0, 0},
};

static const struct field reply_fields[] = {
    FIELD(reply, tcb), FIELD(reply, sc), FIELD(reply, newer), FIELD(reply, older), {NULL, 0, 0},
};

static const struct field endpoint_fields[] = {
    FIELD(endpoint, queue.root),
    FIELD(endpoint, queue.first),
    {NULL, 0, 0},
};

static const struct field notification_fields[] = {
    FIELD(notification, queue.root),
    FIELD(notification, queue.first),
    FIELD(notification, word),
    FIELD(notification, bound_tcb),
    FIELD(notification, sc),
    FIELD(notification, active),
    {NULL, 0, 0},
};

static const struct field cpu_fields[] = {
    FIELD(cpu, current),
    FIELD(cpu, current_sc),
    FIELD(cpu, now),
    FIELD(cpu, charged_until),
    FIELD(cpu, woken),
    FIELD(cpu, due),
    FIELD(cpu, work_units),
    FIELD(cpu, resumes),
    FIELD(cpu, release),
    FIELD(cpu, exclusive),
    FIELD(cpu, known_spaces),
    FIELD(cpu, fast.receiver_low),
    FIELD(cpu, fast.receiver_high),
    FIELD(cpu, fast.caller_low),
    FIELD(cpu, fast.caller_high),
    FIELD(cpu, fast.until),
    FIELD(cpu, fast.space),
    FIELD(cpu, fpu_owner),
    FIELD(cpu, idle),
    FIELD(cpu, ready),
    {NULL, 0, 0},
};

static const struct field kernel_fields[] = {
    FIELD(kernel, domain_count),   FIELD(kernel, schedule_length),
    FIELD(kernel, schedule_start), FIELD(kernel, schedule_index),
    FIELD(kernel, current_domain), FIELD(kernel, domain_time),
    FIELD(kernel, schedule),       FIELD(kernel, tick_multiplier),
    FIELD(kernel, tick_divisor),   FIELD(kernel, min_budget),
    FIELD(kernel, max_period_us),  FIELD(kernel, wait_sequence),
    FIELD(kernel, cancels),        FIELD(kernel, asid_pools),
    FIELD(kernel, irq_state),      {NULL, 0, 0},
};

static const struct field ipc_buffer_fields[] = {
    FIELD(kaal_ipc_buffer, tag),           FIELD(kaal_ipc_buffer, msg),
    FIELD(kaal_ipc_buffer, user_data),     FIELD(kaal_ipc_buffer, caps_or_badges),
    FIELD(kaal_ipc_buffer, receive_cnode), FIELD(kaal_ipc_buffer, receive_index),
    FIELD(kaal_ipc_buffer, receive_depth), {NULL, 0, 0},
};

static const struct field slot_fields[] = {
    FIELD(slot, cap.w0), FIELD(slot, cap.w1), FIELD(slot, links.prev), FIELD(slot, links.next), {NULL, 0, 0},
};

static const struct field no_fields[] = {{NULL, 0, 0}};

static const char *const thread_names[THREADS] = {"caller", "partner", "other", "ready", "donor"};

/* ".state .queue": the fields that have bytes among the 8 at `offset`; words of large ones by number. */
static void print_fields(const struct field *field, word_t offset)
{
    for (; field->name != NULL; field++) {
        if (field->offset < offset + sizeof(word_t) && offset < field->offset + field->bytes) {
            console_printf(" .%s", field->name);
            if (field->bytes > sizeof(word_t)) {
                console_printf("[word %lu]", (offset - field->offset) / sizeof(word_t));
            }
        }
    }
}

/* Prints if the address is in [object, object + bytes), an array of `stride` byte elements; false if not. */
static bool print_in(const void *address, const void *object, word_t bytes, word_t stride, const char *what,
                     const struct field *fields)
{
    word_t offset = (word_t)address - (word_t)object;

    if (offset >= bytes) {
        return false;
    }
    console_puts(what);
    if (stride < bytes) {
        console_printf(" %lu", offset / stride);
    }
    print_fields(fields, offset % stride);
    if (fields == no_fields) {
        console_printf(" + 0x%lx", offset);
    }
    return true;
}

static bool print_thread(const void *address)
{
    for (unsigned i = 0; i < THREADS; i++) {
        if (print_in(address, world.tcb[i], sizeof(struct tcb), sizeof(struct tcb), thread_names[i],
                     tcb_fields)) {
            return true;
        }
        if (i >= BUFFERS) {
            continue;
        }
        if (print_in(address, world.small_buffer[i], sizeof(struct kaal_ipc_buffer), WORD_MAX,
                     thread_names[i], ipc_buffer_fields) ||
            print_in(address, world.large_buffer[i], sizeof(struct kaal_ipc_buffer), WORD_MAX,
                     thread_names[i], ipc_buffer_fields)) {
            console_puts(" in its IPC buffer");
            return true;
        }
    }
    return false;
}

static bool print_object(const void *address)
{
    return print_in(address, world.endpoint[0], sizeof(struct endpoint) * ENDPOINTS, sizeof(struct endpoint),
                    "endpoint", endpoint_fields) ||
           print_in(address, world.reply[0], sizeof(struct reply) * REPLIES, sizeof(struct reply), "reply",
                    reply_fields) ||
           print_in(address, world.notification[0], bit(KAAL_NOTIFICATION_BITS) * NOTIFICATIONS,
                    bit(KAAL_NOTIFICATION_BITS), "notification", notification_fields) ||
           print_in(address, world.context[0], bit(CONTEXT_BITS) * CONTEXTS, bit(CONTEXT_BITS),
                    "scheduling context", context_fields) ||
           print_in(address, world.cnode, sizeof(struct slot) << CNODE_BITS, sizeof(struct slot), "slot",
                    slot_fields) ||
           print_in(address, world.small_cnode, sizeof(struct slot) << SMALL_CNODE_BITS, sizeof(struct slot),
                    "slot of the small CNode", slot_fields) ||
           print_in(address, world.original, (word_t)&world.original_frame[BUFFERS] - (word_t)world.original,
                    sizeof(struct slot), "original slot", slot_fields);
}

void names_print(const void *address)
{
    const struct cpu *cpu = &kernel.cpus[0];

    if (print_thread(address) || print_object(address) ||
        print_in(address, &cpu->idle, sizeof(cpu->idle), sizeof(cpu->idle), "idle thread", tcb_fields) ||
        print_in(address, cpu, sizeof(*cpu), sizeof(*cpu), "cpu", cpu_fields) ||
        print_in(address, &kernel, sizeof(kernel), sizeof(kernel), "kernel", kernel_fields) ||
        print_in(address, kernel.asid_pools[0], sizeof(struct asid_pool), sizeof(struct asid_pool),
                 "ASID pool", no_fields) ||
        print_in(address, &hardware, sizeof(hardware), sizeof(hardware), "hardware layer", no_fields)) {
        return;
    }
    console_printf("word at 0x%lx", (word_t)address);
}
