/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reads proc(5): the processes of the machine, their parents and their times.
 */
#define _GNU_SOURCE
#include "work.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct process {
    long id;
    long parent;
    unsigned long long ticks;
    bool descends; /* from this process */
};

struct list {
    struct process *processes;
    size_t count;
    size_t room;
};

/* Reads one process; false when it is gone. The name in the second field may hold anything, the last
 * parenthesis ends it. */
static bool read_process(struct process *process, const char *id)
{
    char path[64], line[1024];
    unsigned long long user, kernel, waited_user, waited_kernel;

    snprintf(path, sizeof(path), "/proc/%.20s/stat", id);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    bool read = fgets(line, sizeof(line), file) != NULL;
    fclose(file);
    const char *rest = read ? strrchr(line, ')') : NULL;
    if (rest == NULL || sscanf(rest, ") %*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu",
                               &process->parent, &user, &kernel, &waited_user, &waited_kernel) != 5) {
        return false;
    }
    process->id = atol(id);
    process->ticks = user + kernel + waited_user + waited_kernel;
    process->descends = false;
    return true;
}

static bool add_process(struct list *list, const char *id)
{
    if (list->count == list->room) {
        size_t room = list->room * 2 + 256;
        struct process *grown = realloc(list->processes, room * sizeof(*grown));

        if (grown == NULL) {
            return false;
        }
        list->processes = grown;
        list->room = room;
    }
    list->count += read_process(&list->processes[list->count], id);
    return true;
}

static bool read_all(struct list *list)
{
    DIR *folder = opendir("/proc");
    bool good = folder != NULL;

    for (struct dirent *entry; good && (entry = readdir(folder)) != NULL;) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            good = add_process(list, entry->d_name);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return good && list->count > 0;
}

static bool is_parent_of(const struct list *list, long child_parent)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->processes[i].id == child_parent) {
            return list->processes[i].descends;
        }
    }
    return false;
}

/* Marks the descendants, one generation a round. */
static void mark_descendants(struct list *list)
{
    long self = getpid();
    bool found = true;

    while (found) {
        found = false;
        for (size_t i = 0; i < list->count; i++) {
            struct process *process = &list->processes[i];

            if (!process->descends && (process->parent == self || is_parent_of(list, process->parent))) {
                process->descends = true;
                found = true;
            }
        }
    }
}

long long work_of_descendants_ms(void)
{
    struct list list = {0};
    unsigned long long ticks = 0;
    bool good = read_all(&list);

    if (good) {
        mark_descendants(&list);
        for (size_t i = 0; i < list.count; i++) {
            ticks += list.processes[i].descends ? list.processes[i].ticks : 0;
        }
    }
    free(list.processes);
    return good ? (long long)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK)) : -1;
}
