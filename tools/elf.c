/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The reader of AArch64 programs.
 */
#include "tools/elf.h"

#include <string.h>

enum {
    HEADER_BYTES = 64,
    SEGMENT_BYTES = 56, /* program header */
    SECTION_BYTES = 64, /* section header */
    SYMBOL_BYTES = 24,

    CLASS_64 = 2,
    DATA_LITTLE_ENDIAN = 1,
    VERSION_CURRENT = 1,
    TYPE_EXECUTABLE = 2,
    TYPE_SHARED = 3,
    MACHINE_AARCH64 = 183,

    SEGMENT_LOAD = 1,
    SEGMENT_INTERPRETER = 3,
    SEGMENT_COUNT_ELSEWHERE = 0xffff,

    SECTION_SYMBOL_TABLE = 2,
    SECTION_STRING_TABLE = 3,
};

/* A part of the file. */
struct range {
    uint64_t offset;
    uint64_t bytes;
};

static uint64_t number_at(const struct elf *elf, uint64_t offset, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = bytes; i > 0; i--) {
        number = number << 8 | elf->bytes[offset + i - 1];
    }
    return number;
}

static uint16_t half_at(const struct elf *elf, uint64_t offset)
{
    return (uint16_t)number_at(elf, offset, 2);
}

static uint32_t word_at(const struct elf *elf, uint64_t offset)
{
    return (uint32_t)number_at(elf, offset, 4);
}

static uint64_t xword_at(const struct elf *elf, uint64_t offset)
{
    return number_at(elf, offset, 8);
}

static bool in_file(const struct elf *elf, struct range range)
{
    return range.offset <= elf->size && range.bytes <= elf->size - range.offset;
}

static const char *check_header(const struct elf *elf)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F'};

    if (elf->size < sizeof(magic) || memcmp(elf->bytes, magic, sizeof(magic)) != 0) {
        return "not an ELF file";
    }
    if (elf->size < HEADER_BYTES) {
        return "truncated: the ELF header is incomplete";
    }
    if (elf->bytes[4] != CLASS_64) {
        return "not a 64-bit ELF file";
    }
    if (elf->bytes[5] != DATA_LITTLE_ENDIAN) {
        return "not a little-endian ELF file";
    }
    if (elf->bytes[6] != VERSION_CURRENT || word_at(elf, 20) != VERSION_CURRENT) {
        return "of an unknown ELF version";
    }
    if (half_at(elf, 18) != MACHINE_AARCH64) {
        return "not for AArch64";
    }
    if (half_at(elf, 16) == TYPE_SHARED) {
        return "position independent or a shared library: link it statically at a fixed address (-static "
               "-no-pie)";
    }
    return half_at(elf, 16) != TYPE_EXECUTABLE ? "not an executable program" : NULL;
}

static bool overlap(const struct elf_segment *a, const struct elf_segment *b)
{
    return a->vaddr < b->vaddr + b->memory_bytes && b->vaddr < a->vaddr + a->memory_bytes;
}

static const char *add_segment(struct elf *elf, struct elf_segment segment)
{
    if (segment.file_bytes > segment.memory_bytes) {
        return "a segment has more bytes in the file than in memory";
    }
    if (segment.file_bytes == 0) {
        segment.offset = 0;
    } else if (!in_file(elf, (struct range){segment.offset, segment.file_bytes})) {
        return "truncated: a segment lies outside the file";
    }
    if (segment.memory_bytes == 0) {
        return NULL;
    }
    if (segment.memory_bytes > UINT64_MAX - segment.vaddr) {
        return "a segment reaches beyond the end of the address space";
    }
    if (elf->segment_count == ELF_MAX_SEGMENTS) {
        return "more than 64 loadable segments";
    }
    for (unsigned i = 0; i < elf->segment_count; i++) {
        if (overlap(&segment, &elf->segment[i])) {
            return "two segments overlap";
        }
    }
    elf->segment[elf->segment_count++] = segment;
    return NULL;
}

static const char *read_segments(struct elf *elf)
{
    uint64_t offset = xword_at(elf, 32);
    uint16_t entry_bytes = half_at(elf, 54);
    uint16_t count = half_at(elf, 56);
    const char *error = NULL;

    if (count == 0) {
        return "no loadable segment";
    }
    if (entry_bytes != SEGMENT_BYTES || count == SEGMENT_COUNT_ELSEWHERE) {
        return "program headers of an unknown format";
    }
    if (!in_file(elf, (struct range){offset, (uint64_t)count * SEGMENT_BYTES})) {
        return "truncated: the program headers lie outside the file";
    }
    for (unsigned i = 0; i < count && error == NULL; i++) {
        uint64_t at = offset + (uint64_t)i * SEGMENT_BYTES;
        uint32_t type = word_at(elf, at);

        if (type == SEGMENT_INTERPRETER) {
            error = "dynamically linked: link it with -static";
        } else if (type == SEGMENT_LOAD) {
            error = add_segment(elf, (struct elf_segment){.offset = xword_at(elf, at + 8),
                                                          .vaddr = xword_at(elf, at + 16),
                                                          .file_bytes = xword_at(elf, at + 32),
                                                          .memory_bytes = xword_at(elf, at + 40)});
        }
    }
    return error;
}

const char *elf_open(struct elf *elf, const void *bytes, size_t size)
{
    bool entry_inside = false;
    const char *error;

    *elf = (struct elf){.bytes = bytes, .size = size, .lowest = UINT64_MAX};
    error = check_header(elf);
    if (error == NULL) {
        error = read_segments(elf);
    }
    if (error != NULL) {
        return error;
    }
    if (elf->segment_count == 0) {
        return "no loadable segment";
    }
    elf->entry = xword_at(elf, 24);
    for (unsigned i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segment[i];
        uint64_t end = segment->vaddr + segment->memory_bytes;

        elf->lowest = segment->vaddr < elf->lowest ? segment->vaddr : elf->lowest;
        elf->highest = end > elf->highest ? end : elf->highest;
        entry_inside = entry_inside || (elf->entry >= segment->vaddr && elf->entry < end);
    }
    if (!entry_inside) {
        return "the entry point is outside the program";
    }
    return elf->entry % 4 != 0 ? "the entry point is not at a multiple of 4" : NULL;
}

void elf_copy(const struct elf *elf, uint8_t *image, uint64_t base)
{
    for (unsigned i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segment[i];

        if (segment->file_bytes > 0) {
            memcpy(image + (segment->vaddr - base), elf->bytes + segment->offset, segment->file_bytes);
        }
    }
}

/* The section header with this index; its bytes must have been checked to lie in the file. */
static uint64_t section_header(const struct elf *elf, unsigned index)
{
    return xword_at(elf, 40) + (uint64_t)index * SECTION_BYTES;
}

static struct range section_range(const struct elf *elf, uint64_t header)
{
    return (struct range){xword_at(elf, header + 24), xword_at(elf, header + 32)};
}

/* Is this NUL-terminated name the one at an offset of the string table? */
static bool name_at(const struct elf *elf, struct range strings, uint32_t offset, const char *name)
{
    size_t bytes = strlen(name) + 1;

    return offset <= strings.bytes && bytes <= strings.bytes - offset &&
           memcmp(elf->bytes + strings.offset + offset, name, bytes) == 0;
}

static bool search_table(const struct elf *elf, struct range symbols, struct range strings, const char *name,
                         struct elf_symbol *symbol)
{
    for (uint64_t i = 0; i < symbols.bytes / SYMBOL_BYTES; i++) {
        uint64_t at = symbols.offset + i * SYMBOL_BYTES;

        if (half_at(elf, at + 6) != 0 && name_at(elf, strings, word_at(elf, at), name)) {
            symbol->value = xword_at(elf, at + 8);
            symbol->size = xword_at(elf, at + 16);
            return true;
        }
    }
    return false;
}

const char *elf_find_symbol(const struct elf *elf, const char *name, struct elf_symbol *symbol)
{
    unsigned count = half_at(elf, 60);

    if (count == 0) {
        return "no symbol table";
    }
    if (half_at(elf, 58) != SECTION_BYTES ||
        !in_file(elf, (struct range){xword_at(elf, 40), (uint64_t)count * SECTION_BYTES})) {
        return "truncated: the section headers lie outside the file";
    }
    for (unsigned i = 0; i < count; i++) {
        uint64_t table = section_header(elf, i);
        uint32_t link = word_at(elf, table + 40);

        if (word_at(elf, table + 4) != SECTION_SYMBOL_TABLE || link >= count) {
            continue;
        }
        uint64_t strings = section_header(elf, link);

        if (word_at(elf, strings + 4) != SECTION_STRING_TABLE || !in_file(elf, section_range(elf, table)) ||
            !in_file(elf, section_range(elf, strings))) {
            return "truncated: the symbol table lies outside the file";
        }
        return search_table(elf, section_range(elf, table), section_range(elf, strings), name, symbol)
                   ? NULL
                   : "no such symbol";
    }
    return "no symbol table";
}
