/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reads proc(5): the processes of the machine, their parents, times and states.
 */
#define _GNU_SOURCE
#include "work.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 64, LINE_BYTES = 1024 };

struct process {
    long id;
    long parent;
    unsigned long long ticks;
    char state;
    bool descends; /* from this process */
};

struct list {
    struct process *processes;
    size_t count;
    size_t room;
};

/* Reads the line of a process or a thread; false when it is gone. */
static bool read_line(const char *path, char line[LINE_BYTES])
{
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        return false;
    }
    bool good = fgets(line, LINE_BYTES, file) != NULL && strstr(line, ") ") != NULL;
    fclose(file);
    return good;
}

/* The fields from the third one, the state. The second is a name and may hold anything; a parenthesis ends
 * it. */
static const char *state_of(const char *line)
{
    return strrchr(line, ')') + 2;
}

static bool read_process(struct process *process, const char *id)
{
    char path[PATH_BYTES], line[LINE_BYTES];
    unsigned long long user, kernel, waited_user, waited_kernel;

    snprintf(path, sizeof(path), "/proc/%.20s/stat", id);
    if (!read_line(path, line) ||
        sscanf(state_of(line), "%c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %llu %llu",
               &process->state, &process->parent, &user, &kernel, &waited_user, &waited_kernel) != 6) {
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
    return good;
}

static bool is_marked(const struct list *list, long id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->processes[i].id == id) {
            return list->processes[i].descends;
        }
    }
    return false;
}

/* A round for each generation. */
static void mark_descendants(struct list *list)
{
    long self = getpid();
    bool found = true;

    while (found) {
        found = false;
        for (size_t i = 0; i < list->count; i++) {
            struct process *process = &list->processes[i];

            if (!process->descends && (process->parent == self || is_marked(list, process->parent))) {
                process->descends = found = true;
            }
        }
    }
}

static bool wants_to_run(const struct process *process)
{
    char path[PATH_BYTES], line[LINE_BYTES];
    bool wants = false;

    snprintf(path, sizeof(path), "/proc/%ld/task", process->id);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && !wants && (entry = readdir(folder)) != NULL;) {
        snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/stat", process->id, entry->d_name);
        wants = read_line(path, line) && strchr("RD", state_of(line)[0]) != NULL;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return wants;
}

bool work_of_descendants(struct work *work)
{
    struct list list = {0};
    unsigned long long ticks = 0;
    bool good = read_all(&list);

    mark_descendants(&list);
    work->wanted = false;
    for (size_t i = 0; i < list.count; i++) {
        if (list.processes[i].descends) {
            ticks += list.processes[i].ticks;
            work->wanted = work->wanted || wants_to_run(&list.processes[i]);
        }
    }
    work->milliseconds = (long long)(ticks * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
    free(list.processes);
    return good;
}

/* One round; false when nothing was left to kill. */
static bool kill_those_there(void)
{
    struct list list = {0};
    bool found = false;

    read_all(&list);
    mark_descendants(&list);
    for (size_t i = 0; i < list.count; i++) {
        if (list.processes[i].descends && list.processes[i].state != 'Z') {
            kill((pid_t)list.processes[i].id, SIGKILL);
            found = true;
        }
    }
    free(list.processes);
    return found;
}

void kill_descendants(void)
{
    for (int round = 0; round < 1000 && kill_those_there(); round++) {
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        usleep(1000);
    }
}
