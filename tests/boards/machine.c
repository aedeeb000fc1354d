/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The simulated board: physical memory, system registers, the registers of the
 * interrupt controller that are asked at boot, and what else the hardware layer
 * calls where it cannot be built for the host.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "core/hal.h"
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"
#include "hal/board/mmio.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/memory/window.h"
#include "tests/boards/board.h"

void board_fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fprintf(stderr, "error: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    abort();
}

/* ---- Physical memory: a piece of the host's address space for each that is touched ---- */

enum { PIECE_BITS = 40, PIECES = 1 << (48 - PIECE_BITS) };

static char *pieces[PIECES];

void *hal_window(paddr_t address)
{
    word_t index = address.raw >> PIECE_BITS;

    if (address.raw >= WINDOW_LIMIT) {
        board_fail("the window does not show 0x%lx", address.raw);
    }
    if (pieces[index] == NULL) {
        pieces[index] = mmap(NULL, bit(PIECE_BITS), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        require(pieces[index] != MAP_FAILED);
    }
    return pieces[index] + (address.raw & mask(PIECE_BITS));
}

paddr_t hal_window_paddr(const void *pointer)
{
    for (word_t i = 0; i < PIECES; i++) {
        word_t offset = (word_t)pointer - (word_t)pieces[i];

        if (pieces[i] != NULL && offset < bit(PIECE_BITS)) {
            return paddr(i << PIECE_BITS | offset);
        }
    }
    board_fail("%p is not in the window", pointer);
}

void hal_memory_clear(paddr_t start, word_t bytes)
{
    memset(hal_window(start), 0, bytes);
}

void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes)
{
    (void)operation, (void)root, (void)asid, (void)start, (void)bytes;
}

/* ---- System registers ---- */

enum { MAX_REGISTERS = 64 };

/* A large CPU of version 8: addresses of 48 bits, ASIDs of 16; it runs as the board's first. */
static struct {
    const char *name;
    word_t value;
} registers[MAX_REGISTERS] = {{"id_aa64mmfr0_el1", 0x25}, {"cntfrq_el0", 62500000}, {"cntvct_el0", 1000}};

static word_t *find_register(const char *name)
{
    unsigned i = 0;

    while (i < MAX_REGISTERS && registers[i].name != NULL && strcmp(registers[i].name, name) != 0) {
        i++;
    }
    require(i < MAX_REGISTERS);
    registers[i].name = name;
    return &registers[i].value;
}

word_t board_read_register(const char *name)
{
    return *find_register(name);
}

void board_write_register(const char *name, word_t value)
{
    *find_register(name) = value;
}

/* ---- Device registers ---- */

enum {
    GICD_TYPER_LINES_1020 = 31,
    GICR_TYPER = 0x8,
    GICR_TYPER_LAST = 1 << 4,
};

/* Does the kernel's half map this address, and as a device's? */
static bool is_mapped_device(word_t address)
{
    const word_t *table = early_tables.root;

    for (unsigned bits = 39;; bits -= 9) {
        word_t entry = table[address >> bits & (TABLE_ENTRIES - 1)];
        word_t offset = (entry & PTE_ADDRESS) - hardware.image.raw;

        if ((entry & PTE_TYPE_MASK) != PTE_TABLE || bits == PAGE_BITS) {
            return (entry & PTE_VALID) != 0 && (entry >> PTE_ATTR_SHIFT & 7) == MAIR_DEVICE;
        }
        table = offset < (word_t)(image_end - image_start)
                    ? (const word_t *)(image_start + offset)
                    : (const word_t *)hal_window(paddr(entry & PTE_ADDRESS));
    }
}

/* Every CPU has a redistributor, which says whose it is; the first is the boot CPU's. The last one in a
 * region says that. */
static word_t redistributor_type(word_t address)
{
    const struct machine_gic *gic = &hardware.machine.gic;
    word_t stride = gic->redistributor_stride != 0 ? gic->redistributor_stride : 2 * GICR_FRAME;
    word_t cpus = 0;

    for (unsigned i = 0; i < gic->redistributor_count; i++) {
        const struct region *region = &gic->redistributor[i];
        word_t offset = address - region->start;

        if (address >= region->start && address < region->end && offset % stride == GICR_TYPER) {
            word_t cpu = cpus + offset / stride;
            bool last = region->end - address < 2 * stride || cpu + 1 == hardware.machine.cpu_count;

            return cpu << 32 | (last ? GICR_TYPER_LAST : 0);
        }
        cpus += (region->end - region->start) / stride;
    }
    return 0;
}

/* The console's status: its transmitter has room. */
static bool is_console_status(word_t address)
{
    const struct machine_console *console = &hardware.machine.console;

    return hardware.console.uart != NULL &&
           address == console->base + ((word_t)hardware.console.uart->status.offset << console->reg_shift);
}

static void *device_register(word_t base, word_t offset)
{
    const struct machine_gic *gic = &hardware.machine.gic;
    word_t address = base + offset;

    if (!is_mapped_device(address)) {
        board_fail("device register 0x%lx is not mapped as one", address);
    }
    if (address == gic->distributor.start + GICD_TYPER) {
        *(uint32_t *)hal_window(paddr(address)) = GICD_TYPER_LINES_1020;
    } else if (gic->redistributor_count > 0 && redistributor_type(address) != 0) {
        *(word_t *)hal_window(paddr(address)) = redistributor_type(address);
    } else if (is_console_status(address)) {
        memset(hal_window(paddr(address)), hardware.console.uart->status.ready != 0 ? 0xff : 0,
               hardware.machine.console.reg_width);
    }
    return hal_window(paddr(address));
}

uint32_t mmio_read32(word_t base, word_t offset)
{
    return *(volatile uint32_t *)device_register(base, offset);
}

uint16_t mmio_read16(word_t base, word_t offset)
{
    return *(volatile uint16_t *)device_register(base, offset);
}

uint8_t mmio_read8(word_t base, word_t offset)
{
    return *(volatile uint8_t *)device_register(base, offset);
}

word_t mmio_read64(word_t base, word_t offset)
{
    return *(volatile word_t *)device_register(base, offset);
}

void mmio_write32(word_t base, word_t offset, uint32_t value)
{
    *(volatile uint32_t *)device_register(base, offset) = value;
}

void mmio_write16(word_t base, word_t offset, uint16_t value)
{
    *(volatile uint16_t *)device_register(base, offset) = value;
}

void mmio_write8(word_t base, word_t offset, uint8_t value)
{
    *(volatile uint8_t *)device_register(base, offset) = value;
}

void mmio_write64(word_t base, word_t offset, word_t value)
{
    *(volatile word_t *)device_register(base, offset) = value;
}

/* ---- What a boot does not come to ---- */

_Noreturn void hal_panic(const char *message, const char *file, unsigned line)
{
    board_fail("panic: %s (%s:%u)", message, file, line);
}

void hal_fpu_save(uint8_t state[ARCH_FPU_STATE_BYTES])
{
    (void)state;
    board_fail("%s", __func__);
}

void hal_fpu_load(const uint8_t state[ARCH_FPU_STATE_BYTES])
{
    (void)state;
    board_fail("%s", __func__);
}

_Noreturn void hal_halt(bool failed)
{
    (void)failed;
    board_fail("%s", __func__);
}
