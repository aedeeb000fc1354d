/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ELF files made to order, for the tests of the ELF reader and of the image builder.
 *
 * Layout: header, program headers, contents of the segments, symbol table with one
 * symbol, its strings, section headers (none, symbols, strings).
 */
#ifndef TESTS_KIT_MADE_ELF_H
#define TESTS_KIT_MADE_ELF_H

#include <elf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MADE_SEGMENTS = 4 };

struct made_segment {
    uint32_t type; /* 0: no more segments */
    uint64_t vaddr;
    uint64_t file_bytes;
    uint64_t memory_bytes;
    const void *content; /* NULL: byte i is i * 7 + the segment's number */
};

struct made_program {
    struct made_segment segment[MADE_SEGMENTS];
    uint64_t entry;
    const char *symbol; /* NULL: no symbol table */
    uint64_t symbol_value;
    uint64_t symbol_size;
};

struct made_elf {
    uint8_t *bytes;
    size_t size;
    Elf64_Ehdr *header;
    Elf64_Phdr *segments;
    Elf64_Sym *symbols;
    Elf64_Shdr *sections;
};

static inline uint8_t made_byte(unsigned segment, uint64_t offset)
{
    return (uint8_t)(offset * 7 + segment);
}

static inline size_t made_symbols(struct made_elf *elf, const struct made_program *program, size_t at)
{
    size_t name_bytes = strlen(program->symbol) + 1;

    at = (at + 7) & ~(size_t)7;
    elf->symbols = (Elf64_Sym *)(elf->bytes + at);
    elf->symbols[1] = (Elf64_Sym){.st_name = 1,
                                  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                  .st_shndx = 1,
                                  .st_value = program->symbol_value,
                                  .st_size = program->symbol_size};
    size_t strings = at + 2 * sizeof(Elf64_Sym);
    size_t sections = (strings + 1 + name_bytes + 7) & ~(size_t)7;

    memcpy(elf->bytes + strings + 1, program->symbol, name_bytes);
    elf->sections = (Elf64_Shdr *)(elf->bytes + sections);
    elf->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                    .sh_offset = at,
                                    .sh_size = 2 * sizeof(Elf64_Sym),
                                    .sh_link = 2,
                                    .sh_entsize = sizeof(Elf64_Sym)};
    elf->sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = strings, .sh_size = 1 + name_bytes};
    elf->header->e_shoff = sections;
    elf->header->e_shnum = 3;
    elf->header->e_shentsize = sizeof(Elf64_Shdr);
    return sections + 3 * sizeof(Elf64_Shdr);
}

/* Puts the contents of a segment at `at`; answers the offset after them. */
static inline size_t made_content(struct made_elf *elf, const struct made_segment *segment, unsigned number,
                                  size_t at)
{
    for (uint64_t i = 0; i < segment->file_bytes; i++) {
        elf->bytes[at + i] =
            segment->content != NULL ? ((const uint8_t *)segment->content)[i] : made_byte(number, i);
    }
    elf->segments[number] = (Elf64_Phdr){.p_type = segment->type,
                                         .p_flags = PF_R | PF_X,
                                         .p_offset = at,
                                         .p_vaddr = segment->vaddr,
                                         .p_paddr = segment->vaddr,
                                         .p_filesz = segment->file_bytes,
                                         .p_memsz = segment->memory_bytes,
                                         .p_align = 4096};
    return at + segment->file_bytes;
}

/* A well-formed file; the pointers into it are for tests that break it. Freed with free(elf.bytes). */
static inline struct made_elf make_elf(const struct made_program *program)
{
    struct made_elf elf = {NULL, 1024, NULL, NULL, NULL, NULL};
    unsigned count = 0;

    while (count < MADE_SEGMENTS && program->segment[count].type != PT_NULL) {
        elf.size += program->segment[count].file_bytes;
        count++;
    }
    elf.bytes = calloc(elf.size, 1);
    elf.header = (Elf64_Ehdr *)elf.bytes;
    elf.segments = (Elf64_Phdr *)(elf.header + 1);
    *elf.header =
        (Elf64_Ehdr){.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                     .e_type = ET_EXEC,
                     .e_machine = EM_AARCH64,
                     .e_version = EV_CURRENT,
                     .e_entry = program->entry,
                     .e_phoff = sizeof(Elf64_Ehdr),
                     .e_ehsize = sizeof(Elf64_Ehdr),
                     .e_phentsize = sizeof(Elf64_Phdr),
                     .e_phnum = (Elf64_Half)count};
    size_t at = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);

    for (unsigned i = 0; i < count; i++) {
        at = made_content(&elf, &program->segment[i], i, at);
    }
    elf.size = program->symbol != NULL ? made_symbols(&elf, program, at) : at;
    return elf;
}

#endif
