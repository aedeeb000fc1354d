/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug system calls (docs/spec/aarch64-boot.md 10.4). Only debug kernels have them;
 * none is subject to budget or scheduling.
 */
#include <kaal/syscalls.h>

#include "core/api/syscall.h"
#include "core/ipc/message.h"
#include "core/log.h"
#include "core/sched/thread.h"

static void dump_scheduler(void)
{
    static const char *const states[] = {"inactive",
                                         "running",
                                         "restart",
                                         "blocked on send",
                                         "blocked on receive",
                                         "blocked on reply",
                                         "blocked on notification",
                                         "idle"};

    _Static_assert(sizeof(states) / sizeof(states[0]) == THREAD_IDLE + 1, "a name for each state");
    console_puts("name                             state                    pc                 prio dom\n");
    for (const struct tcb *tcb = kernel.all_threads; tcb; tcb = tcb->all_next) {
        console_printf("%s\t%s%s\t0x%lx\t%u\t%u\n", tcb->name, states[tcb->state],
                       tcb->queue == QUEUE_RELEASE ? " (waits for budget)" : "", tcb->regs[REG_FAULT_IP],
                       tcb->priority, tcb->domain);
    }
}

static _Noreturn void halt(const struct tcb *caller, const char *why)
{
    console_printf("kaal: halted by thread '%s'%s\n", caller->name, why);
    hal_halt(why[0] != '\0');
}

static word_t cap_identify(const struct tcb *caller, word_t cptr)
{
    struct lookup_failure ignored;
    struct slot *slot = cspace_find(caller, cptr, &ignored);

    return slot ? cap_type(slot->cap) : KAAL_CAP_NULL;
}

/* The name is a string in the IPC buffer, from the first message word on. */
static void name_thread(const struct tcb *caller, word_t cptr)
{
    const struct kaal_ipc_buffer *buffer = message_buffer(caller, false);
    struct lookup_failure ignored;
    struct slot *slot = cspace_find(caller, cptr, &ignored);
    unsigned length = 0;

    if (!slot || !cap_is(slot->cap, KAAL_CAP_TCB)) {
        halt(caller, ": DebugNameThread on something that is not a TCB");
    }
    if (!buffer) {
        halt(caller, ": DebugNameThread without an IPC buffer");
    }
    const char *name = (const char *)buffer->msg;
    while (length < sizeof(buffer->msg) && name[length] != '\0') {
        length++;
    }
    if (length == sizeof(buffer->msg)) {
        halt(caller, ": DebugNameThread with a name without an end");
    }
    core_assert(name[length] == '\0');
    thread_set_name(cap_tcb(slot->cap), name);
}

bool perform_debug_syscall(struct tcb *caller, word_t number)
{
    switch ((int64_t)number) {
    case KAAL_SYS_DEBUG_PUT_CHAR: hal_console_write((char)caller->regs[REG_ARGUMENT]); return true;
    case KAAL_SYS_DEBUG_DUMP_SCHEDULER:
    case KAAL_SYS_DEBUG_SNAPSHOT: dump_scheduler(); return true;
    case KAAL_SYS_DEBUG_HALT: halt(caller, "");
    case KAAL_SYS_DEBUG_CAP_IDENTIFY:
        caller->regs[REG_ARGUMENT] = cap_identify(caller, caller->regs[REG_ARGUMENT]);
        return true;
    case KAAL_SYS_DEBUG_NAME_THREAD: name_thread(caller, caller->regs[REG_ARGUMENT]); return true;
    default: return false;
    }
}
