/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Saving and loading the FPU registers (core/hal.h). EL1 may always use them.
 */
        .arch_extension fp
        .arch_extension simd

        .text

/* Stores or loads V0..V31 at x0, which then points behind them. */
        .macro  each_pair operation
        .irp    pair, "q0, q1", "q2, q3", "q4, q5", "q6, q7", "q8, q9", "q10, q11", "q12, q13", "q14, q15", \
                "q16, q17", "q18, q19", "q20, q21", "q22, q23", "q24, q25", "q26, q27", "q28, q29", "q30, q31"
        \operation \pair, [x0], #32
        .endr
        .endm

        .globl  hal_fpu_save
        .type   hal_fpu_save, %function
hal_fpu_save:
        each_pair stp
        mrs     x1, fpsr
        mrs     x2, fpcr
        stp     w1, w2, [x0]
        ret
        .size   hal_fpu_save, . - hal_fpu_save

        .globl  hal_fpu_load
        .type   hal_fpu_load, %function
hal_fpu_load:
        each_pair ldp
        ldp     w1, w2, [x0]
        msr     fpsr, x1
        msr     fpcr, x2
        ret
        .size   hal_fpu_load, . - hal_fpu_load

        .section .note.GNU-stack, "", %progbits
