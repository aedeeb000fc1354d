/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Boots the descriptions of real boards on the host: all of the kernel's own start
 * behind start.S, from the device tree to the first exit to user mode, on a
 * simulated board (machine.c) with a boot loader (loader.c).
 *
 *   read_tree [--fill] FILE...     one row a file on stdout (outcome.c):
 *
 *     FOLDER/NAME: boots: WHAT WAS FOUND
 *     FOLDER/NAME: refused: THE LINE THAT THE KERNEL SAYS
 *     FOLDER/NAME: CRASH: WHY
 *
 * --fill: where the tree leaves the size of RAM to the boot loader, 1 GiB is put
 * where the tree says that RAM is, or at 1 GiB where it says nothing; at 2 GiB where
 * the interrupt controller is in the way. Exit status: 0, or 1 after a crash, 2 for
 * wrong usage.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/aarch64/boot/boot.h"
#include "hal/aarch64/layout.h"
#include "hal/aarch64/boot/params.h"
#include "tests/boards/board.h"

enum { LIMIT_SECONDS = 20, MAX_OUTPUT = 1 << 14, ENTRY_LEVEL = 1 };

/*
 * The kernel's image: from here to tests/boards/image_end.c, with its tables in
 * between, as the linker finds the files.
 */
__asm__(
    ".section .tables, \"aw\"\n.balign 4096\n.globl image_start\nimage_start:\n.skip 0x20000\n.previous\n");
__attribute__((section(".tables"))) struct early_tables early_tables;

const struct boot_params *image_boot_params(void)
{
    static struct boot_params params = {.magic = BOOT_PARAMS_MAGIC,
                                        .version = BOOT_PARAMS_VERSION,
                                        .root_offset = KERNEL_BYTES,
                                        .root_file_bytes = ROOT_BYTES,
                                        .root_size = ROOT_BYTES,
                                        .root_vaddr = 0x400000,
                                        .root_entry = 0x400000,
#define DEFAULT(field, name, default_value, minimum, maximum, meaning) .field = (default_value),
                                        BOOT_PARAMETERS(DEFAULT)
#undef DEFAULT
    };

    return &params;
}

/* In a process of its own, which has all of this program's state fresh. */
static _Noreturn void boot(const char *path, bool fill)
{
    char *tree = image_start + BOOT_TREE_OFFSET;
    size_t bytes = loader_read_tree(path, fill, tree, BOOT_TREE_MAX_BYTES);
    struct placement place;

    alarm(LIMIT_SECONDS);
    if (bytes == 0) {
        _exit(1);
    }
    place = loader_place(tree, bytes);
    hal_boot(place.tree, bytes, place.image, ENTRY_LEVEL);
}

/* All that the process says. */
static void read_output(int output, char *text)
{
    size_t size = 0;
    ssize_t bytes;

    while (size + 1 < MAX_OUTPUT && (bytes = read(output, text + size, MAX_OUTPUT - 1 - size)) > 0) {
        size += (size_t)bytes;
    }
    text[size] = '\0';
}

/* The line that says why a process ended otherwise than it should. */
static const char *reason(char *text)
{
    static const char *const marks[] = {"error:", "ERROR:"};

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        char *line = strstr(text, marks[i]);

        if (line != NULL) {
            line[strcspn(line, "\n")] = '\0';
            return line;
        }
    }
    return text[0] != '\0' ? "more than one line" : "nothing said";
}

/* "FOLDER/NAME" of ".../FOLDER/NAME.dtb". */
static void print_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    while (slash != NULL && slash > path && slash[-1] != '/') {
        slash--;
    }
    path = slash != NULL ? slash : path;
    printf("%.*s: ", (int)(strlen(path) - (strstr(path, ".dtb") != NULL ? 4 : 0)), path);
}

/* One row; false for a crash. */
static bool read_tree(const char *path, bool fill)
{
    static char text[MAX_OUTPUT];
    int ends[2];
    int status;

    require(pipe(ends) == 0);
    fflush(stdout);
    pid_t child = fork();

    require(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        boot(path, fill);
    }
    close(ends[1]);
    read_output(ends[0], text);
    close(ends[0]);
    require(waitpid(child, &status, 0) == child);
    print_name(path);
    if (status == 0 && text[0] != '\0' && strchr(text, '\n') == text + strlen(text) - 1) {
        printf("%s", text);
        return true;
    }
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        printf("CRASH: no end after %d s\n", LIMIT_SECONDS);
    } else {
        printf("CRASH: status 0x%x, %s\n", (unsigned)status, reason(text));
    }
    return false;
}

int main(int count, char **arguments)
{
    bool fill = count > 1 && strcmp(arguments[1], "--fill") == 0;
    bool good = true;

    if (count < 2 + fill) {
        fprintf(stderr, "usage: read_tree [--fill] FILE...\n");
        return 2;
    }
    for (int i = 1 + fill; i < count; i++) {
        good = read_tree(arguments[i], fill) && good;
    }
    return !good;
}
