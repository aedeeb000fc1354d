/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reader of statically linked AArch64 programs (ELF-64 object file format;
 * ELF for the Arm 64-bit architecture). It believes nothing: every offset and
 * size is checked against the bytes of the file before it is used.
 */
#ifndef TOOLS_ELF_H
#define TOOLS_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 64

/* A PT_LOAD that occupies memory. Its file bytes lie inside the file; vaddr + memory_bytes does not wrap
 * around. */
struct elf_segment {
    uint64_t offset; /* 0 when there are no file bytes */
    uint64_t vaddr;
    uint64_t file_bytes; /* at most memory_bytes */
    uint64_t memory_bytes;
};

struct elf {
    const uint8_t *bytes;
    size_t size;
    uint64_t entry; /* inside one of the segments, a multiple of 4 */
    unsigned segment_count;
    struct elf_segment segment[ELF_MAX_SEGMENTS]; /* none overlaps another */
    uint64_t lowest;                              /* address of the first byte */
    uint64_t highest;                             /* address after the last byte */
};

struct elf_symbol {
    uint64_t value;
    uint64_t size;
};

/* Checks a file and describes it. NULL on success, else the reason why it cannot be used. */
const char *elf_open(struct elf *elf, const void *bytes, size_t size);

/* Copies the file bytes of all segments to their places in an image of the addresses from `base` that holds
 * them all. */
void elf_copy(const struct elf *elf, uint8_t *image, uint64_t base);

/* Finds a symbol by name in the file's symbol table. NULL on success, else the reason why there is none. */
const char *elf_find_symbol(const struct elf *elf, const char *name, struct elf_symbol *symbol);

#endif
