/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel asks of a CPU and how it sets up EL0's rights.
 */
#include "hal/aarch64/boot/boot.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

/* Registers that not every assembler has a name for. */
#define amuserenr_el0 s3_3_c13_c2_3
#define pmscr_el1     s3_0_c9_c9_0
#define pmblimitr_el1 s3_0_c9_c10_0
#define pmbidr_el1    s3_0_c9_c10_7
#define trblimitr_el1 s3_0_c9_c11_0
#define trbidr_el1    s3_0_c9_c11_7

/* A name that is a macro must be expanded first. */
#define read_named(name)         read_sysreg(name)
#define write_named(name, value) write_sysreg(name, value)

enum {
    /* ID_AA64MMFR0_EL1, ID_AA64MMFR1_EL1 */
    PA_RANGE_SHIFT = 0,
    ASID_BITS_SHIFT = 4,
    ASID_BITS_16 = 2,
    TRAPS_IMPLEMENTATION_DEFINED_SHIFT = 52,

    /* ID_AA64DFR0_EL1 */
    PMU_VERSION_SHIFT = 8,
    PMU_NOT_ARCHITECTED = 15,
    PROFILING_SHIFT = 32,
    TRACE_BUFFER_SHIFT = 44,

    /* ID_AA64PFR0_EL1 */
    ACTIVITY_MONITORS_SHIFT = 44,

    /* PMBIDR_EL1, TRBIDR_EL1: the buffer belongs to a higher exception level. */
    BUFFER_NOT_OURS = 1 << 4,
};

const char *cpu_check(void)
{
    if (register_field(read_sysreg(id_aa64mmfr0_el1), ASID_BITS_SHIFT) != ASID_BITS_16) {
        return "the CPU lacks 16-bit ASIDs";
    }
    if (hardware.entry_level > 2) {
        return "entered at EL3 without firmware; the boot loader must start the kernel at EL2 or EL1";
    }
    return NULL;
}

unsigned cpu_physical_address_bits(void)
{
    static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
    unsigned range = register_field(read_sysreg(id_aa64mmfr0_el1), PA_RANGE_SHIFT);

    return bits[range < sizeof(bits) ? range : sizeof(bits) - 1];
}

/* Registers of performance: what user mode may read, and what of it counts. */
static void set_counter_access(const struct boot_params *params)
{
    unsigned pmu = register_field(read_sysreg(id_aa64dfr0_el1), PMU_VERSION_SHIFT);
    word_t timers = 0;

    if (params->user_counters != 0) {
        timers |= CNTKCTL_EL0PCTEN;
    }
    if (params->user_timer != 0) {
        timers |= CNTKCTL_EL0PTEN;
    }
    write_sysreg(cntkctl_el1, timers);
    if (pmu != 0 && pmu != PMU_NOT_ARCHITECTED) {
        write_sysreg(pmuserenr_el0, params->user_pmu);
        write_sysreg(pmccfiltr_el0, 0); /* cycles count at every level (docs/spec/aarch64-boot.md 15) */
    }
    if (register_field(read_sysreg(id_aa64pfr0_el1), ACTIVITY_MONITORS_SHIFT) != 0) {
        write_named(amuserenr_el0, 0); /* they count cycles, too */
    }
}

/* What a debugger or firmware may have started would write into memory that has new owners now. */
static void stop_profiling(void)
{
    word_t features = read_sysreg(id_aa64dfr0_el1);

    if (register_field(features, PROFILING_SHIFT) != 0 && (read_named(pmbidr_el1) & BUFFER_NOT_OURS) == 0) {
        write_named(pmscr_el1, 0);
        isb();
        barrier_instruction("hint #17"); /* PSB CSYNC: what is under way is complete */
        dsb_sy();
        write_named(pmblimitr_el1, 0);
    }
    if (register_field(features, TRACE_BUFFER_SHIFT) != 0 &&
        (read_named(trbidr_el1) & BUFFER_NOT_OURS) == 0) {
        write_named(trblimitr_el1, 0);
        isb();
        barrier_instruction("hint #18"); /* TSB CSYNC */
        dsb_sy();
    }
}

void cpu_set_user_access(const struct boot_params *params)
{
    set_counter_access(params);
    stop_profiling();
    if (register_field(read_sysreg(id_aa64mmfr1_el1), TRAPS_IMPLEMENTATION_DEFINED_SHIFT) != 0) {
        word_t control = read_sysreg(sctlr_el1);

        write_sysreg(sctlr_el1, control | SCTLR_TIDCP);
    }
    /* No debug exceptions, no single steps, and the registers of the debugger's channel are not for programs.
     */
    write_sysreg(mdscr_el1, MDSCR_TDCC);
    write_sysreg(cpacr_el1, CPACR_FPEN_TRAP_EL0);
    isb();
}
