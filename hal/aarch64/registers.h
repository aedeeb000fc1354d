/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System register fields and the values that the kernel gives them
 * (Arm ARM chapter D; docs/spec/aarch64-vspace.md 8.1). For C and assembly.
 */
#ifndef HAL_AARCH64_REGISTERS_H
#define HAL_AARCH64_REGISTERS_H

/* ---- Translation ---- */

/* MAIR_EL1: attribute 0 Device-nGnRnE, 1 Device-nGnRE, 2 Device-GRE, 3 Normal non-cacheable,
 * 4 Normal write-back, 5 Normal write-through. */
#define MAIR_VALUE  0x0000aaff440c0400
#define MAIR_DEVICE 0
#define MAIR_NORMAL 4

/*
 * TCR_EL1 without IPS: 48-bit halves (T0SZ, T1SZ 16), 4 KiB granules (TG0 0b00, TG1 0b10), walks write-back
 * cacheable and inner shareable, ASID 16 bits from TTBR0, no tags.
 */
#define TCR_T0SZ        16
#define TCR_T1SZ        (16 << 16)
#define TCR_WALK_0      ((1 << 8) | (1 << 10) | (3 << 12))
#define TCR_WALK_1      ((1 << 24) | (1 << 26) | (3 << 28))
#define TCR_TG1_4K      (2 << 30)
#define TCR_AS_16       (1 << 36)
#define TCR_VALUE       (TCR_T0SZ | TCR_T1SZ | TCR_WALK_0 | TCR_WALK_1 | TCR_TG1_4K | TCR_AS_16)
#define TCR_IPS_SHIFT   32
#define TCR_IPS_48_BITS 5

/* Descriptors, stage 1 (docs/spec/aarch64-vspace.md 8.2). */
#define PTE_VALID        0x001
#define PTE_TABLE        0x003
#define PTE_BLOCK        0x001
#define PTE_PAGE         0x003
#define PTE_TYPE_MASK    0x003
#define PTE_ATTR_SHIFT   2
#define PTE_AP_EL0       0x040 /* AP[1]: accessible at EL0 */
#define PTE_AP_READ_ONLY 0x080 /* AP[2] */
#define PTE_AP_MASK      0x0c0
#define PTE_SH_INNER     0x300
#define PTE_AF           0x400
#define PTE_NG           0x800
#define PTE_ADDRESS      0x0000fffffffff000
#define PTE_PXN          0x0020000000000000
#define PTE_UXN          0x0040000000000000

/* ---- Control of EL1 and EL0 ---- */

/* SCTLR_EL1 bits that are one in cores without the feature that defines them: LSMAOE, nTLSMD, SPAN, EIS,
 * TSCXT, EOS. Set SPAN means: PAN is left alone on exception entry. */
#define SCTLR_RES1    0x30d00800
#define SCTLR_SPAN    (1 << 23)
#define SCTLR_M       (1 << 0)
#define SCTLR_C       (1 << 2)
#define SCTLR_SA      (1 << 3) /* stack pointer alignment checked at EL1 */
#define SCTLR_ITD     (1 << 7)
#define SCTLR_SED     (1 << 8)
#define SCTLR_I       (1 << 12)
#define SCTLR_UCT     (1 << 15) /* EL0 reads CTR_EL0 */
#define SCTLR_NTWI    (1 << 16) /* WFI, WFE at EL0 run natively */
#define SCTLR_NTWE    (1 << 18)
#define SCTLR_UCI     (1 << 26) /* EL0 maintains caches by address */
#define SCTLR_MMU_OFF SCTLR_RES1
#define SCTLR_VALUE                                                                                         \
    (SCTLR_RES1 | SCTLR_M | SCTLR_C | SCTLR_SA | SCTLR_ITD | SCTLR_SED | SCTLR_I | SCTLR_UCT | SCTLR_NTWI | \
     SCTLR_NTWE | SCTLR_UCI)

/* Registers that the implementation adds are not for EL0; where ID_AA64MMFR1_EL1 has the bit. */
#define SCTLR_TIDCP (1ull << 63)

#define MDSCR_TDCC (1 << 12) /* EL0 has no access to the debug communications channel */

#define CPACR_FPEN_TRAP_EL0  (1 << 20)
#define CPACR_FPEN_ON        (3 << 20)
#define CPACR_FPEN_EL0_SHIFT 21
#define CPACR_SME            (3 << 24)

#define CNTKCTL_EL0PCTEN (1 << 0)
#define CNTKCTL_EL0PTEN  (1 << 9)

/* ESR_EL1 exception classes (docs/spec/aarch64-traps.md 1.1). */
#define ESR_EC_SHIFT       26
#define ESR_EC_FP          0x07
#define ESR_EC_SVC         0x15
#define ESR_EC_FETCH_LOWER 0x20
#define ESR_EC_DATA_LOWER  0x24
#define ESR_EC_DATA_SAME   0x25

/* ---- Features that start.S asks for: the fields' lowest bits ---- */

#define ID_GIC    24 /* ID_AA64PFR0_EL1 */
#define ID_SME    24 /* ID_AA64PFR1_EL1 */
#define ID_PMU    8  /* ID_AA64DFR0_EL1 */
#define ID_FGT    56 /* ID_AA64MMFR0_EL1 */
#define ID_PAN    20 /* ID_AA64MMFR1_EL1 */
#define ID_HCX    40
#define ID_TCR2   0 /* ID_AA64MMFR3_EL1 */
#define ID_SCTLR2 4

#define ID_AA64MMFR3_EL1 s3_0_c0_c7_3 /* the assembler has no name for it */
#define SMSTOP           0xd503467f   /* leave streaming mode, turn ZA off (Armv9.2) */

/* ---- Control of EL2 and EL3 (start.S) ---- */

/* Bits that are one without further features; MMU and caches off, little endian. */
#define SCTLR_EL2_MMU_OFF 0x30c50830

/* HCR_EL2: EL1 is AArch64; pointer authentication is not trapped (bits 40, 41). */
#define HCR_VALUE ((1 << 31) | (3 << 40))
/* SVE and SME go to EL2 (one where they are missing, too): EL1 itself keeps EL0 from using them (CPACR_EL1),
 * and that trap comes first. */
#define CPTR_EL2_VALUE 0x33ff
#define CPTR_EL2_SME   0x23ff /* the same without the trap of SME */
/* Buffers of profiling and trace belong to EL1 (zero without the features; HPMN is added). */
#define MDCR_EL2_VALUE ((3 << 12) | (3 << 24))
#define CNTHCTL_VALUE  3   /* EL1 uses the physical counter and timer */
#define ICC_SRE_VALUE  0xf /* SRE, DFB, DIB, Enable */
/* SCR_EL3: secure, SMC undefined (no firmware would answer), EL1 is AArch64, no traps of pointer
 * authentication. */
#define SCR_VALUE        ((3 << 4) | (1 << 7) | (1 << 10) | (3 << 16))
#define SPSR_EL1H_MASKED 0x3c5

#endif
