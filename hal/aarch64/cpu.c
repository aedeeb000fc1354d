/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel asks of a CPU and how it sets up EL0's rights.
 */
#include "hal/aarch64/boot.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

/* Fields of ID_AA64MMFR0_EL1 and ID_AA64DFR0_EL1. */
enum {
    PA_RANGE_SHIFT = 0,
    ASID_BITS_SHIFT = 4,
    ASID_BITS_16 = 2,
    PMU_VERSION_SHIFT = 8,
    PMU_NOT_ARCHITECTED = 15,
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

void cpu_set_user_access(const struct boot_params *params)
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
    write_sysreg(mdscr_el1, 0); /* no debug exceptions, no single steps */
    write_sysreg(cpacr_el1, CPACR_FPEN_TRAP_EL0);
    isb();
}
