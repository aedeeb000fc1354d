/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of read_tree share.
 */
#ifndef TESTS_BOARDS_BOARD_H
#define TESTS_BOARDS_BOARD_H

#include <stdlib.h>

#include "core/boot/boot.h"

enum {
    KERNEL_BYTES = 0x40000, /* of the image that the root task follows */
    ROOT_BYTES = 0x20000,
};

/* The tree is not at fault but the kernel, or this program: says so and aborts. */
_Noreturn __attribute__((format(printf, 1, 2))) void board_fail(const char *format, ...);

#define require(condition)                                                         \
    do {                                                                           \
        if (!(condition)) {                                                        \
            board_fail("%s:%d: %s does not hold", __FILE__, __LINE__, #condition); \
        }                                                                          \
    } while (0)

/* ---- The boot loader (loader.c) ---- */

/* Reads a tree into `limit` bytes; puts RAM in where that is asked for. Its size, or 0 with a line on stderr.
 */
size_t loader_read_tree(const char *path, bool fill, char *tree, size_t limit);

/* Where things go in physical memory. */
struct placement {
    word_t image;
    word_t tree;
};

struct placement loader_place(const char *tree, size_t bytes);

#endif
