/* SPDX-License-Identifier: BSD-2-Clause
 *
 * libFuzzer target: any bytes as an ELF file. The reader never leaves the bytes;
 * what it accepts is what its header promises, and can be copied into an image;
 * what it refuses it explains in one line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IMAGE_MAX_BYTES = 1 << 20 };

#define require(condition)                                                                          \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            fprintf(stderr, "fuzz_elf: %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            abort();                                                                                \
        }                                                                                           \
    } while (0)

static void check_reason(const char *reason)
{
    require(reason[0] != '\0' && strchr(reason, '\n') == NULL);
}

static void check_segment(const struct elf *elf, const struct elf_segment *segment)
{
    require(segment->memory_bytes > 0 && segment->file_bytes <= segment->memory_bytes);
    require(segment->file_bytes <= elf->size && segment->offset <= elf->size - segment->file_bytes);
    require(segment->vaddr <= UINT64_MAX - segment->memory_bytes);
    require(segment->vaddr >= elf->lowest && segment->vaddr + segment->memory_bytes <= elf->highest);
}

static bool holds(const struct elf_segment *segment, uint64_t address)
{
    return address >= segment->vaddr && address - segment->vaddr < segment->memory_bytes;
}

/* Segments are disjoint, span [lowest, highest), and one of them holds the entry point. */
static void check_program(const struct elf *elf)
{
    uint64_t lowest = UINT64_MAX;
    uint64_t highest = 0;
    bool entry_found = false;

    require(elf->segment_count > 0 && elf->segment_count <= ELF_MAX_SEGMENTS);
    for (unsigned i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segment[i];

        check_segment(elf, segment);
        lowest = segment->vaddr < lowest ? segment->vaddr : lowest;
        highest = segment->vaddr + segment->memory_bytes > highest ? segment->vaddr + segment->memory_bytes
                                                                   : highest;
        entry_found = entry_found || holds(segment, elf->entry);
        for (unsigned j = 0; j < i; j++) {
            require(!holds(segment, elf->segment[j].vaddr) && !holds(&elf->segment[j], segment->vaddr));
        }
    }
    require(lowest == elf->lowest && highest == elf->highest);
    require(entry_found && elf->entry % 4 == 0);
}

/* Exactly the file bytes of the segments arrive; the sanitizer watches the ends of the image. */
static void check_copy(const struct elf *elf)
{
    uint64_t bytes = elf->highest - elf->lowest;
    uint8_t *image;

    if (bytes > IMAGE_MAX_BYTES) {
        return;
    }
    image = malloc(bytes);
    require(image != NULL);
    memset(image, 0xa5, bytes);
    elf_copy(elf, image, elf->lowest);
    for (unsigned i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segment[i];

        require(memcmp(image + (segment->vaddr - elf->lowest), elf->bytes + segment->offset,
                       segment->file_bytes) == 0);
    }
    free(image);
}

static void check_symbols(const struct elf *elf)
{
    static const char *const names[] = {"boot_params", "_start", "", "s"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct elf_symbol symbol;
        const char *reason = elf_find_symbol(elf, names[i], &symbol);

        if (reason != NULL) {
            check_reason(reason);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct elf elf;
    /* The reader gets memory of exactly this size. */
    uint8_t *bytes = malloc(size + (size == 0));
    const char *reason;

    require(bytes != NULL);
    memcpy(bytes, data, size);
    reason = elf_open(&elf, bytes, size);
    if (reason != NULL) {
        check_reason(reason);
    } else {
        check_program(&elf);
        check_copy(&elf);
        check_symbols(&elf);
    }
    free(bytes);
    return 0;
}
