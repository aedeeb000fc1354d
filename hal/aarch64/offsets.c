/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Structure offsets for assembly. Compiled to assembly only; each line
 * "->NAME value" of the result becomes a #define in hal_offsets.h.
 */
#include <stddef.h>

#include <kaal/message.h>
#include <kaal/syscalls.h>

#include "core/sched/thread.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/traps/report.h"

#define DEFINE(name, value) __asm__ volatile("\n->" #name " %0" : : "i"((long)(value)))

__attribute__((used)) static void tcb_offsets(void)
{
    DEFINE(TCB_X0, offsetof(struct tcb, regs[REG_X0]));
    DEFINE(TCB_X30_SP, offsetof(struct tcb, regs[REG_X30]));
    DEFINE(TCB_NEXT_IP_SPSR, offsetof(struct tcb, regs[REG_NEXT_IP]));
    DEFINE(TCB_TPIDRRO_TPIDR, offsetof(struct tcb, regs[REG_TPIDRRO]));
    DEFINE(TCB_TPIDR, offsetof(struct tcb, regs[REG_TPIDR]));
    DEFINE(TCB_KEY, offsetof(struct tcb, node.key));
    DEFINE(TCB_HEIGHT_WORD, offsetof(struct tcb, node.height));
    DEFINE(TCB_WORD, offsetof(struct tcb, flags));
    DEFINE(TCB_PRIORITY, offsetof(struct tcb, priority));
    DEFINE(TCB_STATES, offsetof(struct tcb, cpu));
    DEFINE(TCB_STATE, offsetof(struct tcb, state));
    DEFINE(TCB_SC_REPLY, offsetof(struct tcb, sc));
    DEFINE(TCB_REPLY, offsetof(struct tcb, reply));
    DEFINE(TCB_BUFFER_ADDRESS, offsetof(struct tcb, ipc_buffer));
    DEFINE(TCB_CSPACE, offsetof(struct tcb, slots[TCB_SLOT_CSPACE].cap));
    DEFINE(TCB_VSPACE, offsetof(struct tcb, slots[TCB_SLOT_VSPACE].cap));
    DEFINE(TCB_BUFFER_FRAME, offsetof(struct tcb, slots[TCB_SLOT_IPC_BUFFER].cap));
    DEFINE(TCB_FAULT, offsetof(struct tcb, fault.type));
    DEFINE(TCB_BOUND, offsetof(struct tcb, bound_notification));
    DEFINE(TCB_WAITING_QUEUE, offsetof(struct tcb, waiting.queue));
    /* The bytes cpu, obstacles, queue and state of threads that have no obstacle but a scheduling context. */
    DEFINE(STATES_RUNNING, (long)THREAD_RUNNING << 24 | OBSTACLE_SC << 8);
    DEFINE(STATES_RECEIVING, (long)THREAD_BLOCKED_ON_RECEIVE << 24 | QUEUE_WAIT << 16);
    DEFINE(STATES_CALLING, (long)THREAD_BLOCKED_ON_REPLY << 24);
    DEFINE(STATES_OBSTACLES, 8);
    DEFINE(STATES_STATE, 24);
    DEFINE(STATE_IDLE, THREAD_IDLE);
    DEFINE(KERNEL_CPU, offsetof(struct kernel, cpus));
    DEFINE(CPU_CURRENT, offsetof(struct cpu, current));
    DEFINE(TCB_OBSTACLES, offsetof(struct tcb, obstacles));
    DEFINE(WORD_OBSTACLES, 8 * (offsetof(struct tcb, obstacles) - offsetof(struct tcb, flags)));
    DEFINE(OBSTACLE_SC, OBSTACLE_SC);
    DEFINE(OBSTACLE_FPU, OBSTACLE_FPU);
    DEFINE(FPU_SHIFT, 2);
    DEFINE(BOUNDS_SPAN, (long)mask(24));
    DEFINE(CPU_EXCLUSIVE, offsetof(struct cpu, exclusive));
    DEFINE(HARDWARE_FPU_ENABLED, offsetof(struct hardware, fpu_enabled));
    DEFINE(STATE_RECEIVING, THREAD_BLOCKED_ON_RECEIVE);
}

__attribute__((used)) static void object_offsets(void)
{
    DEFINE(CPU_RECEIVER_BOUNDS, offsetof(struct cpu, fast.receiver_low));
    DEFINE(CPU_CALLER_BOUNDS, offsetof(struct cpu, fast.caller_low));
    DEFINE(CPU_UNTIL_SPACE, offsetof(struct cpu, fast.until));
    DEFINE(CPU_SPACE_CURRENT, offsetof(struct cpu, fast.space));
    DEFINE(CPU_KNOWN_SPACES, offsetof(struct cpu, known_spaces));
    DEFINE(REPLY_TCB_SC, offsetof(struct reply, tcb));
    DEFINE(REPLY_SC_NEWER, offsetof(struct reply, sc));
    DEFINE(REPLY_OLDER, offsetof(struct reply, older));
    DEFINE(SC_TCB_REPLY, offsetof(struct sched_context, tcb));
    DEFINE(SC_REPLY, offsetof(struct sched_context, reply));
    DEFINE(QUEUE_ROOT, offsetof(struct tree, root));
    DEFINE(NOTIFICATION_WORD, offsetof(struct notification, word));
    DEFINE(NOTIFICATION_BOUND, offsetof(struct notification, bound_tcb));
    DEFINE(NOTIFICATION_ACTIVE, offsetof(struct notification, active));
    DEFINE(SLOT_BITS, KAAL_SLOT_BITS);
    DEFINE(TYPE_SHIFT, CAP_SHIFT_type);
    DEFINE(PREPARED_SHIFT, CAP_SHIFT_prepared);
    DEFINE(SIZE_SHIFT, CAP_SHIFT_size_bits);
    DEFINE(RIGHT_WRITE_SHIFT, CAP_SHIFT_rights + 0);
    DEFINE(RIGHT_READ_SHIFT, CAP_SHIFT_rights + 1);
    DEFINE(VM_RIGHTS, HAL_VM_READ_ONLY | HAL_VM_READ_WRITE);
    DEFINE(VM_WRITE_SHIFT, 1);
    /* Or-ed over the upper bits of a capability: the address of its object. */
    DEFINE(WINDOW, (long)HAL_WINDOW_BASE);
    DEFINE(FRAME_ADDRESS, (long)(mask(CAP_ADDRESS_BITS) & ~mask(KAAL_SMALL_PAGE_BITS)));
    DEFINE(WAIT_SEQUENCE_BITS, WAIT_SEQUENCE_BITS);
    DEFINE(KNOWN_SPACES_BITS, KNOWN_SPACES_BITS);
    DEFINE(SPACE_ASID_SHIFT, ARCH_SPACE_ASID_SHIFT);
    DEFINE(SYSCALL_CALL, -(long)KAAL_SYS_CALL);
    DEFINE(SYSCALL_REPLY_RECV, -(long)KAAL_SYS_REPLY_RECV);
    DEFINE(SYSCALL_SEND, -(long)KAAL_SYS_SEND);
    DEFINE(SYSCALL_NB_SEND, -(long)KAAL_SYS_NB_SEND);
    DEFINE(TYPE_ENDPOINT, KAAL_CAP_ENDPOINT);
    DEFINE(TYPE_NOTIFICATION, KAAL_CAP_NOTIFICATION);
    DEFINE(TYPE_REPLY, KAAL_CAP_REPLY);
    DEFINE(BUFFER_WORDS, offsetof(struct kaal_ipc_buffer, msg));
    DEFINE(MAX_LENGTH, KAAL_MSG_MAX_LENGTH);
    DEFINE(REGISTER_WORDS, KAAL_MSG_REGISTERS);
    DEFINE(INFO_LENGTH, (long)mask(KAAL_INFO_LENGTH_BITS));
    DEFINE(INFO_EXTRA_CAPS, (long)(mask(KAAL_INFO_EXTRA_CAPS_BITS) << KAAL_INFO_EXTRA_CAPS_SHIFT));
    /* Length, extra and unwrapped capabilities: equal to the length when there are none. */
    DEFINE(INFO_SIMPLE, (long)mask(KAAL_INFO_LABEL_SHIFT));
    DEFINE(CPU_STACKS_BYTES, sizeof(struct cpu_stacks));
    DEFINE(EARLY_IDENTITY, offsetof(struct early_tables, identity));
    DEFINE(EARLY_EMPTY, offsetof(struct early_tables, empty));
    DEFINE(FRAME_BYTES, sizeof(struct exception_frame));
    DEFINE(FRAME_X0, offsetof(struct exception_frame, x));
    DEFINE(FRAME_SP, offsetof(struct exception_frame, sp));
    DEFINE(FRAME_PC, offsetof(struct exception_frame, pc));
    DEFINE(FRAME_SPSR, offsetof(struct exception_frame, spsr));
}

/* vectors.S stores and loads these in pairs. */
_Static_assert(REG_SP == REG_X30 + 1 && REG_SPSR == REG_NEXT_IP + 1 && REG_TPIDR == REG_TPIDRRO + 1 &&
                   REG_FAULT_IP == REG_TPIDR + 1,
               "pairs");

/* What fastpath.S relies on beside the offsets. */
_Static_assert(offsetof(struct tcb, node) == 0, "a tree node is a thread");
_Static_assert(offsetof(struct tcb, flags) == offsetof(struct tcb, node.height) + 8 &&
                   offsetof(struct tcb, reply) == offsetof(struct tcb, sc) + 8 &&
                   offsetof(struct reply, sc) == offsetof(struct reply, tcb) + 8 &&
                   offsetof(struct reply, newer) == offsetof(struct reply, sc) + 8 &&
                   offsetof(struct sched_context, reply) == offsetof(struct sched_context, tcb) + 8 &&
                   offsetof(struct tree, root) == 0 && offsetof(struct tree, first) == 8 &&
                   offsetof(struct cpu, current) == offsetof(struct cpu, fast.space) + 8,
               "pairs of the fastpath");
_Static_assert(CONFIG_MAX_CPUS == 1, "there is one CPU to look at");
_Static_assert(HAL_WINDOW_BASE == WORD_MAX << CAP_ADDRESS_BITS,
               "or-ed over a capability, the window gives its object");
_Static_assert((int)CAP_ADDRESS_BITS == (int)ARCH_SPACE_ASID_SHIFT &&
                   (int)CAP_SHIFT_asid == (int)ARCH_SPACE_ASID_SHIFT,
               "cap_space() takes the address of one word of a capability and the ASID of the other");
_Static_assert(TCR_T0SZ == WORD_BITS - ARCH_ADDRESS_BITS && TCR_T1SZ >> 16 == TCR_T0SZ &&
                   ARCH_TABLE_INDEX_BITS == KAAL_PAGE_TABLE_INDEX_BITS &&
                   (1 << ARCH_TABLE_INDEX_BITS) == TABLE_ENTRIES,
               "addresses and tables of one size");
_Static_assert(KAAL_MSG_REGISTERS == 4 && REG_MSG == REG_X2, "the words of a message are in x2..x5");
_Static_assert(KAAL_RIGHT_WRITE == 1 << 0 && KAAL_RIGHT_READ == 1 << 1 && HAL_VM_READ_WRITE == 1 << 1,
               "rights");
_Static_assert(OBSTACLE_FPU == 1 << 2 && CPACR_FPEN_ON == (CPACR_FPEN_TRAP_EL0 | 1 << CPACR_FPEN_EL0_SHIFT),
               "FPU");
_Static_assert(THREAD_RUNNING == 1 && OBSTACLE_SC == 1, "STATES_RUNNING is an immediate operand");
