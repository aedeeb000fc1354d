/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libfdt as the oracle of the device-tree reader, for any bytes.
 */
#ifndef TESTS_UNIT_FDT_ORACLE_H
#define TESTS_UNIT_FDT_ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <libfdt.h>

#include "hal/board/fdt.h"

enum oracle {
    ORACLE_SILENT,  /* nothing follows for our reader */
    ORACLE_ACCEPTS, /* our reader must accept the tree, and see in it what libfdt sees */
    ORACLE_REFUSES, /* our reader must refuse the tree */
};

/*
 * Does every property end inside the tree? libfdt adds the length to an offset
 * of type int and believes the sum: a length near 2^32 leads it back to where it was,
 * for ever. So the tokens are gone through here first, with sums of 64 bits and each
 * step forward, up to the first one that libfdt refuses for certain.
 */
static inline bool oracle_properties_end(const uint8_t *bytes, size_t size)
{
    const uint64_t start = fdt_off_dt_struct(bytes);
    uint64_t at = start;

    while (at + FDT_TAGSIZE <= size) {
        const fdt32_t *token = (const fdt32_t *)(bytes + at);
        uint64_t end = at + FDT_TAGSIZE;
        const uint8_t *nul;

        switch (fdt32_ld(token)) {
        case FDT_BEGIN_NODE:
            nul = memchr(bytes + end, '\0', size - end);
            end = nul != NULL ? (uint64_t)(nul + 1 - bytes) : size;
            break;
        case FDT_PROP:
            if (end + FDT_TAGSIZE > size) {
                return true;
            }
            end = at + sizeof(struct fdt_property) + fdt32_ld(token + 1);
            if (end > size) {
                return false;
            }
            break;
        case FDT_END_NODE:
        case FDT_NOP: break;
        default: return true;
        }
        at = start + ((end - start + FDT_TAGSIZE - 1) & ~(uint64_t)(FDT_TAGSIZE - 1));
    }
    return true;
}

/* libfdt also reads trees of any depth. */
static inline bool oracle_depth_fits(const uint8_t *bytes)
{
    int deepest = 0;
    int depth = -1;

    for (int offset = fdt_next_node(bytes, -1, &depth); offset >= 0 && depth >= 0;
         offset = fdt_next_node(bytes, offset, &depth)) {
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest < DT_MAX_DEPTH;
}

/* libfdt also reads versions 2 to 15, which nobody has made since 2005. */
static inline enum oracle oracle_judge(const uint8_t *bytes, size_t size)
{
    if (size < sizeof(struct fdt_header) || fdt_magic(bytes) != FDT_MAGIC || fdt_version(bytes) < 17) {
        return ORACLE_SILENT;
    }
    if (!oracle_properties_end(bytes, size)) {
        return ORACLE_REFUSES;
    }
    return fdt_check_full(bytes, size) == 0 && oracle_depth_fits(bytes) ? ORACLE_ACCEPTS : ORACLE_SILENT;
}

#endif
