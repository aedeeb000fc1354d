/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RAM of the simulated machine: a private mapping of an anonymous file, at a fixed
 * address.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hal/aarch64/memory/page_table.h"
#include "hal/host/machine.h"
#include "hal/host/memory.h"

word_t machine_ram_bytes;

static int mapped_file = -1;  /* what RAM is a private mapping of */
static int initial_file = -1; /* empty RAM */

static void *arena(void)
{
    return (void *)MACHINE_ARENA;
}

static bool map_at_arena(int file, int flags)
{
    void *where = mmap(arena(), machine_ram_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_NORESERVE | flags, file, 0);
    if (where != arena()) {
        if (where != MAP_FAILED) {
            munmap(where, machine_ram_bytes);
        }
        return false;
    }
    mapped_file = file;
    return true;
}

int memory_new_file(void)
{
    int file = memfd_create("machine-ram", MFD_CLOEXEC);
    if (file >= 0 && ftruncate(file, (off_t)machine_ram_bytes) != 0) {
        close(file);
        file = -1;
    }
    return file;
}

bool memory_map_file(int file)
{
    /* Of the file that is mapped already, only what has been written since must go. */
    return mapped_file == file ? madvise(arena(), machine_ram_bytes, MADV_DONTNEED) == 0
                               : map_at_arena(file, MAP_FIXED);
}

const char *machine_memory_create(word_t bytes)
{
    machine_ram_bytes = bytes;
    initial_file = memory_new_file();
    if (initial_file < 0 || !map_at_arena(initial_file, MAP_FIXED_NOREPLACE)) {
        machine_memory_destroy();
        return "machine: the host does not give memory for RAM at its fixed address";
    }
    return NULL;
}

void machine_memory_destroy(void)
{
    if (mapped_file >= 0) {
        munmap(arena(), machine_ram_bytes);
        mapped_file = -1;
    }
    if (initial_file >= 0) {
        close(initial_file);
        initial_file = -1;
    }
    machine_ram_bytes = 0;
}

/* ---- What the kernel asks for ---- */

/* Both ends must be RAM. */
static void *memory_range(paddr_t start, word_t bytes)
{
    void *first = hal_window(start);
    if (bytes > machine_ram_bytes - (start.raw - MACHINE_RAM_BASE)) {
        hal_panic("memory range reaches beyond RAM", __FILE__, __LINE__);
    }
    return first;
}

void hal_memory_clear(paddr_t start, word_t bytes)
{
    memset(memory_range(start, bytes), 0, bytes);
    host_machine.state.counters.cleared_bytes += bytes;
}

/* Nothing to wait for: the walker of this machine sees every store. */
void hal_table_barrier(void)
{
    host_machine.state.counters.table_barriers++;
}
