/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The fastpath: Call, ReplyRecv and Signal, when nothing stands in their way.
 *
 * Its specification is the C path (core/api/syscall.c and below): from the same
 * state both end in the same state (make fastpath). It is entered from the vector
 * with all registers saved in the TCB of the current thread, which sp points at;
 * x0..x7 are still the user's. All checks come before the first store; where one
 * fails, syscall_slow does the whole system call in C.
 *
 * What holds at every entry from user mode and is not asked again: the current
 * thread is Running, in no queue, without a fault, on the current scheduling
 * context, whose head refill is ready; nobody counts as woken, no decision is due. It
 * has no preempted operation, or cpu.fast.until is 0.
 *
 * Registers, as far as they live longer than a few lines:
 *   x8   the CPU (struct cpu)               x14  length of the message
 *   x9   the time                           x15  reply object
 *   x10  time before which nothing is due   x16  endpoint, or the notification
 *   x11  space word in TTBR0_EL1            x17  the thread to switch to
 *   x20  the scheduling context             x23  its space word
 *   x27  the current thread (sp cannot be stored)
 */
#include "hal/aarch64/registers.h"
#include "hal_offsets.h"

/* Time and CSpace root are loaded; x14: \fields of the info word. */
        .macro  load_common fields
        adr     x8, kernel + KERNEL_CPU
        mrs     x9, cntvct_el0                  /* sched_enter(); cpu.now is not kept (core/kernel.h) */
        ldp     x10, x11, [x8, #CPU_UNTIL_SPACE]
        ldp     x12, x13, [sp, #TCB_CSPACE]
        and     x14, x1, #\fields
        .endm

/* Time is over, or there are more words than registers: those go the same way, and are copied at the end. */
        .macro  long_message short
        cmp     x9, x10
        b.hs    syscall_slow
        cmp     x14, #MAX_LENGTH
        b.ls    \short
        b       syscall_slow
        .endm

/* Goes on when the thread with the given space word in x23 can be switched to; sets TTBR0_EL1 if that changes. */
        .macro  switch_space
        ldp     x22, x23, [x17, #TCB_VSPACE]
        bfxil   x23, x22, #0, #SPACE_ASID_SHIFT /* cap_space() */
        cmp     x23, x11                        /* space_activate(): active, */
        b.eq    1f
        ubfx    x24, x23, #SPACE_ASID_SHIFT, #KNOWN_SPACES_BITS
        add     x24, x8, x24, lsl #3
        ldr     x24, [x24, #CPU_KNOWN_SPACES]
        eon     x24, x24, x23                   /* or known to be registered for its ASID */
        cbnz    x24, syscall_slow
        msr     ttbr0_el1, x23                  /* eret makes it effective */
1:
        .endm

/* To user mode as x17; x0..x5 are its message. */
        .macro  return_to_user
        ldp     x9, x10, [x17, #TCB_NEXT_IP_SPSR]
        ldr     x11, [x17, #TCB_TPIDR]
        ldp     x30, x12, [x17, #TCB_X30_SP]
        msr     elr_el1, x9
        msr     spsr_el1, x10
        msr     tpidr_el0, x11
        msr     sp_el0, x12
        mov     sp, x17
        ldp     x6, x7, [x17, #TCB_X0 + 48]
        ldp     x8, x9, [x17, #TCB_X0 + 64]
        ldp     x10, x11, [x17, #TCB_X0 + 80]
        ldp     x12, x13, [x17, #TCB_X0 + 96]
        ldp     x14, x15, [x17, #TCB_X0 + 112]
        ldp     x18, x19, [x17, #TCB_X0 + 144]
        ldp     x20, x21, [x17, #TCB_X0 + 160]
        ldp     x22, x23, [x17, #TCB_X0 + 176]
        ldp     x24, x25, [x17, #TCB_X0 + 192]
        ldp     x26, x27, [x17, #TCB_X0 + 208]
        ldp     x28, x29, [x17, #TCB_X0 + 224]
        ldp     x16, x17, [x17, #TCB_X0 + 128]
        eret
        dsb     nsh                             /* nothing behind eret is to be executed speculatively */
        isb
        .endm

/*
 * Of the obstacles, the FPU is looked at apart. w9: those of the current thread, w10 without the FPU; x26: does
 * the partner own it; \word, the partner's, without it; x22: upper bound for it.
 */
        .macro  fpu_owner word
        ldrb    w9, [sp, #TCB_OBSTACLES]
        ubfx    x26, \word, #WORD_OBSTACLES + FPU_SHIFT, #1
        orr     x22, x21, #BOUNDS_SPAN
        and     w10, w9, #~OBSTACLE_FPU
        and     \word, \word, #~(1 << (WORD_OBSTACLES + FPU_SHIFT))
        .endm

/* fpu_prepare() and fast_current_changed() for the partner; the bytes to store, w28 and w29, get who owns the FPU. */
        .macro  switch_fpu
        and     w9, w9, #OBSTACLE_FPU
        orr     w29, w29, w9, lsl #STATES_OBSTACLES
        orr     w28, w28, w26, lsl #(STATES_OBSTACLES + FPU_SHIFT)
        ldr     x12, [x8, #CPU_RECEIVER_BOUNDS]
        ldr     x13, [x8, #CPU_CALLER_BOUNDS]
        cmp     w26, #0
        orr     x12, x12, #BOUNDS_SPAN
        orr     x13, x13, #BOUNDS_SPAN
        csel    x12, x12, xzr, eq
        csel    x13, x13, xzr, eq
        str     x12, [x8, #CPU_RECEIVER_BOUNDS + 8]
        str     x13, [x8, #CPU_CALLER_BOUNDS + 8]
        strb    w26, [x8, #CPU_EXCLUSIVE]
        mov     w10, #CPACR_FPEN_TRAP_EL0
        orr     w10, w10, w26, lsl #CPACR_FPEN_EL0_SHIFT
        adr     x12, hardware + HARDWARE_FPU_ENABLED
        msr     cpacr_el1, x10                  /* eret makes it effective */
        strb    w26, [x12]
        .endm

        .section .fastpath, "ax"
        .globl  fastpath_begin
fastpath_begin:

/* ---- Call: send_phase(), endpoint_send(), send_to_receiver(), await_reply(), reply_push() ---- */

        .globl  fastpath_call
        .type   fastpath_call, %function
fastpath_call:
        load_common INFO_SIMPLE
        cmp     x9, x10                         /* budget left, nothing to release, domain goes on; */
        ccmp    x14, #REGISTER_WORDS, #2, lo    /* no capabilities, no words beyond the registers */
        b.hi    call_long
call_short:
        tbz     x12, #PREPARED_SHIFT, syscall_slow      /* cspace_find(): the root is direct, */
        and     x15, x0, x13
        orr     x12, x12, #WINDOW
        add     x12, x12, x15, lsl #SLOT_BITS
        cmp     x15, x0                         /* the address is below 2^radix; */
        ldp     x16, x0, [x12]                  /* the receiver's x0 is the badge */
        lsr     x17, x16, #PREPARED_SHIFT
        ccmp    x17, #(TYPE_ENDPOINT << 1 | 1), #0, eq  /* an endpoint that may be called */
        b.ne    syscall_slow
        orr     x16, x16, #WINDOW
        ldr     x17, [x16, #QUEUE_ROOT]
        cbz     x17, syscall_slow               /* nobody waits */
        ldp     x18, x19, [x17, #TCB_HEIGHT_WORD]
        ldp     x21, x22, [x8, #CPU_RECEIVER_BOUNDS]
        cmp     x19, x21                        /* it waits to receive, with a reply object, without a scheduling */
        ccmp    x19, x22, #2, hs                /* context, is of this domain, nobody ready is more important; */
        ccmp    x18, #1, #0, ls                 /* nobody else waits */
        b.ne    call_fpu
        switch_space
        mov     w28, #STATES_RUNNING
        mov     w29, #STATES_CALLING
call_switched:
        ldr     x20, [sp, #TCB_SC_REPLY]
        ldr     x15, [x17, #TCB_REPLY]
        ldr     x26, [x20, #SC_REPLY]
        mov     x27, sp
        cbnz    x26, call_push                  /* the caller serves somebody: push_on_stack() */
call_commit:
        stp     xzr, xzr, [x16]                 /* wait_queue_leave(): the endpoint is idle */
        stp     x20, xzr, [x17, #TCB_SC_REPLY]  /* sched_context_donate(); reply_unlink() */
        stp     xzr, x15, [sp, #TCB_SC_REPLY]
        stp     x27, x20, [x15, #REPLY_TCB_SC]
        stp     x17, x15, [x20, #SC_TCB_REPLY]
        str     w28, [x17, #TCB_STATES]
        str     w29, [sp, #TCB_STATES]
        stp     x23, x17, [x8, #CPU_SPACE_CURRENT]
        cbnz    x14, words                      /* message_transfer(): x1 is right as it is */
        ldp     x2, x3, [x17, #TCB_X0 + 16]
        ldp     x4, x5, [x17, #TCB_X0 + 32]

        return_to_user

call_push:
        stp     xzr, x15, [x26, #REPLY_SC_NEWER]
        str     x26, [x15, #REPLY_OLDER]
        b       call_commit

/* The same when one of the two owns the FPU. */
call_fpu:
        fpu_owner x19
        cmp     w10, #OBSTACLE_SC
        ccmp    x19, x21, #0, eq
        ccmp    x19, x22, #2, hs
        ccmp    x18, #1, #0, ls
        b.ne    syscall_slow
        switch_space
        mov     w28, #STATES_RUNNING
        mov     w29, #STATES_CALLING
        switch_fpu
        b       call_switched

call_long:
        long_message call_short

/* ---- ReplyRecv: send_phase(), reply_send(), reply_pop(); receive_phase(), block_receiver() ---- */

        .globl  fastpath_reply_recv
        .type   fastpath_reply_recv, %function
fastpath_reply_recv:
        load_common INFO_SIMPLE
        cmp     x9, x10
        ccmp    x14, #REGISTER_WORDS, #2, lo
        b.hi    reply_recv_long
reply_recv_short:
        tbz     x12, #PREPARED_SHIFT, syscall_slow
        orr     x12, x12, #WINDOW
        and     x15, x6, x13
        and     x16, x0, x13
        cmp     x15, x6
        ccmp    x16, x0, #0, eq
        add     x15, x12, x15, lsl #SLOT_BITS
        add     x16, x12, x16, lsl #SLOT_BITS
        ldr     x15, [x15]
        ldr     x16, [x16]
        lsr     x17, x15, #TYPE_SHIFT
        lsr     x18, x16, #TYPE_SHIFT
        ccmp    x17, #TYPE_REPLY, #0, eq
        ccmp    x18, #TYPE_ENDPOINT, #0, eq     /* may_receive(), find_reply() */
        b.ne    syscall_slow
        tbz     x16, #RIGHT_READ_SHIFT, syscall_slow
        orr     x15, x15, #WINDOW
        orr     x16, x16, #WINDOW
        ldp     x17, x19, [x15, #REPLY_TCB_SC]
        ldr     x18, [x16, #QUEUE_ROOT]
        cbz     x17, syscall_slow               /* nobody called */
        cbnz    x18, syscall_slow               /* somebody sends, or waits to receive, too */
        ldr     x20, [sp, #TCB_SC_REPLY]
        ldr     x18, [x17, #TCB_WORD]
        ldp     x21, x22, [x8, #CPU_CALLER_BOUNDS]
        ldr     x24, [x17, #TCB_FAULT]
        ldr     x25, [sp, #TCB_BOUND]
        cmp     x18, x21                        /* it waits for a reply, without a scheduling context, is of this */
        ccmp    x18, x22, #2, hs                /* domain, nobody ready is more important; */
        ccmp    x19, x20, #0, ls                /* it lent the scheduling context and gets it back; */
        ccmp    x24, #0, #0, eq                 /* it did not fault */
        b.ne    reply_recv_fpu
        cbnz    x25, reply_recv_bound
reply_recv_unsignalled:
        switch_space
        mov     w28, #STATES_RUNNING
        mov     w29, #STATES_RECEIVING
reply_recv_switched:
        ldr     x26, [x15, #REPLY_OLDER]
        mov     x27, sp
        cbnz    x26, reply_recv_pop             /* the caller serves somebody */
reply_recv_commit:
        stp     x27, x27, [x16]                 /* wait_queue_join(): alone, so with sequence number 0 */
        ldrb    w9, [sp, #TCB_PRIORITY]
        mvn     w9, w9
        lsl     x9, x9, #WAIT_SEQUENCE_BITS
        str     x9, [sp, #TCB_KEY]
        str     x16, [sp, #TCB_WAITING_QUEUE]
        stp     xzr, x15, [sp, #TCB_SC_REPLY]
        stp     x27, xzr, [x15, #REPLY_TCB_SC]
        stp     x17, x26, [x20, #SC_TCB_REPLY]
        stp     x20, xzr, [x17, #TCB_SC_REPLY]
        str     w28, [x17, #TCB_STATES]
        str     w29, [sp, #TCB_STATES]
        stp     x23, x17, [x8, #CPU_SPACE_CURRENT]
        mov     x0, xzr                         /* the badge of replies */
        cbnz    x14, words
        ldp     x2, x3, [x17, #TCB_X0 + 16]
        ldp     x4, x5, [x17, #TCB_X0 + 32]
        return_to_user

/* The same when one of the two owns the FPU. */
reply_recv_fpu:
        fpu_owner x18
        cmp     w10, #OBSTACLE_SC
        ccmp    x18, x21, #0, eq
        ccmp    x18, x22, #2, hs
        ccmp    x19, x20, #0, ls
        ccmp    x24, #0, #0, eq
        b.ne    syscall_slow
        cbz     x25, 1f
        ldrb    w24, [x25, #NOTIFICATION_ACTIVE]
        cbnz    w24, syscall_slow
1:      switch_space
        mov     w28, #STATES_RUNNING
        mov     w29, #STATES_RECEIVING
        switch_fpu
        b       reply_recv_switched

/* Goes on unless the bound notification is active: then that is what is received. */
reply_recv_bound:
        ldrb    w24, [x25, #NOTIFICATION_ACTIVE]
        cbz     w24, reply_recv_unsignalled
        b       syscall_slow

reply_recv_pop:
        stp     x20, xzr, [x26, #REPLY_SC_NEWER]
        str     xzr, [x15, #REPLY_OLDER]
        b       reply_recv_commit

reply_recv_long:
        long_message reply_recv_short

/* ---- transfer_words(): x14 words, not 0, from x27 to x17. x2..x5 are those of the sender. ---- */

words:
        cmp     x14, #REGISTER_WORDS
        b.hi    copy_words
        b.eq    leave
        ldr     x5, [x17, #TCB_X0 + 40]
        cmp     x14, #3
        b.eq    leave
        ldr     x4, [x17, #TCB_X0 + 32]
        tbnz    x14, #1, leave
        ldr     x3, [x17, #TCB_X0 + 24]
leave:
        return_to_user

/* \result: message_buffer() of a thread whose buffer's frame capability is \frame. */
        .macro  buffer_address result, frame, thread
        ubfx    x18, \frame, #SIZE_SHIFT, #6
        ldr     \result, [\thread, #TCB_BUFFER_ADDRESS]
        lsl     x18, x28, x18                   /* x28: -1 */
        bic     \result, \result, x18
        and     \frame, \frame, #FRAME_ADDRESS
        orr     \result, \result, #WINDOW
        orr     \result, \result, \frame
        .endm

copy_words:
        ldr     x11, [x27, #TCB_BUFFER_FRAME]
        ldr     x12, [x17, #TCB_BUFFER_FRAME]
        tst     x11, #VM_RIGHTS                 /* the sender's can be read, the receiver's written; no frame: 0 */
        b.eq    cut_message
        tbz     x12, #VM_WRITE_SHIFT, cut_message
        mov     x28, #-1
        buffer_address x9, x11, x27
        buffer_address x10, x12, x17
        add     x9, x9, #BUFFER_WORDS + 8 * REGISTER_WORDS
        add     x10, x10, #BUFFER_WORDS + 8 * REGISTER_WORDS
        sub     x14, x14, #REGISTER_WORDS
        tbz     x14, #0, 1f
        ldr     x11, [x9], #8
        subs    x14, x14, #1
        str     x11, [x10], #8
        b.eq    leave
1:      tbz     x14, #1, 2f
        ldp     x11, x12, [x9], #16
        subs    x14, x14, #2
        stp     x11, x12, [x10], #16
        b.eq    leave
2:      ldp     x11, x12, [x9], #32
        ldp     x13, x15, [x9, #-16]
        stp     x11, x12, [x10], #32
        subs    x14, x14, #4
        stp     x13, x15, [x10, #-16]
        b.ne    2b
        b       leave

/* One of the two has no buffer: what fits the registers arrives. */
cut_message:
        and     x1, x1, #~INFO_LENGTH
        orr     x1, x1, #REGISTER_WORDS
        b       leave

/* ---- Send and NBSend on a notification: notification_signal() ---- */

        .globl  fastpath_signal
        .type   fastpath_signal, %function
fastpath_signal:
        load_common INFO_EXTRA_CAPS
        cmp     x9, x10
        ccmp    x14, #0, #2, lo
        b.hi    syscall_slow
        tbz     x12, #PREPARED_SHIFT, syscall_slow
        and     x15, x0, x13
        orr     x12, x12, #WINDOW
        add     x12, x12, x15, lsl #SLOT_BITS
        cmp     x15, x0
        ldp     x16, x17, [x12]
        lsr     x14, x16, #TYPE_SHIFT
        ccmp    x14, #TYPE_NOTIFICATION, #0, eq
        b.ne    syscall_slow
        tbz     x16, #RIGHT_WRITE_SHIFT, syscall_slow
        orr     x16, x16, #WINDOW
        ldr     x9, [x16, #QUEUE_ROOT]
        ldr     x10, [x16, #NOTIFICATION_BOUND]
        ldrb    w11, [x16, #NOTIFICATION_ACTIVE]
        cbnz    x9, signal_waiter
        cbz     x10, 1f
        cbnz    w11, 1f
        ldrb    w12, [x10, #TCB_STATE]
        cmp     w12, #STATE_RECEIVING           /* the bound thread can be woken */
        b.eq    signal_waiter
1:      ldr     x12, [x16, #NOTIFICATION_WORD]  /* 0 unless active */
        mov     w13, #1
        orr     x12, x12, x17
        strb    w13, [x16, #NOTIFICATION_ACTIVE]
        str     x12, [x16, #NOTIFICATION_WORD]
        ldp     x8, x9, [sp, #TCB_X0 + 64]
        ldp     x10, x11, [sp, #TCB_X0 + 80]
        ldp     x12, x13, [sp, #TCB_X0 + 96]
        ldp     x14, x15, [sp, #TCB_X0 + 112]
        ldp     x16, x17, [sp, #TCB_X0 + 128]
        eret
        dsb     nsh
        isb

/* Somebody waits: what has been found so far need not be found again. */
signal_waiter:
        mov     x0, x16
        mov     x1, x17
        mrs     x9, tpidr_el1
        mov     sp, x9
        mov     x29, xzr
        bl      core_signal
        b       trap_leave

        .globl  fastpath_end
fastpath_end:

        .section .note.GNU-stack, "", %progbits
