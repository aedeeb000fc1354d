/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Device trees for tests: the boards of tests/kit/dts as dtc compiled them, and
 * ways to damage them. The folder comes from the environment (KAAL_DTB_DIR).
 */
#ifndef TESTS_KIT_TREES_H
#define TESTS_KIT_TREES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "tests/kit/random.h"

static const char *const tree_names[] = {
    "virt-gic2", "virt-gic3",   "virt-secure", "virt-numa", "xlnx-versal-virt", "sbsa-ref",
    "raspi3b",   "xlnx-zcu102", "raspi4b",     "raspi5b",   "imx8mm-evk",       "rockpro64",
};

enum { TREE_COUNT = sizeof(tree_names) / sizeof(tree_names[0]) };

struct tree {
    uint8_t *bytes; /* malloc: aligned for libfdt, and the sanitizer sees accesses beyond the end */
    size_t size;
};

static inline struct tree tree_load(const char *name)
{
    const char *folder = getenv("KAAL_DTB_DIR");
    struct tree tree = {NULL, 0};
    char path[512];

    snprintf(path, sizeof(path), "%s/%s.dtb", folder != NULL ? folder : "build/dts", name);
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        fail_msg("%s: no such device tree (KAAL_DTB_DIR names the folder)", path);
    }
    fseek(file, 0, SEEK_END);
    tree.size = (size_t)ftell(file);
    rewind(file);
    tree.bytes = malloc(tree.size);
    assert_non_null(tree.bytes);
    assert_int_equal(fread(tree.bytes, 1, tree.size, file), tree.size);
    fclose(file);
    return tree;
}

static inline struct tree tree_copy(const void *bytes, size_t size)
{
    struct tree tree = {malloc(size > 0 ? size : 1), size};

    assert_non_null(tree.bytes);
    memcpy(tree.bytes, bytes, size);
    return tree;
}

/* The same tree with this much room for libfdt's edits. */
static inline struct tree tree_with_room(const char *name, size_t room)
{
    struct tree tree = tree_load(name);
    struct tree large = {malloc(tree.size + room), tree.size + room};

    assert_non_null(large.bytes);
    assert_int_equal(fdt_open_into(tree.bytes, large.bytes, (int)large.size), 0);
    free(tree.bytes);
    return large;
}

/* ---- Random numbers: a seed gives the same damage on every machine ---- */

/* From the environment (KAAL_SEED), else always the same; printed, so that a failure can be repeated. */
static inline struct random random_start(void)
{
    const char *text = getenv("KAAL_SEED");
    struct random random = {text != NULL ? strtoull(text, NULL, 0) : 20240607};

    print_message("# KAAL_SEED=%llu\n", (unsigned long long)random.state);
    return random;
}

/* ---- Damage ---- */

typedef void tree_check(const uint8_t *bytes, size_t size);

/* Every byte changed in one bit. */
static inline void check_with_each_byte_changed(const struct tree *tree, tree_check *check)
{
    struct tree damaged = tree_copy(tree->bytes, tree->size);

    for (size_t i = 0; i < tree->size; i++) {
        damaged.bytes[i] = (uint8_t)(tree->bytes[i] ^ 1u << i % 8);
        check(damaged.bytes, damaged.size);
        damaged.bytes[i] = tree->bytes[i];
    }
    free(damaged.bytes);
}

/* Cut off after each length, as it is and with a header that admits it. */
static inline void check_with_each_length(const struct tree *tree, tree_check *check)
{
    for (size_t length = 0; length < tree->size; length++) {
        struct tree damaged = tree_copy(tree->bytes, length);

        check(damaged.bytes, length);
        if (length >= sizeof(struct fdt_header)) {
            fdt_set_totalsize(damaged.bytes, (uint32_t)length);
            check(damaged.bytes, length);
        }
        free(damaged.bytes);
    }
}

/* Some bytes at random places: random, extreme, or copied from elsewhere in the tree. */
static inline void check_with_random_damage(const struct tree *tree, tree_check *check, struct random *random,
                                            unsigned rounds)
{
    static const uint8_t extremes[] = {0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff};
    struct tree damaged = tree_copy(tree->bytes, tree->size);
    uint32_t size = (uint32_t)tree->size;

    for (unsigned i = 0; i < rounds; i++) {
        memcpy(damaged.bytes, tree->bytes, tree->size);
        for (unsigned n = 1 + random_below(random, 8); n > 0; n--) {
            uint8_t *byte = &damaged.bytes[random_below(random, size)];

            switch (random_below(random, 3)) {
            case 0: *byte = (uint8_t)random_below(random, 256); break;
            case 1: *byte = extremes[random_below(random, sizeof(extremes))]; break;
            default: *byte = tree->bytes[random_below(random, size)]; break;
            }
        }
        check(damaged.bytes, damaged.size);
    }
    free(damaged.bytes);
}

/* All of the above on all boards. */
static inline void check_all_damage(tree_check *check)
{
    struct random random = random_start();

    for (unsigned i = 0; i < TREE_COUNT; i++) {
        struct tree tree = tree_load(tree_names[i]);

        check_with_each_byte_changed(&tree, check);
        check_with_each_length(&tree, check);
        check_with_random_damage(&tree, check, &random, 2000);
        free(tree.bytes);
    }
}

#endif
