/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which address space is active, and the maintenance of its translations
 * (docs/spec/aarch64-vspace.md 7.1, 7.4). ASID numbers are the hardware's; the operands of TLBI have them
 * where TTBR0_EL1 has them, so that arch_space() makes both.
 */
#include "core/hal.h"

#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/memory/page_table.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"

void hal_table_barrier(void)
{
    dsb_ishst();
    isb();
}

void hal_tlb_invalidate_page(word_t asid, word_t vaddr)
{
    dsb_ishst();
    operate_on("tlbi vale1is", arch_space(vaddr >> PAGE_BITS & mask(44), asid));
    dsb_ish();
    isb();
}

void hal_tlb_invalidate_asid(word_t asid)
{
    dsb_ishst();
    operate_on("tlbi aside1is", arch_space(0, asid));
    dsb_ish();
    isb();
}

void hal_space_activate(paddr_t root, word_t asid)
{
    write_sysreg(ttbr0_el1, arch_space(root.raw, asid));
    isb();
}

void hal_space_activate_empty(void)
{
    write_sysreg(ttbr0_el1, image_paddr(&early_tables.empty).raw);
    isb();
}
