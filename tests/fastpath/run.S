/* SPDX-License-Identifier: BSD-2-Clause
 *
 * In and out of the kernel for the differential test (run.h). The driver has
 * vectors of its own: a thread that the kernel returns to comes back at once,
 * because nothing is mapped where it executes and an interrupt is pending.
 *
 * FAR_EL1 and PAR_EL1 are scratch here. TPIDR_EL1 has one value in the kernel, so
 * it may be scratch for a while, too.
 */
#include "hal/aarch64/layout.h"
#include "hal/aarch64/registers.h"
#include "tests/fastpath/live.h"

#define W(index) (8 * (index))
#define CONTEXT_SP   0  /* of the driver while the kernel runs */
#define CONTEXT_OUT  8
#define CONTEXT_TOP  16 /* the value of TPIDR_EL1 */
#define CONTEXT_GUARD 24 /* stack pointer to return to from an exception; 0: none */

        .macro  each_pair operation, base
        \operation x2, x3, [\base, #16]
        \operation x4, x5, [\base, #32]
        \operation x6, x7, [\base, #48]
        \operation x8, x9, [\base, #64]
        \operation x10, x11, [\base, #80]
        \operation x12, x13, [\base, #96]
        \operation x14, x15, [\base, #112]
        \operation x16, x17, [\base, #128]
        \operation x18, x19, [\base, #144]
        \operation x20, x21, [\base, #160]
        \operation x22, x23, [\base, #176]
        \operation x24, x25, [\base, #192]
        \operation x26, x27, [\base, #208]
        \operation x28, x29, [\base, #224]
        .endm

        .macro  callee_saved operation
        \operation x19, x20, [sp]
        \operation x21, x22, [sp, #16]
        \operation x23, x24, [sp, #32]
        \operation x25, x26, [sp, #48]
        \operation x27, x28, [sp, #64]
        \operation x29, x30, [sp, #80]
        .endm

        .macro  function name
        .globl  \name
        .type   \name, %function
\name:
        .endm

/* From the driver to the state before a vector: x0 in, x1 out. Ends with every register as the user had it. */
        .macro  become_thread
        sub     sp, sp, #96
        callee_saved stp
        ldr     x3, =context
        mov     x4, sp
        stp     x4, x1, [x3]
        mrs     x4, tpidr_el1
        str     x4, [x3, #CONTEXT_TOP]
        ldr     x3, [x0, #W(LIVE_TTBR0)]
        mrs     x4, ttbr0_el1
        cmp     x3, x4
        b.eq    1f
        msr     ttbr0_el1, x3
1:      ldr     x3, [x0, #W(LIVE_CPACR)]       /* what is right already is not written: it takes an emulator long */
        mrs     x4, cpacr_el1
        cmp     x3, x4
        b.eq    2f
        msr     cpacr_el1, x3
2:      ldr     x3, [x0, #W(LIVE_TIMER)]
        mrs     x4, cntv_cval_el0
        cmp     x3, x4
        b.eq    3f
        msr     cntv_cval_el0, x3
3:
        ldp     x3, x4, [x0, #W(LIVE_TPIDR)]
        msr     tpidr_el0, x3
        msr     tpidrro_el0, x4
        ldr     x3, [x0, #W(LIVE_SP)]
        msr     sp_el0, x3
        ldr     x3, [x0, #W(LIVE_PC)]
        ldr     x4, [x0, #W(LIVE_SPSR)]
        msr     elr_el1, x3
        msr     spsr_el1, x4
        ldr     x3, [x0, #W(LIVE_ESR)]
        ldr     x4, [x0, #W(LIVE_FAR)]
        msr     esr_el1, x3
        msr     far_el1, x4
        isb
        ldr     x3, [x0, #W(LIVE_TCB)]
        mov     sp, x3
        .endm

        .macro  load_general
        each_pair ldp, x0
        ldr     x30, [x0, #W(30)]
        ldp     x0, x1, [x0]
        .endm

        .text

function run_vector
        become_thread
        load_general
        b       exception_vectors + 0x400

function run_slow
        ldr     x5, [x0, #W(LIVE_ESR)]
        become_thread
        lsr     x4, x5, #ESR_EC_SHIFT
        cmp     x4, #ESR_EC_SVC
        b.eq    syscall_slow
        mrs     x4, tpidr_el1
        mov     sp, x4
        mov     x29, xzr
        mov     x0, x5
        bl      trap_exception
        b       trap_leave

/* cover.c keeps ELR_EL1 and SPSR_EL1 of the thread. */
function run_steps
        become_thread
        ldr     x3, =exception_vectors + 0x400
        msr     elr_el1, x3
        ldr     x3, =(1 << 21) | 0x1c5          /* one step; EL1h, all but debug exceptions masked */
        msr     spsr_el1, x3
        load_general
        eret

/* A thread has the processor. */
landing:
        msr     far_el1, x0
        ldr     x0, =context
        ldr     x0, [x0, #CONTEXT_OUT]
        each_pair stp, x0
        str     x1, [x0, #W(1)]
        mrs     x1, far_el1
        str     x1, [x0]
        str     x30, [x0, #W(30)]
        mrs     x1, sp_el0
        str     x1, [x0, #W(LIVE_SP)]
        mrs     x1, elr_el1
        mrs     x2, spsr_el1
        str     x1, [x0, #W(LIVE_PC)]
        str     x2, [x0, #W(LIVE_SPSR)]
        mrs     x1, tpidr_el0
        mrs     x2, tpidrro_el0
        stp     x1, x2, [x0, #W(LIVE_TPIDR)]
        mov     x1, sp
        str     x1, [x0, #W(LIVE_TCB)]

/* Back to the driver with what belongs to the CPU. */
leave_kernel:
        msr     daifset, #15                    /* debug exceptions are not masked after steps */
        mrs     x1, ttbr0_el1
        mrs     x2, cpacr_el1
        str     x1, [x0, #W(LIVE_TTBR0)]
        str     x2, [x0, #W(LIVE_CPACR)]
        mrs     x1, cntv_cval_el0
        str     x1, [x0, #W(LIVE_TIMER)]
        mrs     x1, tpidr_el1
        str     x1, [x0, #W(LIVE_STACK)]
        ldr     x0, =context
        ldr     x1, [x0, #CONTEXT_TOP]
        msr     tpidr_el1, x1
        ldr     x1, [x0, #CONTEXT_SP]
        mov     sp, x1
        callee_saved ldp
        add     sp, sp, #96
        ret

/* Called instead of trap_leave at the end of the start. The upper half of the stack belongs to the kernel under test. */
function driver_start
        sub     sp, sp, #STACK_BYTES / 2
        bl      driver_main

/* Called instead of core_interrupt(), by what waits for an interrupt while no thread can run. */
function __wrap_core_interrupt
        ldr     x0, =context
        ldr     x0, [x0, #CONTEXT_OUT]
        b       leave_kernel

/* An exception in the kernel: a step (cover.c), or the end. The stack pointer may be worthless. */
in_kernel:
        msr     par_el1, x0
        mov     x0, sp
        msr     tpidr_el1, x0
        ldr     x0, =trap_stack_top
        sub     x0, x0, #W(TRAP_COUNT)
        mov     sp, x0
        each_pair stp, x0
        str     x1, [x0, #W(1)]
        str     x30, [x0, #W(30)]
        mrs     x1, par_el1
        str     x1, [x0]
        mrs     x1, tpidr_el1
        str     x1, [x0, #W(TRAP_SP)]
        ldr     x2, =context
        ldr     x1, [x2, #CONTEXT_TOP]
        msr     tpidr_el1, x1
        mov     x29, xzr
        bl      driver_trap
        tbz     w0, #0, 1f
        mov     x0, sp
        ldr     x1, [x0, #W(TRAP_SP)]
        mov     sp, x1
        load_general
        eret
1:      ldr     x1, =context
        ldr     x0, [x1, #CONTEXT_GUARD]
        str     xzr, [x1, #CONTEXT_GUARD]
        mov     sp, x0
        callee_saved ldp
        add     sp, sp, #96
        mov     w0, #0
        ret

function run_guarded
        sub     sp, sp, #96
        callee_saved stp
        ldr     x3, =context
        mov     x4, sp
        str     x4, [x3, #CONTEXT_GUARD]
        mrs     x4, tpidr_el1
        str     x4, [x3, #CONTEXT_TOP]
        mov     x2, x0
        mov     x0, x1
        blr     x2
        ldr     x3, =context
        str     xzr, [x3, #CONTEXT_GUARD]
        ldp     x29, x30, [sp, #80]
        add     sp, sp, #96
        mov     w0, #1
        ret

function run_is_guarded
        ldr     x0, =context
        ldr     x0, [x0, #CONTEXT_GUARD]
        cmp     x0, #0
        cset    w0, ne
        ret

function run_take_vectors
        ldr     x0, =driver_vectors
        msr     vbar_el1, x0
        isb
        ret

/* x0 to, x1 from, x2 bytes */
function block_copy
        tbz     x2, #4, 1f
        ldp     x3, x4, [x1], #16
        stp     x3, x4, [x0], #16
1:      tbz     x2, #5, 2f
        ldp     x3, x4, [x1]
        ldp     x5, x6, [x1, #16]
        add     x1, x1, #32
        stp     x3, x4, [x0]
        stp     x5, x6, [x0, #16]
        add     x0, x0, #32
2:      lsr     x2, x2, #6
        cbz     x2, 4f
3:      ldp     x3, x4, [x1]
        ldp     x5, x6, [x1, #16]
        ldp     x7, x8, [x1, #32]
        ldp     x9, x10, [x1, #48]
        add     x1, x1, #64
        stp     x3, x4, [x0]
        stp     x5, x6, [x0, #16]
        stp     x7, x8, [x0, #32]
        stp     x9, x10, [x0, #48]
        add     x0, x0, #64
        subs    x2, x2, #1
        b.ne    3b
4:      ret

/* x0, x1: what to compare, x2 bytes; 0 when equal */
function block_differs
        mov     x9, xzr
        add     x2, x1, x2
1:      ldp     x3, x4, [x1], #16
        ldp     x5, x6, [x0], #16
        eor     x3, x3, x5
        eor     x4, x4, x6
        orr     x3, x3, x4
        orr     x9, x9, x3
        cmp     x1, x2
        b.lo    1b
        mov     x0, x9
        ret

        .ltorg

        .balign 2048
driver_vectors:
        .rept   8
        b       in_kernel
        .balign 128
        .endr
        .rept   8
        b       landing
        .balign 128
        .endr

        .section .rodata
        .balign 8
        .globl  run_labels
run_labels:
        .quad   fastpath_begin, fastpath_end, syscall_slow

        .bss
        .balign 16
context:
        .skip   32
        .skip   8192
trap_stack_top:

        .section .note.GNU-stack, "", %progbits
