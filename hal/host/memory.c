/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RAM of the simulated machine and its snapshots.
 *
 * RAM is a private mapping of an anonymous file, at a fixed address. A snapshot is
 * such a file: taking one copies RAM into a new file and maps that; going back to
 * the mapped snapshot drops the pages written since, which costs only as much as
 * was written.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hal/host/machine.h"
#include "hal/host/threads.h"

struct machine_snapshot {
    struct machine_snapshot *next;
    int file;
    struct kernel kernel;
    struct machine_state state;
};

enum { PAGE_BYTES = 4096 };

word_t machine_ram_bytes;

static struct machine_snapshot *snapshots;
static int mapped_file = -1;  /* what RAM is a private mapping of */
static int initial_file = -1; /* empty RAM */

static void *arena(void)
{
    return (void *)MACHINE_ARENA;
}

static bool map_file(int file, int flags)
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

/* An anonymous file of the size of RAM, all zeros; -1. */
static int new_file(void)
{
    int file = memfd_create("machine-ram", MFD_CLOEXEC);
    if (file >= 0 && ftruncate(file, (off_t)machine_ram_bytes) != 0) {
        close(file);
        file = -1;
    }
    return file;
}

const char *machine_memory_create(word_t bytes)
{
    machine_ram_bytes = bytes;
    initial_file = new_file();
    if (initial_file < 0 || !map_file(initial_file, MAP_FIXED_NOREPLACE)) {
        machine_memory_destroy();
        return "machine: the host does not give memory for RAM at its fixed address";
    }
    return NULL;
}

void machine_memory_destroy(void)
{
    while (snapshots != NULL) {
        struct machine_snapshot *next = snapshots->next;
        close(snapshots->file);
        free(snapshots);
        snapshots = next;
    }
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

static bool page_is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
}

/* Writes the pages that are not zero; the others stay holes of the file. */
static bool save_ram(int file)
{
    const uint8_t *ram = arena();
    for (word_t offset = 0; offset < machine_ram_bytes; offset += PAGE_BYTES) {
        if (page_is_zero(ram + offset)) {
            continue;
        }
        if (pwrite(file, ram + offset, PAGE_BYTES, (off_t)offset) != PAGE_BYTES) {
            return false;
        }
    }
    return true;
}

struct machine_snapshot *machine_snapshot(void)
{
    if (machine_threads_exist()) {
        hal_panic("a snapshot cannot hold running user threads", __FILE__, __LINE__);
    }
    struct machine_snapshot *snapshot = malloc(sizeof(*snapshot));
    int file = new_file();
    if (snapshot == NULL || file < 0 || !save_ram(file) || !map_file(file, MAP_FIXED)) {
        free(snapshot);
        if (file >= 0) {
            close(file);
        }
        return NULL;
    }
    snapshot->file = file;
    snapshot->kernel = kernel;
    snapshot->state = host_machine.state;
    snapshot->next = snapshots;
    snapshots = snapshot;
    return snapshot;
}

void machine_restore(struct machine_snapshot *snapshot)
{
    machine_threads_discard();
    bool done = mapped_file == snapshot->file ? madvise(arena(), machine_ram_bytes, MADV_DONTNEED) == 0
                                              : map_file(snapshot->file, MAP_FIXED);
    if (!done) {
        hal_panic("the host does not map the snapshot", __FILE__, __LINE__);
    }
    kernel = snapshot->kernel;
    host_machine.state = snapshot->state;
    host_machine.console[host_machine.state.console_length] = '\0';
    host_machine.in_kernel = false;
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

/* As on the real machine, what is not mapped, or not writable for an invalidation, faults. */
void hal_cache_maintain(enum hal_cache_operation operation, paddr_t root, word_t asid, word_t start,
                        word_t bytes)
{
    (void)asid;
    for (word_t at = align_down(start, KAAL_SMALL_PAGE_BITS); at < start + bytes;
         at += bit(KAAL_SMALL_PAGE_BITS)) {
        struct hal_walk walk = hal_walk(root, at);

        if (!hal_entry_is_frame(walk.value, walk.bits_left) ||
            (operation == HAL_CACHE_INVALIDATE && !hal_entry_user_writable(walk.value))) {
            hal_panic("cache maintenance faults", __FILE__, __LINE__);
        }
    }
    host_machine.state.counters.cache_operations[operation]++;
    host_machine.state.counters.cache_bytes += bytes;
}
