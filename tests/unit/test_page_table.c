/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Translation-table formats and walks (hal/aarch64/memory/page_table.c), judged by the
 * architecture: descriptors are compared with literal values of
 * docs/spec/aarch64-vspace.md 8.2, walks with an independent walker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal/host/machine.h"

static const unsigned levels[] = {39, 30, 21, 12};

/* Tables are placed by hand in RAM. */
#define TABLE(n) paddr(MACHINE_RAM_BASE + (n) * (word_t)0x1000)

static int setup(void **state)
{
    (void)state;
    struct machine_config config = machine_default_config();
    assert_null(machine_create(&config));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    machine_destroy();
    return 0;
}

static void set_entry(paddr_t table, unsigned index, word_t value)
{
    *(word_t *)hal_window(paddr_add(table, index * 8)) = value;
}

/* ---- Descriptors ---- */

static void frame_descriptor_is_as_specified(void **state)
{
    (void)state;
    const struct {
        unsigned size_bits;
        enum hal_vm_rights rights;
        word_t attributes;
        word_t frame;
        word_t expected;
    } cases[] = {
        /* RW, cacheable, executable: valid page, AttrIndx 4, AP 01, SH 3, AF, nG, PXN */
        {12, HAL_VM_READ_WRITE, 3, 0x40123000, 0x0020000040123f53},
        {12, HAL_VM_READ_WRITE, 3 | 4, 0x40123000, 0x0060000040123f53},
        {12, HAL_VM_READ_ONLY, 3, 0x40123000, 0x0020000040123fd3},
        {12, HAL_VM_READ_ONLY, 1 | 4, 0x40123000, 0x0060000040123fd3},
        /* the parity attribute has no effect */
        {12, HAL_VM_READ_WRITE, 1, 0x40123000, 0x0020000040123f53},
        /* uncached is Device-nGnRnE: AttrIndx 0, no shareability */
        {12, HAL_VM_READ_WRITE, 2 | 4, 0x09000000, 0x0060000009000c43},
        {12, HAL_VM_READ_ONLY, 4, 0x09000000, 0x0060000009000cc3},
        /* blocks have type 01 */
        {21, HAL_VM_READ_WRITE, 3, 0x40200000, 0x0020000040200f51},
        {30, HAL_VM_READ_ONLY, 7, 0x80000000, 0x0060000080000fd1},
        {12, HAL_VM_READ_WRITE, 3, 0xfffffffff000, 0x0020fffffffffF53},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        word_t entry =
            hal_entry_frame(paddr(cases[i].frame), cases[i].size_bits, cases[i].rights, cases[i].attributes);
        assert_int_equal(entry, cases[i].expected);
    }
}

static void frame_without_rights_is_valid_but_gives_the_user_nothing(void **state)
{
    (void)state;
    for (word_t attributes = 0; attributes < 8; attributes++) {
        word_t entry = hal_entry_frame(paddr(0x40001000), 12, HAL_VM_NONE, attributes);
        assert_int_equal(entry & 3, 3);
        assert_int_equal(entry >> 6 & 1, 0);  /* AP[1]: no access from EL0 */
        assert_int_equal(entry >> 53 & 3, 3); /* never executed */
        assert_false(hal_entry_user_writable(entry));
    }
}

static void every_frame_descriptor_gives_its_properties_back(void **state)
{
    (void)state;
    for (unsigned level = 1; level < 4; level++) {
        for (unsigned rights = HAL_VM_NONE; rights <= HAL_VM_READ_WRITE; rights++) {
            for (word_t attributes = 0; attributes < 8; attributes++) {
                word_t base = (word_t)3 << levels[level];
                word_t entry =
                    hal_entry_frame(paddr(base), levels[level], (enum hal_vm_rights)rights, attributes);
                assert_true(hal_entry_is_frame(entry, levels[level]));
                assert_false(hal_entry_is_table(entry, levels[level]));
                assert_false(hal_entry_empty(entry));
                assert_int_equal(hal_entry_address(entry).raw, base);
                assert_int_equal(hal_entry_user_writable(entry), rights == HAL_VM_READ_WRITE);
            }
        }
    }
}

static void table_descriptor_is_address_and_type(void **state)
{
    (void)state;
    word_t entry = hal_entry_table(paddr(0x40007000));
    assert_int_equal(entry, 0x40007003);
    assert_int_equal(hal_entry_address(entry).raw, 0x40007000);
    assert_false(hal_entry_empty(entry));
}

/* Type bits 1:0 mean different things at different levels (Arm ARM D8.3). */
static void type_bits_are_read_by_level(void **state)
{
    (void)state;
    for (unsigned level = 0; level < 4; level++) {
        for (word_t type = 0; type < 4; type++) {
            word_t entry = 0x40000000 | type;
            bool table = type == 3 && level < 3;
            bool block = type == 1 && (level == 1 || level == 2);
            bool page = type == 3 && level == 3;
            assert_int_equal(hal_entry_is_table(entry, levels[level]), table);
            assert_int_equal(hal_entry_is_frame(entry, levels[level]), block || page);
            assert_int_equal(hal_entry_empty(entry), (type & 1) == 0);
        }
    }
}

/* ---- Writing ---- */

static void write_stores_one_entry_and_orders_it(void **state)
{
    (void)state;
    uint64_t barriers = host_machine.state.counters.table_barriers;
    word_t *memory = hal_window(TABLE(0));
    hal_entry_write(paddr_add(TABLE(0), 8), 0x1122334455667788);
    assert_int_equal(memory[0], 0);
    assert_int_equal(memory[1], 0x1122334455667788);
    assert_int_equal(memory[2], 0);
    assert_int_equal(host_machine.state.counters.table_barriers, barriers + 1);
}

/* ---- Walks ---- */

static void walk_stops_where_a_table_is_missing(void **state)
{
    (void)state;
    const word_t vaddr = (word_t)5 << 39 | (word_t)6 << 30 | (word_t)7 << 21 | (word_t)8 << 12 | 0x123;
    for (unsigned level = 0; level < 4; level++) {
        struct hal_walk walk = hal_walk(TABLE(0), vaddr);
        assert_int_equal(walk.bits_left, levels[level]);
        assert_int_equal(walk.value, 0);
        assert_int_equal(walk.entry.raw, TABLE(level).raw + (5 + level) * 8);
        set_entry(TABLE(level), 5 + level, level < 3 ? TABLE(level + 1).raw | 3 : (word_t)0x40055000 | 0x403);
    }
    struct hal_walk walk = hal_walk(TABLE(0), vaddr);
    assert_int_equal(walk.bits_left, 12);
    assert_int_equal(walk.value, 0x40055403);
}

static void walk_stops_at_blocks(void **state)
{
    (void)state;
    set_entry(TABLE(0), 0, TABLE(1).raw | 3);
    set_entry(TABLE(1), 1, (word_t)0x80000000 | 1);
    set_entry(TABLE(1), 0, TABLE(2).raw | 3);
    set_entry(TABLE(2), 2, (word_t)0x40200000 | 1);
    struct hal_walk huge = hal_walk(TABLE(0), ((word_t)1 << 30) + 0x12345678);
    assert_int_equal(huge.bits_left, 30);
    assert_int_equal(huge.value, 0x80000001);
    struct hal_walk large = hal_walk(TABLE(0), ((word_t)2 << 21) + 0x12345);
    assert_int_equal(large.bits_left, 21);
    assert_int_equal(large.value, 0x40200001);
}

/* Walks as the Arm ARM describes it (D8.2), without any code under test. */
static unsigned reference_walk(word_t root, word_t vaddr, word_t *entry_address, word_t *value)
{
    word_t table = root;
    for (unsigned level = 0;; level++) {
        *entry_address = table + (vaddr >> levels[level] & 0x1ff) * 8;
        *value = *(const word_t *)hal_window(paddr(*entry_address));
        if (level == 3 || (*value & 3) != 3) {
            return levels[level];
        }
        table = *value & 0x0000fffffffff000;
    }
}

static word_t next_random(word_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 16;
}

static void walk_agrees_with_an_independent_walker(void **state)
{
    (void)state;
    enum { TABLES = 16, WALKS = 20000 };
    word_t seed = 1;
    /* Tables of level n point to tables of level n + 1 only: table n has level n % 4. */
    for (unsigned table = 0; table < TABLES; table++) {
        for (unsigned index = 0; index < 512; index++) {
            word_t kind = next_random(&seed) % 4;
            word_t child = (table & ~3u) + table % 4 + 1 + 4 * (next_random(&seed) % 3);
            word_t next = TABLE(child % TABLES).raw;
            word_t value = kind == 0 ? 0 : kind == 1 ? next_random(&seed) << 30 | 1 : next | 3;
            set_entry(TABLE(table), index, table % 4 == 0 && kind == 1 ? next | 3 : value);
        }
    }
    unsigned reached[4] = {0};
    for (unsigned i = 0; i < WALKS; i++) {
        word_t vaddr = next_random(&seed);
        word_t address, value;
        unsigned bits = reference_walk(TABLE(0).raw, vaddr, &address, &value);
        struct hal_walk walk = hal_walk(TABLE(0), vaddr);
        assert_int_equal(walk.bits_left, bits);
        assert_int_equal(walk.entry.raw, address);
        assert_int_equal(walk.value, value);
        reached[(39 - bits) / 9]++;
    }
    for (unsigned level = 0; level < 4; level++) {
        assert_true(reached[level] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frame_descriptor_is_as_specified),
        cmocka_unit_test(frame_without_rights_is_valid_but_gives_the_user_nothing),
        cmocka_unit_test(every_frame_descriptor_gives_its_properties_back),
        cmocka_unit_test(table_descriptor_is_address_and_type),
        cmocka_unit_test(type_bits_are_read_by_level),
        cmocka_unit_test_setup_teardown(write_stores_one_entry_and_orders_it, setup, teardown),
        cmocka_unit_test_setup_teardown(walk_stops_where_a_table_is_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(walk_stops_at_blocks, setup, teardown),
        cmocka_unit_test_setup_teardown(walk_agrees_with_an_independent_walker, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
