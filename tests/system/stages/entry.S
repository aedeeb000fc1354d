/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A boot stage that leaves the machine as rudely as the boot protocol allows, then
 * starts the kernel. tests/system/run.sh loads it anywhere, and words in the next
 * page: what is to be rude, where image and device tree are, and what the virtual
 * counter is to show.
 *
 * With the highest level EL2, RUDE_COUNTER makes it enter the kernel at EL1.
 */
#define RUDE_STACK     1  /* PSTATE.SP 0 */
#define RUDE_REGISTERS 2  /* of all general registers only x0 has a meaning */
#define RUDE_CONTROL   4  /* system registers */
#define RUDE_STREAMING 8  /* SME's streaming mode and its matrix */
#define RUDE_COUNTER   16 /* the virtual counter far from 0 */
#define RUDE_LPI       32 /* an LPI of the GICv3 of QEMU's virt machine enabled, and pending */

#define WORDS 0x1000

#define DISTRIBUTOR    0x08000000
#define REDISTRIBUTOR  0x080a0000
#define LPI_PROPERTIES 0x44000000
#define LPI_PENDING    0x44100000

        .arch   armv8-a
        .text
        .globl  _start
_start: ldr     x20, _start + WORDS
        ldr     x28, _start + WORDS + 8
        ldr     x0, _start + WORDS + 16
        mrs     x21, CurrentEL
        lsr     x21, x21, #2
        tbz     x20, #5, 2f
        bl      enable_lpi
2:      tbz     x20, #4, 3f
        bl      leave_el2
3:      tbz     x20, #3, 4f
        bl      start_streaming
4:      tbz     x20, #2, 6f
        cmp     x21, #2
        b.eq    5f
        bl      spoil_el1
        b       6f
5:      bl      spoil_el2
6:      tbz     x20, #0, 7f
        msr     spsel, #0
        mov     sp, x28
7:      tbz     x20, #1, 8f
        mov     x30, x28
        mov     x1, #-1
        .irp    n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29
        mov     x\n, x1
        .endr
        br      x30
8:      mov     x1, xzr
        mov     x2, xzr
        mov     x3, xzr
        br      x28

/* Its property and pending tables: INTIDs 8192 to 8255, the first pending. */
enable_lpi:
        ldr     x1, =DISTRIBUTOR
        mov     w2, #0x12                       /* affinity routing, group 1 */
        str     w2, [x1]
        ldr     x3, =LPI_PROPERTIES
        mov     w2, #0x81                       /* priority 0x80, enabled */
        mov     x4, xzr
1:      strb    w2, [x3, x4]
        add     x4, x4, #1
        cmp     x4, #64
        b.lo    1b
        ldr     x5, =LPI_PENDING
        mov     w2, #1
        strb    w2, [x5, #1024]
        ldr     x1, =REDISTRIBUTOR
        orr     x6, x3, #0xf
        str     x6, [x1, #0x70]                 /* GICR_PROPBASER */
        str     x5, [x1, #0x78]                 /* GICR_PENDBASER */
        dsb     sy
        str     w2, [x1]                        /* GICR_CTLR.EnableLPIs */
        dsb     sy
        ret

/* Like a hypervisor: CNTVCT_EL0 = CNTPCT_EL0 + count, and nothing traps. */
leave_el2:
        ldr     x1, _start + WORDS + 24
        neg     x1, x1
        msr     cntvoff_el2, x1
        mov     x1, #3
        msr     cnthctl_el2, x1
        mov     x1, #(1 << 31)
        msr     hcr_el2, x1
        mov     x1, #0x33ff
        msr     cptr_el2, x1
        mov     x1, #0x3c5                      /* EL1h, masked */
        msr     spsr_el2, x1
        msr     elr_el2, x30
        mov     x21, #1
        isb
        eret

start_streaming:
        mrs     x1, id_aa64pfr1_el1
        ubfx    x1, x1, #24, #4
        cbz     x1, 2f
        cmp     x21, #2
        b.eq    1f
        mov     x1, #(3 << 24)
        msr     cpacr_el1, x1
        isb
        .inst   0xd503477f                      /* smstart */
        ret
1:      mov     x1, #0x23ff
        msr     cptr_el2, x1
        isb
        .inst   0xd503477f
2:      ret

/* All that EL1 has, each bit the wrong way; then data is big endian. */
spoil_el1:
        mov     x1, #-1
        .irp    register, vbar_el1, tcr_el1, mair_el1, ttbr0_el1, ttbr1_el1, cpacr_el1, cntkctl_el1, mdscr_el1, \
            contextidr_el1, tpidr_el0, tpidrro_el0, tpidr_el1, elr_el1, spsr_el1, sp_el0, esr_el1, far_el1, par_el1, \
            cntv_ctl_el0, cntp_ctl_el0
        msr     \register, x1
        .endr
        mov     x1, #1
        msr     cntv_cval_el0, xzr
        msr     cntv_ctl_el0, x1
        mrs     x2, id_aa64mmfr1_el1
        ubfx    x2, x2, #20, #4
        cbz     x2, 1f
        .inst   0xd500419f                      /* msr pan, #1 */
1:      mov     x1, #-2                         /* all but the MMU */
        msr     sctlr_el1, x1
        isb
        ret

spoil_el2:
        mov     x1, #-1
        .irp    register, vbar_el2, cptr_el2, hstr_el2, vttbr_el2, vtcr_el2, cntvoff_el2, vpidr_el2, vmpidr_el2, \
            tcr_el2, mair_el2, sctlr_el1, tcr_el1, vbar_el1, cpacr_el1, cntkctl_el1
        msr     \register, x1
        .endr
        mov     x1, #0xffe0                     /* no event counter for EL1; debug traps */
        msr     mdcr_el2, x1
        msr     cnthctl_el2, xzr
        mov     x1, #-1
        mrs     x2, id_aa64mmfr0_el1
        ubfx    x2, x2, #56, #4
        cbz     x2, 1f
        .irp    register, s3_4_c1_c1_4, s3_4_c1_c1_5, s3_4_c1_c1_6, s3_4_c3_c1_4, s3_4_c3_c1_5
        msr     \register, x1
        .endr
1:      msr     hcr_el2, x1
        isb
        mov     x1, #-2                         /* all but the MMU */
        msr     sctlr_el2, x1
        isb
        ret

        .ltorg
