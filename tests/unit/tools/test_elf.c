/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The reader of AArch64 programs: what it accepts, what it refuses and why, and
 * damaged files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/kit/made_elf.h"
#include "tools/elf.h"
#include "tests/kit/random.h"

/* Text, data with zeros after it, zeros only; a TLS template inside the data, which is no segment of its own.
 */
static const struct made_program good_program = {
    .segment = {{PT_LOAD, 0x400000, 0x123, 0x123, NULL},
                {PT_LOAD, 0x402010, 0x55, 0x1000, NULL},
                {PT_LOAD, 0x500000, 0, 0x3000, NULL},
                {PT_TLS, 0x402010, 0x10, 0x20, NULL}},
    .entry = 0x400008,
    .symbol = "answer",
    .symbol_value = 0x402020,
    .symbol_size = 42,
};

static void a_good_program_is_described(void **state)
{
    struct made_elf made = make_elf(&good_program);
    struct elf elf;

    (void)state;
    assert_null(elf_open(&elf, made.bytes, made.size));
    assert_int_equal(elf.segment_count, 3);
    assert_true(elf.entry == 0x400008);
    assert_true(elf.lowest == 0x400000);
    assert_true(elf.highest == 0x503000);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(elf.segment[i].vaddr == good_program.segment[i].vaddr);
        assert_true(elf.segment[i].file_bytes == good_program.segment[i].file_bytes);
        assert_true(elf.segment[i].memory_bytes == good_program.segment[i].memory_bytes);
    }
    free(made.bytes);
}

static void file_bytes_are_copied_to_their_places_and_nowhere_else(void **state)
{
    struct made_elf made = make_elf(&good_program);
    uint8_t *image = malloc(0x104000);
    struct elf elf;

    (void)state;
    assert_null(elf_open(&elf, made.bytes, made.size));
    memset(image, 0xee, 0x104000);
    elf_copy(&elf, image, 0x3ff000);
    for (uint64_t i = 0; i < 0x104000; i++) {
        uint64_t address = 0x3ff000 + i;
        uint8_t expected = 0xee;

        if (address >= 0x400000 && address < 0x400123) {
            expected = made_byte(0, address - 0x400000);
        } else if (address >= 0x402010 && address < 0x402065) {
            expected = made_byte(1, address - 0x402010);
        }
        assert_int_equal(image[i], expected);
    }
    free(image);
    free(made.bytes);
}

static void symbols_are_found_by_their_whole_name(void **state)
{
    struct made_elf made = make_elf(&good_program);
    struct elf_symbol symbol;
    struct elf elf;

    (void)state;
    assert_null(elf_open(&elf, made.bytes, made.size));
    assert_null(elf_find_symbol(&elf, "answer", &symbol));
    assert_true(symbol.value == 0x402020);
    assert_true(symbol.size == 42);
    assert_string_equal(elf_find_symbol(&elf, "answe", &symbol), "no such symbol");
    assert_string_equal(elf_find_symbol(&elf, "answers", &symbol), "no such symbol");
    assert_string_equal(elf_find_symbol(&elf, "nswer_and_much_more", &symbol), "no such symbol");
    /* a reference to a symbol that another file would define */
    made.symbols[1].st_shndx = SHN_UNDEF;
    assert_string_equal(elf_find_symbol(&elf, "answer", &symbol), "no such symbol");
    free(made.bytes);
}

/* ---- One thing wrong at a time ---- */

static void not_elf(struct made_elf *made)
{
    made->bytes[1] = 'e';
}

static void empty(struct made_elf *made)
{
    made->size = 0;
}

static void three_bytes(struct made_elf *made)
{
    made->size = 3;
}

static void half_header(struct made_elf *made)
{
    made->size = 63;
}

static void class_32(struct made_elf *made)
{
    made->header->e_ident[EI_CLASS] = ELFCLASS32;
}

static void big_endian(struct made_elf *made)
{
    made->header->e_ident[EI_DATA] = ELFDATA2MSB;
}

static void identifier_version(struct made_elf *made)
{
    made->header->e_ident[EI_VERSION] = 2;
}

static void file_version(struct made_elf *made)
{
    made->header->e_version = 0;
}

static void other_machine(struct made_elf *made)
{
    made->header->e_machine = EM_X86_64;
}

static void shared_object(struct made_elf *made)
{
    made->header->e_type = ET_DYN;
}

static void object_file(struct made_elf *made)
{
    made->header->e_type = ET_REL;
}

static void no_program_headers(struct made_elf *made)
{
    made->header->e_phnum = 0;
}

static void only_notes(struct made_elf *made)
{
    for (unsigned i = 0; i < 3; i++) {
        made->segments[i].p_type = PT_NOTE;
    }
}

static void only_empty_segments(struct made_elf *made)
{
    for (unsigned i = 0; i < 3; i++) {
        made->segments[i].p_filesz = 0;
        made->segments[i].p_memsz = 0;
    }
}

static void other_program_headers(struct made_elf *made)
{
    made->header->e_phentsize = 32;
}

static void very_many_program_headers(struct made_elf *made)
{
    made->header->e_phnum = PN_XNUM;
}

static void program_headers_outside(struct made_elf *made)
{
    made->header->e_phoff = made->size - 4 * sizeof(Elf64_Phdr) + 1;
}

static void program_headers_far_outside(struct made_elf *made)
{
    made->header->e_phoff = UINT64_MAX - 8;
}

static void interpreter(struct made_elf *made)
{
    made->segments[3].p_type = PT_INTERP;
}

static void segment_outside(struct made_elf *made)
{
    made->segments[1].p_offset = made->size - 0x54;
}

static void segment_far_outside(struct made_elf *made)
{
    made->segments[1].p_offset = UINT64_MAX - 0x10;
}

static void cut_in_a_segment(struct made_elf *made)
{
    made->size = made->segments[1].p_offset + 0x54;
}

static void more_in_file(struct made_elf *made)
{
    made->segments[1].p_memsz = 0x54;
}

static void around_the_end(struct made_elf *made)
{
    made->segments[2].p_vaddr = UINT64_MAX - 0x2ffe;
}

static void overlapping(struct made_elf *made)
{
    made->segments[1].p_vaddr = 0x400122;
}

static void enclosed(struct made_elf *made)
{
    made->segments[1].p_vaddr = 0x500800;
}

static void entry_before(struct made_elf *made)
{
    made->header->e_entry = 0x3ffffc;
}

static void entry_between(struct made_elf *made)
{
    made->header->e_entry = 0x401000;
}

static void entry_after(struct made_elf *made)
{
    made->header->e_entry = 0x503000;
}

static void entry_odd(struct made_elf *made)
{
    made->header->e_entry = 0x400002;
}

static const struct {
    void (*break_it)(struct made_elf *made);
    const char *reason;
} refusals[] = {
    {not_elf, "not an ELF file"},
    {empty, "not an ELF file"},
    {three_bytes, "not an ELF file"},
    {half_header, "truncated: the ELF header is incomplete"},
    {class_32, "not a 64-bit ELF file"},
    {big_endian, "not a little-endian ELF file"},
    {identifier_version, "of an unknown ELF version"},
    {file_version, "of an unknown ELF version"},
    {other_machine, "not for AArch64"},
    {shared_object,
     "position independent or a shared library: link it statically at a fixed address (-static -no-pie)"},
    {object_file, "not an executable program"},
    {no_program_headers, "no loadable segment"},
    {only_notes, "no loadable segment"},
    {only_empty_segments, "no loadable segment"},
    {other_program_headers, "program headers of an unknown format"},
    {very_many_program_headers, "program headers of an unknown format"},
    {program_headers_outside, "truncated: the program headers lie outside the file"},
    {program_headers_far_outside, "truncated: the program headers lie outside the file"},
    {interpreter, "dynamically linked: link it with -static"},
    {segment_outside, "truncated: a segment lies outside the file"},
    {segment_far_outside, "truncated: a segment lies outside the file"},
    {cut_in_a_segment, "truncated: a segment lies outside the file"},
    {more_in_file, "a segment has more bytes in the file than in memory"},
    {around_the_end, "a segment reaches beyond the end of the address space"},
    {overlapping, "two segments overlap"},
    {enclosed, "two segments overlap"},
    {entry_before, "the entry point is outside the program"},
    {entry_between, "the entry point is outside the program"},
    {entry_after, "the entry point is outside the program"},
    {entry_odd, "the entry point is not at a multiple of 4"},
};

static void unusable_programs_are_refused_with_the_reason(void **state)
{
    struct made_program program = good_program;

    (void)state;
    /* The symbol table must not lie where a truncated file would still hold the segments. */
    program.symbol = NULL;
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        struct made_elf made = make_elf(&program);
        struct elf elf;

        refusals[i].break_it(&made);
        const char *error = elf_open(&elf, made.bytes, made.size);

        if (error == NULL || strcmp(error, refusals[i].reason) != 0) {
            fail_msg("case %zu (%s): got '%s'", i, refusals[i].reason, error != NULL ? error : "no error");
        }
        free(made.bytes);
    }
}

static void the_file_offset_of_zeros_means_nothing(void **state)
{
    struct made_elf made = make_elf(&good_program);
    struct elf elf;

    (void)state;
    made.segments[2].p_offset = UINT64_MAX;
    assert_null(elf_open(&elf, made.bytes, made.size));
    assert_int_equal(elf.segment[2].offset, 0);
    free(made.bytes);
}

static void segments_may_touch(void **state)
{
    struct made_program program = good_program;
    struct elf elf;

    (void)state;
    program.segment[1].vaddr = 0x400123;
    program.segment[2].vaddr = 0x3fd000;
    struct made_elf made = make_elf(&program);

    assert_null(elf_open(&elf, made.bytes, made.size));
    assert_true(elf.lowest == 0x3fd000 && elf.highest == 0x401123);
    free(made.bytes);
}

static void the_number_of_segments_is_limited(void **state)
{
    (void)state;
    for (unsigned count = ELF_MAX_SEGMENTS; count <= ELF_MAX_SEGMENTS + 1; count++) {
        size_t size = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Phdr);
        struct made_elf small = make_elf(&good_program);
        uint8_t *bytes = calloc(size, 1);
        Elf64_Phdr *segments = (Elf64_Phdr *)(bytes + sizeof(Elf64_Ehdr));
        struct elf elf;

        small.header->e_phnum = (Elf64_Half)count;
        small.header->e_entry = 0x1000;
        memcpy(bytes, small.header, sizeof(Elf64_Ehdr));
        for (unsigned i = 0; i < count; i++) {
            segments[i] =
                (Elf64_Phdr){.p_type = PT_LOAD, .p_vaddr = 0x1000u * (count - i), .p_memsz = 0x1000};
        }
        const char *error = elf_open(&elf, bytes, size);

        if (count <= ELF_MAX_SEGMENTS) {
            assert_null(error);
            assert_true(elf.lowest == 0x1000 && elf.highest == 0x1000u * (count + 1));
        } else {
            assert_string_equal(error, "more than 64 loadable segments");
        }
        free(bytes);
        free(small.bytes);
    }
}

/* ---- Symbol tables with something wrong ---- */

static void no_sections(struct made_elf *made)
{
    made->header->e_shnum = 0;
}

static void other_sections(struct made_elf *made)
{
    made->header->e_shentsize = 40;
}

static void sections_outside(struct made_elf *made)
{
    made->header->e_shoff = made->size - 3 * sizeof(Elf64_Shdr) + 1;
}

static void symbols_outside(struct made_elf *made)
{
    made->sections[1].sh_offset = UINT64_MAX - 4;
}

static void strings_outside(struct made_elf *made)
{
    made->sections[2].sh_size = made->size;
}

static void strings_of_other_type(struct made_elf *made)
{
    made->sections[2].sh_type = SHT_NOTE;
}

static void link_outside(struct made_elf *made)
{
    made->sections[1].sh_link = 3;
}

static void no_symbol_section(struct made_elf *made)
{
    made->sections[1].sh_type = SHT_DYNSYM;
}

static void name_outside(struct made_elf *made)
{
    made->symbols[1].st_name = 0xfffffff0;
}

static void name_cut(struct made_elf *made)
{
    made->sections[2].sh_size = 7;
}

static const struct {
    void (*break_it)(struct made_elf *made);
    const char *reason;
} symbol_refusals[] = {
    {no_sections, "no symbol table"},
    {other_sections, "truncated: the section headers lie outside the file"},
    {sections_outside, "truncated: the section headers lie outside the file"},
    {symbols_outside, "truncated: the symbol table lies outside the file"},
    {strings_outside, "truncated: the symbol table lies outside the file"},
    {strings_of_other_type, "truncated: the symbol table lies outside the file"},
    {link_outside, "no symbol table"},
    {no_symbol_section, "no symbol table"},
    {name_outside, "no such symbol"},
    {name_cut, "no such symbol"},
};

static void unusable_symbol_tables_give_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(symbol_refusals) / sizeof(symbol_refusals[0]); i++) {
        struct made_elf made = make_elf(&good_program);
        struct elf_symbol symbol;
        struct elf elf;

        symbol_refusals[i].break_it(&made);
        assert_null(elf_open(&elf, made.bytes, made.size));
        const char *error = elf_find_symbol(&elf, "answer", &symbol);

        if (error == NULL || strcmp(error, symbol_refusals[i].reason) != 0) {
            fail_msg("case %zu (%s): got '%s'", i, symbol_refusals[i].reason,
                     error != NULL ? error : "no error");
        }
        free(made.bytes);
    }
}

/* ---- Damage ---- */

/* Exactly these bytes: the sanitizer sees any access beyond. Whatever is accepted can be used. */
static void check_damaged(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    struct elf_symbol symbol;
    struct elf elf;

    memcpy(copy, bytes, size);
    if (elf_open(&elf, copy, size) == NULL) {
        assert_true(elf.segment_count > 0 && elf.lowest <= elf.entry && elf.entry < elf.highest);
        if (elf.highest - elf.lowest < 1u << 22) {
            uint8_t *image = malloc(elf.highest - elf.lowest);

            elf_copy(&elf, image, elf.lowest);
            free(image);
        }
        elf_find_symbol(&elf, "answer", &symbol);
    }
    free(copy);
}

static void damaged_files_do_no_harm(void **state)
{
    struct made_elf made = make_elf(&good_program);
    struct random random = {1};

    (void)state;
    for (size_t i = 0; i < made.size; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            made.bytes[i] ^= (uint8_t)(1u << bit);
            check_damaged(made.bytes, made.size);
            made.bytes[i] ^= (uint8_t)(1u << bit);
        }
        check_damaged(made.bytes, i);
    }
    for (unsigned round = 0; round < 20000; round++) {
        struct made_elf damaged = make_elf(&good_program);

        for (unsigned i = 0; i < 1 + round % 6; i++) {
            size_t place = random_below(&random, damaged.size);

            damaged.bytes[place] = (uint8_t)random_word(&random);
        }
        check_damaged(damaged.bytes, damaged.size);
        free(damaged.bytes);
    }
    free(made.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_program_is_described),
        cmocka_unit_test(file_bytes_are_copied_to_their_places_and_nowhere_else),
        cmocka_unit_test(symbols_are_found_by_their_whole_name),
        cmocka_unit_test(unusable_programs_are_refused_with_the_reason),
        cmocka_unit_test(the_file_offset_of_zeros_means_nothing),
        cmocka_unit_test(segments_may_touch),
        cmocka_unit_test(the_number_of_segments_is_limited),
        cmocka_unit_test(unusable_symbol_tables_give_the_reason),
        cmocka_unit_test(damaged_files_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
