/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Saving and loading the FPU registers (fpu.h). EL1 may always use them.
 */
        .arch_extension fp
        .arch_extension simd

        .text

        .macro each_pair operation
        \operation q0, q1, [x0, #0]
        \operation q2, q3, [x0, #32]
        \operation q4, q5, [x0, #64]
        \operation q6, q7, [x0, #96]
        \operation q8, q9, [x0, #128]
        \operation q10, q11, [x0, #160]
        \operation q12, q13, [x0, #192]
        \operation q14, q15, [x0, #224]
        \operation q16, q17, [x0, #256]
        \operation q18, q19, [x0, #288]
        \operation q20, q21, [x0, #320]
        \operation q22, q23, [x0, #352]
        \operation q24, q25, [x0, #384]
        \operation q26, q27, [x0, #416]
        \operation q28, q29, [x0, #448]
        \operation q30, q31, [x0, #480]
        .endm

        .globl  fpu_save
        .type   fpu_save, %function
fpu_save:
        each_pair stp
        mrs     x1, fpsr
        mrs     x2, fpcr
        add     x0, x0, #512
        stp     w1, w2, [x0]
        ret
        .size   fpu_save, . - fpu_save

        .globl  fpu_load
        .type   fpu_load, %function
fpu_load:
        each_pair ldp
        add     x0, x0, #512
        ldp     w1, w2, [x0]
        msr     fpsr, x1
        msr     fpcr, x2
        ret
        .size   fpu_load, . - fpu_load

        .section .note.GNU-stack, "", %progbits
