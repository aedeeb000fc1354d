/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first translation tables (hal/aarch64/boot/early.c), read by a walker that knows
 * only the architecture. The kernel's image is an area of this program, whose
 * addresses stand for physical ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Three pages of text, two that are only read, one of data; early.c puts the stacks behind it. */
__asm__(".pushsection .stacks, \"aw\", @progbits\n"
        ".balign 4096\n"
        ".globl image_start, text_end, rodata_end, image_end\n"
        "image_start: .skip 0x3000\n"
        "text_end: .skip 0x2000\n"
        "rodata_end: .skip 0x1000\n"
        ".set image_end, image_start + 0x10000\n"
        ".popsection\n");

#include "hal/aarch64/boot/early.c"

static const word_t link_address = 0xffffffff80000000;

/* What a walk through four levels of 4 KiB tables ends at: a page descriptor, or 0. */
static word_t walk(const word_t *root, word_t vaddr)
{
    const word_t *table = root;

    for (unsigned shift = 39; shift > 12; shift -= 9) {
        word_t entry = table[vaddr >> shift & 511];

        if (entry == 0) {
            return 0;
        }
        assert_int_equal(entry & 3, 3);
        assert_int_equal(entry >> 48, 0);
        table = (const word_t *)(uintptr_t)(entry & 0x0000fffffffff000);
    }
    return table[vaddr >> 12 & 511];
}

/* Normal write-back memory, inner shareable, accessed, for EL1 only; UXN. */
static word_t page(word_t address, bool writable, bool executable)
{
    word_t normal = (word_t)1 << 54 | 1 << 10 | 3 << 8 | 4 << 2 | 3;

    return address | normal | (writable ? 0 : 1 << 7) | (executable ? 0 : (word_t)1 << 53);
}

static word_t address_of(const void *pointer)
{
    return (word_t)(uintptr_t)pointer;
}

static int setup(void **state)
{
    (void)state;
    memset(&early_tables, 0, sizeof(early_tables));
    assert_true(address_of(cpu_stacks) >= address_of(rodata_end) + 0x1000);
    assert_true(address_of(&cpu_stacks[CONFIG_MAX_CPUS]) <= address_of(image_end));
    return 0;
}

static bool is_guard(word_t address)
{
    for (unsigned cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
        if (address == address_of(cpu_stacks[cpu].emergency_guard) ||
            address == address_of(cpu_stacks[cpu].kernel_guard)) {
            return true;
        }
    }
    return false;
}

static void sections_get_their_permissions_and_stacks_their_guards(void **state)
{
    word_t start = address_of(image_start);
    unsigned guards = 0;

    (void)state;
    assert_int_equal(early_map(0, link_address), 0);
    for (word_t offset = 0; offset < 0x10000; offset += 0x1000) {
        word_t expected = page(start + offset, offset >= 0x5000, offset < 0x3000);

        if (is_guard(start + offset)) {
            expected = 0;
            guards++;
        }
        assert_int_equal(walk(early_tables.root, link_address + offset), expected);
    }
    assert_int_equal(guards, 2 * CONFIG_MAX_CPUS);
    assert_int_equal(walk(early_tables.root, link_address + 0x10000), 0);
    assert_int_equal(walk(early_tables.root, link_address - 0x1000), 0);
}

/* Only the page in which the MMU is turned on. */
static void first_page_is_mapped_where_it_lies(void **state)
{
    word_t start = address_of(image_start);

    (void)state;
    early_map(0, link_address);
    assert_int_equal(walk(early_tables.identity[0], start), page(start, false, true));
    assert_int_equal(walk(early_tables.identity[0], start + 0x1000), 0);
}

/* Writes the header of a tree that states so many bytes. */
static word_t put_tree(uint8_t *at, uint32_t bytes)
{
    const uint8_t header[] = {0xd0,
                              0x0d,
                              0xfe,
                              0xed,
                              (uint8_t)(bytes >> 24),
                              (uint8_t)(bytes >> 16),
                              (uint8_t)(bytes >> 8),
                              (uint8_t)bytes};

    memcpy(at, header, sizeof(header));
    return address_of(at);
}

static unsigned mapped_tree_pages(word_t first)
{
    unsigned count = 0;

    while (walk(early_tables.root, link_address + BOOT_TREE_OFFSET + count * (word_t)0x1000) != 0) {
        assert_int_equal(walk(early_tables.root, link_address + BOOT_TREE_OFFSET + count * (word_t)0x1000),
                         page(first + count * (word_t)0x1000, false, false));
        count++;
    }
    return count;
}

static void tree_is_mapped_as_far_as_it_reaches(void **state)
{
    static const struct {
        unsigned offset; /* in its page */
        uint32_t bytes;
        unsigned pages;
    } cases[] = {{0, 40, 1},         {0, 0x1000, 1},     {0, 0x1001, 2},
                 {0xff8, 8, 1},      {0xff8, 9, 2},      {0x800, 0x200000, 513},
                 {0, 0x200000, 512}, {0, 0x200001, 512}, {8, 0x7fffffff, 513}};
    uint8_t *room = aligned_alloc(0x1000, 0x2000);

    (void)state;
    assert_non_null(room);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&early_tables, 0, sizeof(early_tables));
        assert_int_equal(early_map(put_tree(room + cases[i].offset, cases[i].bytes), link_address),
                         cases[i].bytes);
        assert_int_equal(mapped_tree_pages(address_of(room)), cases[i].pages);
    }
    free(room);
}

static void what_is_no_tree_is_not_mapped(void **state)
{
    uint8_t *room = aligned_alloc(0x1000, 0x1000);

    (void)state;
    assert_non_null(room);
    memset(room, 0, 16);
    const word_t no_trees[] = {0, address_of(room), put_tree(room + 12, 40), (word_t)1 << 48, WORD_MAX - 7};

    for (size_t i = 0; i < sizeof(no_trees) / sizeof(no_trees[0]); i++) {
        memset(&early_tables, 0, sizeof(early_tables));
        assert_int_equal(early_map(no_trees[i], link_address), 0);
        assert_int_equal(mapped_tree_pages(0), 0);
    }
    free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sections_get_their_permissions_and_stacks_their_guards, setup),
        cmocka_unit_test_setup(first_page_is_mapped_where_it_lies, setup),
        cmocka_unit_test_setup(tree_is_mapped_as_far_as_it_reaches, setup),
        cmocka_unit_test_setup(what_is_no_tree_is_not_mapped, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
