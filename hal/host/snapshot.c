/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Snapshots of the simulated machine. Each is an anonymous file that RAM is a
 * private mapping of: taking one copies RAM into a new file and maps that; going
 * back to the mapped snapshot drops the pages written since, which costs only as
 * much as was written.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hal/host/machine.h"
#include "hal/host/memory.h"
#include "hal/host/threads.h"

struct machine_snapshot {
    struct machine_snapshot *next;
    int file;
    struct kernel kernel;
    struct machine_state state;
};

enum { PAGE_BYTES = 4096 };

static struct machine_snapshot *snapshots;

static bool page_is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
}

/* Writes the pages that are not zero; the others stay holes of the file. */
static bool save_ram(int file)
{
    const uint8_t *ram = (const uint8_t *)MACHINE_ARENA;
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
    int file = memory_new_file();
    if (snapshot == NULL || file < 0 || !save_ram(file) || !memory_map_file(file)) {
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
    if (!memory_map_file(snapshot->file)) {
        hal_panic("the host does not map the snapshot", __FILE__, __LINE__);
    }
    kernel = snapshot->kernel;
    host_machine.state = snapshot->state;
    host_machine.console[host_machine.state.console_length] = '\0';
    host_machine.in_kernel = false;
}

void machine_snapshots_drop(void)
{
    while (snapshots != NULL) {
        struct machine_snapshot *next = snapshots->next;
        close(snapshots->file);
        free(snapshots);
        snapshots = next;
    }
}
