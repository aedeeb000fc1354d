/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of a boot on the host: whether what the kernel made of the board is
 * sane, and the row that says it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <kaal/kaal.h>

#include "core/hal.h"
#include "hal/aarch64/boot/boot.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/traps/report.h"
#include "hal/aarch64/traps/traps.h"
#include "tests/boards/board.h"

enum { MAX_CONSOLE_BYTES = 1 << 16 };

/* ---- What the linker puts in the way (--wrap in the Makefile) ---- */

void __wrap_hal_console_write(char character);
void __real_hal_console_write(char character);
const char *__wrap_core_boot(const struct boot_machine *machine, const struct boot_params *params);
const char *__real_core_boot(const struct boot_machine *machine, const struct boot_params *params);

static char console[MAX_CONSOLE_BYTES];
static size_t console_bytes;

void __wrap_hal_console_write(char character)
{
    require(console_bytes + 1 < sizeof(console));
    console[console_bytes++] = character;
}

static struct boot_machine boot;

const char *__wrap_core_boot(const struct boot_machine *machine, const struct boot_params *params)
{
    boot = *machine;
    return __real_core_boot(machine, params);
}

/* ---- What makes a board sane ---- */

static void check_list(const struct region_list *list)
{
    for (unsigned i = 0; i < list->count; i++) {
        require(list->region[i].start < list->region[i].end);
        require(i == 0 || list->region[i - 1].end < list->region[i].start);
    }
}

static void check_machine(const struct machine *machine)
{
    const struct machine_gic *gic = &machine->gic;

    check_list(&machine->ram);
    check_list(&machine->reserved);
    require(machine->ram.count > 0 && is_aligned(machine->ram.region[0].start, KAAL_SMALL_PAGE_BITS));
    require(gic->version == 2 || gic->version == 3);
    require(gic->distributor.start < gic->distributor.end);
    require(gic->version == 3 || gic->cpu_interface.start < gic->cpu_interface.end);
    require(gic->version == 2 || gic->redistributor_count > 0);
    require(machine->timer_irq >= 16 && machine->timer_irq < 32);
    require(machine->cpu_count > 0);
    require((machine->console.kind == CONSOLE_NONE) == (hardware.console.uart == NULL));
    require((machine->console_missing != NULL) == (hardware.console.uart == NULL));
}

/* A character goes out: the registers that this takes are mapped (machine.c). */
static void check_console(void)
{
    __real_hal_console_write('\n');
    require(!hardware.console.stalled);
}

static bool overlaps(const struct region_list *list, struct region region)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->region[i].start < region.end && region.start < list->region[i].end) {
            return true;
        }
    }
    return false;
}

/* Nothing of the kernel's and nothing reserved is in the untypeds. */
static void check_untyped(const struct kaal_untyped_descriptor *untyped)
{
    struct region region = {untyped->paddr, untyped->paddr + bit(untyped->size_bits)};

    require(is_aligned(untyped->paddr, untyped->size_bits));
    require(!overlaps(&boot.kernel_ram, region) && !overlaps(&hardware.machine.reserved, region));
    require(!overlaps(&boot.kernel_devices, region));
    require(untyped->is_device ? !overlaps(&boot.ram, region) : overlaps(&boot.ram, region));
}

static const struct kaal_bootinfo *find_bootinfo(void)
{
    const struct tcb *root = kernel.cpus[0].current;
    struct hal_walk walk =
        hal_walk(paddr(arch_space_root(kernel.cpus[0].fast.space)), root->regs[REG_ARGUMENT]);

    return hal_window(hal_entry_address(walk.value));
}

/* ---- The row ---- */

static word_t mebibytes(const struct region_list *list)
{
    word_t bytes = 0;

    for (unsigned i = 0; i < list->count; i++) {
        bytes += list->region[i].end - list->region[i].start;
    }
    return bytes >> 20;
}

static void print_machine(const struct machine *machine)
{
    printf("boots: RAM %lu MiB in %u", mebibytes(&boot.ram), boot.ram.count);
    if (machine->reserved.count > 0) {
        printf(" (%u reserved)", machine->reserved.count);
    }
    printf(", GICv%u 0x%lx, timer %u, ", machine->gic.version, machine->gic.distributor.start,
           machine->timer_irq);
    if (hardware.console.uart != NULL) {
        printf("%s 0x%lx", hardware.console.uart->name, machine->console.base);
    } else {
        printf("no console (%s)", machine->console_missing);
    }
    printf(", %u CPU%s", machine->cpu_count, machine->cpu_count == 1 ? "" : "s");
}

static void print_untypeds(const struct kaal_bootinfo *info)
{
    word_t count = info->untyped.end - info->untyped.start;
    word_t devices = 0;
    word_t bytes = 0;

    for (word_t i = 0; i < count; i++) {
        const struct kaal_untyped_descriptor *untyped = &info->untyped_list[i];

        check_untyped(untyped);
        devices += untyped->is_device;
        bytes += untyped->is_device ? 0 : bit(untyped->size_bits);
    }
    require(devices < count);
    printf(", untypeds: %lu of devices, %lu of RAM with %lu MiB", devices, count - devices, bytes >> 20);
}

/* What the kernel says beside the banner. */
static void print_notices(void)
{
    for (char *line = strtok(console, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strncmp(line, "kaal: ", 6) == 0) {
            printf("; says: %s", line + 6);
        }
    }
}

static _Noreturn void end(void)
{
    printf("\n");
    fflush(stdout);
    _exit(0);
}

/* The first exit to user mode. */
_Noreturn void trap_leave(void)
{
    check_machine(&hardware.machine);
    check_console();
    check_list(&boot.ram);
    check_list(&boot.kernel_ram);
    check_list(&boot.kernel_devices);
    print_machine(&hardware.machine);
    print_untypeds(find_bootinfo());
    print_notices();
    end();
}

_Noreturn void report_boot_failure(const char *reason, const char *node, word_t offset)
{
    require(reason[0] != '\0' && strchr(reason, '\n') == NULL);
    printf("refused: %s", reason);
    if (node[0] != '\0') {
        printf(" (node %s)", node);
    }
    if (offset != 0) {
        printf(" (at offset 0x%lx)", offset);
    }
    end();
}
