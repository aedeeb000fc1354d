/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the boot loader to C at the link address (docs/spec/aarch64-boot.md 1, 2).
 * Entered with the MMU off at any page of RAM, at EL2 or EL1 (EL3: the kernel
 * gets as far as saying that this does not work); x0 is the device tree. Nothing
 * else is known: no register, no stack, not even the byte order of data.
 *
 * Kept in registers until the jump: x19 device tree, x20 level at entry.
 */
#include "hal/aarch64/layout.h"
#include "hal/aarch64/registers.h"
#include "hal_offsets.h"

/* Up to 48 bits, without memory. */
        .macro  constant register, value
        movz    \register, #((\value) & 0xffff)
        movk    \register, #((\value) >> 16 & 0xffff), lsl #16
        movk    \register, #((\value) >> 32 & 0xffff), lsl #32
        .endm

/* Goes on at \without unless the identification register has something in the field of four bits; uses x1. */
        .macro  need_feature identification, shift, without
        mrs     x1, \identification
        ubfx    x1, x1, #\shift, #4
        cbz     x1, \without
        .endm

        .section .head, "ax"

/* The Linux arm64 image header. tools/mkimage raises image_size to what root task and kernel need. */
        b       start
        .long   0
        .quad   0                               /* text_offset */
        .quad   image_bytes                     /* image_size */
        .quad   (1 << 1) | (1 << 3)             /* 4 KiB pages, anywhere */
        .quad   0, 0, 0
        .ascii  "ARM\x64"
        .long   0

start:
        msr     daifset, #15
        mov     x19, x0
        mrs     x20, CurrentEL
        lsr     x20, x20, #2
        cmp     x20, #2
        b.lo    at_el1
        b.eq    leave_el2

/* There is no firmware then, and nobody who gives interrupts to the non-secure side: boot.c refuses, politely,
 * from secure EL1, where EL2 has no say. */
        constant x0, SCR_VALUE
        msr     scr_el3, x0
        msr     cptr_el3, xzr
        constant x0, SCTLR_MMU_OFF
        msr     sctlr_el1, x0
        mov     x0, #SPSR_EL1H_MASKED
        msr     spsr_el3, x0
        adr     x0, at_el1
        msr     elr_el3, x0
        eret

leave_el2:
        constant x0, HCR_VALUE
        msr     hcr_el2, x0
        isb
        constant x0, SCTLR_EL2_MMU_OFF
        msr     sctlr_el2, x0
        mov     x0, #CPTR_EL2_SME
        msr     cptr_el2, x0
        isb
        need_feature id_aa64pfr1_el1, ID_SME, 1f
        .inst   SMSTOP
1:      mov     x0, #CPTR_EL2_VALUE
        msr     cptr_el2, x0
        msr     hstr_el2, xzr
        msr     vttbr_el2, xzr
        mov     x0, #CNTHCTL_VALUE
        msr     cnthctl_el2, x0
        msr     cntvoff_el2, xzr
        mrs     x0, midr_el1
        msr     vpidr_el2, x0
        mrs     x0, mpidr_el1
        msr     vmpidr_el2, x0

        constant x0, MDCR_EL2_VALUE
        need_feature id_aa64dfr0_el1, ID_PMU, 1f
        cmp     x1, #15                         /* not the architected one */
        b.eq    1f
        mrs     x1, pmcr_el0
        ubfx    x1, x1, #11, #5                 /* all event counters belong to EL1 and EL0 */
        orr     x0, x0, x1
1:      msr     mdcr_el2, x0

        need_feature id_aa64pfr0_el1, ID_GIC, 2f
        mov     x0, #ICC_SRE_VALUE
        msr     s3_4_c12_c9_5, x0               /* ICC_SRE_EL2 */
        isb
        mrs     x0, s3_4_c12_c9_5
        tbz     x0, #0, 2f
        msr     s3_4_c12_c11_0, xzr             /* ICH_HCR_EL2 */
2:      /* Fine-grained traps and the later controls: off. */
        need_feature id_aa64mmfr0_el1, ID_FGT, 3f
        msr     s3_4_c1_c1_4, xzr               /* HFGRTR_EL2 */
        msr     s3_4_c1_c1_5, xzr               /* HFGWTR_EL2 */
        msr     s3_4_c1_c1_6, xzr               /* HFGITR_EL2 */
        msr     s3_4_c3_c1_4, xzr               /* HDFGRTR_EL2 */
        msr     s3_4_c3_c1_5, xzr               /* HDFGWTR_EL2 */
3:      need_feature id_aa64mmfr1_el1, ID_HCX, 4f
        msr     s3_4_c1_c2_2, xzr               /* HCRX_EL2 */
4:      constant x0, SCTLR_MMU_OFF
        msr     sctlr_el1, x0
        mov     x0, #SPSR_EL1H_MASKED
        msr     spsr_el2, x0
        adr     x0, at_el1
        msr     elr_el2, x0
        isb
        eret

at_el1:
        constant x0, SCTLR_MMU_OFF
        msr     sctlr_el1, x0
        msr     spsel, #1
        isb
        cmp     x20, #1
        b.ne    3f

        /* What EL2 has not settled: no streaming mode, no extensions of TCR_EL1 and SCTLR_EL1. */
        need_feature id_aa64pfr1_el1, ID_SME, 1f
        mov     x0, #CPACR_SME
        msr     cpacr_el1, x0
        isb
        .inst   SMSTOP
1:      need_feature ID_AA64MMFR3_EL1, ID_TCR2, 2f
        msr     s3_0_c2_c0_3, xzr               /* TCR2_EL1 */
2:      need_feature ID_AA64MMFR3_EL1, ID_SCTLR2, 3f
        msr     s3_0_c1_c0_3, xzr               /* SCTLR2_EL1 */
3:
        /* Whatever caches hold of our memory must not come back over what is now written without them. */
        bl      drop_cached_image
        adrp    x0, zero_start
        add     x0, x0, :lo12:zero_start        /* 16-byte aligned, as zero_end */
        adrp    x1, zero_end
        add     x1, x1, :lo12:zero_end
1:      cmp     x0, x1
        b.hs    2f
        stp     xzr, xzr, [x0], #16
        b       1b
2:
        adrp    x0, cpu_stacks + CPU_STACKS_BYTES
        mov     sp, x0
        mov     x29, xzr
        mov     x30, xzr
        mov     x0, x19
        ldr     x1, =image_start
        bl      early_map
        mov     x21, x0                         /* bytes of the device tree */
        bl      drop_cached_image

        ldr     x0, =MAIR_VALUE
        msr     mair_el1, x0
        ldr     x0, =TCR_VALUE
        mrs     x1, id_aa64mmfr0_el1
        and     x1, x1, #15                     /* PARange */
        cmp     x1, #TCR_IPS_48_BITS
        mov     x2, #TCR_IPS_48_BITS
        csel    x1, x1, x2, lo
        orr     x0, x0, x1, lsl #TCR_IPS_SHIFT
        msr     tcr_el1, x0
        adrp    x0, early_tables
        msr     ttbr1_el1, x0
        add     x1, x0, #EARLY_IDENTITY
        msr     ttbr0_el1, x1
        add     x22, x0, #EARLY_EMPTY
        isb
        tlbi    vmalle1
        ic      iallu
        dsb     nsh
        isb

        /* PAN is set on entry from user space where the CPU has it. */
        ldr     x0, =SCTLR_VALUE
        need_feature id_aa64mmfr1_el1, ID_PAN, 3f
        bic     x0, x0, #SCTLR_SPAN
3:      adrp    x2, image_start
        ldr     x3, =at_link_address
        msr     sctlr_el1, x0
        isb
        br      x3

/* Now at the link address. x1: the CPU has PAN, x2: where the image lies, x22: the empty user space. */
at_link_address:
        msr     ttbr0_el1, x22
        isb
        tlbi    vmalle1
        dsb     nsh
        isb
        cbz     x1, 4f
        .inst   0xd500419f                      /* msr pan, #1 (Armv8.1) */
4:      ldr     x0, =cpu_stacks + CPU_STACKS_BYTES
        msr     tpidr_el1, x0
        mov     sp, x0
        ldr     x0, =exception_vectors
        msr     vbar_el1, x0
        isb
        mov     x0, x19
        mov     x1, x21
        mov     x3, x20                         /* x2 is still where the image lies */
        bl      hal_boot

/* Cleans and invalidates [image_start, image_end); uses x0 to x3. */
drop_cached_image:
        mrs     x2, ctr_el0
        ubfx    x2, x2, #16, #4                 /* DminLine: words, log2 */
        mov     x3, #4
        lsl     x3, x3, x2
        adrp    x0, image_start
        adrp    x1, image_end
5:      dc      civac, x0
        add     x0, x0, x3
        cmp     x0, x1
        b.lo    5b
        dsb     sy
        ret

        .ltorg
