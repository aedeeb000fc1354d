/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Exception vectors, entry from and return to user mode.
 *
 * While user mode runs, SP_EL1 points at the current thread's TCB, where the
 * registers are saved. TPIDR_EL1 always holds the top of this CPU's
 * kernel stack. The kernel runs with all interrupts masked. In the kernel SP_EL0
 * and TPIDR_EL0 are free (the user's are in the TCB): scratch for the report of
 * an exception in the kernel, which must not rely on the stack.
 */
#include "hal/aarch64/layout.h"
#include "hal/aarch64/registers.h"
#include "hal_offsets.h"

/* Stores or loads x2..x29 of the register array at sp + base. */
        .macro  each_pair operation, base
        \operation x2, x3, [sp, #\base + 16]
        \operation x4, x5, [sp, #\base + 32]
        \operation x6, x7, [sp, #\base + 48]
        \operation x8, x9, [sp, #\base + 64]
        \operation x10, x11, [sp, #\base + 80]
        \operation x12, x13, [sp, #\base + 96]
        \operation x14, x15, [sp, #\base + 112]
        \operation x16, x17, [sp, #\base + 128]
        \operation x18, x19, [sp, #\base + 144]
        \operation x20, x21, [sp, #\base + 160]
        \operation x22, x23, [sp, #\base + 176]
        \operation x24, x25, [sp, #\base + 192]
        \operation x26, x27, [sp, #\base + 208]
        \operation x28, x29, [sp, #\base + 224]
        .endm

/*
 * Everything of the user into the TCB. x0..x7 stay as they are, x10 is the address to return to. TPIDRRO_EL0
 * cannot have changed. As restart address the instruction before is stored, which is right for system calls.
 */
        .macro  save_user
        stp     x0, x1, [sp, #TCB_X0]
        each_pair stp, TCB_X0
        mrs     x9, sp_el0
        mrs     x10, elr_el1
        stp     x30, x9, [sp, #TCB_X30_SP]
        mrs     x11, spsr_el1
        mrs     x12, tpidr_el0
        sub     x13, x10, #4
        stp     x10, x11, [sp, #TCB_NEXT_IP_SPSR]
        stp     x12, x13, [sp, #TCB_TPIDR]
        .endm

        .macro  kernel_stack
        mrs     x9, tpidr_el1
        mov     sp, x9
        mov     x29, xzr                        /* backtraces end here */
        .endm

/* From user mode to the kernel stack. */
        .macro  enter_kernel
        save_user
        kernel_stack
        .endm

        .macro  vector
        .balign 128
        .endm

/* No exception may happen in the kernel. Its stack pointer may be worthless. */
        .macro  from_kernel kind
        vector
        msr     sp_el0, x0
        mov     x0, sp
        msr     tpidr_el0, x0
        mrs     x0, tpidr_el1
        sub     x0, x0, #EMERGENCY_STACK_DISTANCE
        mov     sp, x0
        sub     sp, sp, #FRAME_BYTES
        str     x1, [sp, #FRAME_X0 + 8]
        mov     x1, #\kind
        b       kernel_exception
        .endm

/* FIQ and SError are masked or the end; AArch32 cannot be selected by users. */
        .macro  from_user_unexpected kind
        vector
        enter_kernel
        mov     x0, #\kind
        b       report_user_exception
        .endm

        .section .vectors, "ax"
        .balign 2048
        .globl  exception_vectors
exception_vectors:
        from_kernel 0                           /* on SP_EL0, which the kernel never selects */
        from_kernel 1
        from_kernel 2
        from_kernel 3

        from_kernel 0
        from_kernel 1
        from_kernel 2
        from_kernel 3

        vector
        save_user
        mrs     x8, esr_el1
        lsr     x9, x8, #ESR_EC_SHIFT
        cmp     x9, #ESR_EC_SVC
        ccmn    x7, #SYSCALL_CALL, #0, eq
        b.eq    fastpath_call
        cmp     x9, #ESR_EC_SVC
        ccmn    x7, #SYSCALL_REPLY_RECV, #0, eq
        b.eq    fastpath_reply_recv
        b       user_synchronous
        vector
        enter_kernel
        b       user_interrupt
        from_user_unexpected 2
        from_user_unexpected 3

        from_user_unexpected 4
        from_user_unexpected 4
        from_user_unexpected 4
        from_user_unexpected 4
        .org    exception_vectors + 2048        /* fails when a vector is longer than 128 bytes */

user_synchronous:
        cmp     x9, #ESR_EC_SVC
        b.ne    1f
        cmn     x7, #SYSCALL_SEND
        ccmn    x7, #SYSCALL_NB_SEND, #4, ne
        b.eq    fastpath_signal

/* A system call whose registers have been saved; sp is still the TCB. The fastpath gives up to here. */
        .globl  syscall_slow
syscall_slow:
        kernel_stack
        bl      core_syscall
        b       trap_leave

1:      kernel_stack
        mov     x0, x8
        bl      trap_exception
        b       trap_leave

user_interrupt:
        bl      core_interrupt

/* To user mode, as the thread that the core has made current. */
        .globl  trap_leave
        .type   trap_leave, %function
trap_leave:
        adr     x0, kernel + KERNEL_CPU
        ldr     x0, [x0, #CPU_CURRENT]
        adr     x1, hardware + HARDWARE_FPU_ENABLED
        ldr     w2, [x0, #TCB_STATES]
        ldrb    w1, [x1]
        ubfx    x3, x2, #STATES_OBSTACLES + FPU_SHIFT, #1
        lsr     x2, x2, #STATES_STATE
        cmp     x1, x3                          /* the FPU is as it has to be, */
        ccmp    x2, #STATE_IDLE, #4, eq         /* and there is something to run */
        b.ne    1f
        bl      trap_next_thread
1:      mov     sp, x0
        ldp     x0, x1, [sp, #TCB_NEXT_IP_SPSR]
        msr     elr_el1, x0
        msr     spsr_el1, x1
        ldp     x0, x1, [sp, #TCB_TPIDRRO_TPIDR]
        msr     tpidrro_el0, x0
        msr     tpidr_el0, x1
        ldp     x30, x0, [sp, #TCB_X30_SP]
        msr     sp_el0, x0
        each_pair ldp, TCB_X0
        ldp     x0, x1, [sp, #TCB_X0]
        eret
        dsb     nsh                             /* nothing behind eret is to be executed speculatively */
        isb

kernel_exception:
        each_pair stp, FRAME_X0
        str     x30, [sp, #FRAME_X0 + 240]
        mrs     x2, sp_el0
        str     x2, [sp, #FRAME_X0]
        mrs     x2, tpidr_el0
        str     x2, [sp, #FRAME_SP]
        mrs     x2, elr_el1
        str     x2, [sp, #FRAME_PC]
        mrs     x2, spsr_el1
        str     x2, [sp, #FRAME_SPSR]
        mov     x0, sp
        mov     x29, xzr
        bl      report_kernel_exception

        .section .note.GNU-stack, "", %progbits
