/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The steps of the start in C (boot.c calls them in this order; docs/spec/aarch64-boot.md 2).
 */
#ifndef HAL_AARCH64_BOOT_H
#define HAL_AARCH64_BOOT_H

#include "core/boot/boot.h"

/* What the boot loader and start.S hand over. */
struct handover {
    word_t tree;       /* physical address of the device tree, mapped at BOOT_TREE_OFFSET */
    word_t tree_bytes; /* as its header says; 0: there is none */
};

/* Entered by start.S at the link address, on the kernel stack, with the kernel's tables active. */
_Noreturn void hal_boot(word_t tree, word_t tree_bytes, word_t image, unsigned entry_level);

/*
 * Checks that image and RAM are usable, maps RAM and the kernel's devices, copies
 * the device tree behind the image; fills the memory part of *boot. NULL, or what
 * is wrong.
 */
const char *boot_memory(struct boot_machine *boot, const struct handover *handover,
                        const struct boot_params *params);

/* Maps the registers of the console, which is needed before everything else. One that cannot be reached
 * becomes none.
 */
void boot_map_console(void);

/* Refuses a CPU that lacks what the kernel relies on. NULL, or what is missing. */
const char *cpu_check(void);

/* Sets what EL0 may do on this CPU (docs/spec/aarch64-traps.md 6). */
void cpu_set_user_access(const struct boot_params *params);

/* Physical addresses are below 2^this. */
unsigned cpu_physical_address_bits(void);

/* Says what was found (debug kernels). */
void banner_print(const struct boot_machine *boot, const struct boot_params *params);

#endif
