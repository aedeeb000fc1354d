/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Region lists and the cutting of ranges into untypeds, against a bitmap as the
 * oracle and against the figures of docs/spec/aarch64-boot.md 5.5.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <kaal/objects.h>

#include "core/boot/boot.h"
#include "tests/kit/untypeds.h"
#include "tests/kit/random.h"

enum { SMALL_WORLD = 96 };

static struct random generator;

static unsigned below(unsigned limit)
{
    return random_below(&generator, limit);
}

static void assert_list_well_formed(const struct region_list *list)
{
    assert_true(list->count <= BOOT_MAX_REGIONS);
    for (unsigned i = 0; i < list->count; i++) {
        assert_true(list->region[i].start < list->region[i].end);
        if (i > 0) {
            /* Touching regions would have been merged. */
            assert_true(list->region[i - 1].end < list->region[i].start);
        }
    }
}

static void assert_list_is(const struct region_list *list, const bool *covered)
{
    unsigned next = 0;

    assert_list_well_formed(list);
    for (unsigned a = 0; a < SMALL_WORLD; a++) {
        while (next < list->count && list->region[next].end <= a) {
            next++;
        }
        bool in_list = next < list->count && list->region[next].start <= a;

        assert_int_equal(in_list, covered[a]);
    }
}

static void adding_and_removing_agrees_with_a_bitmap(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct region_list list = {0};
        bool covered[SMALL_WORLD] = {false};

        generator.state = seed;
        for (unsigned step = 0; step < 200; step++) {
            unsigned start = below(SMALL_WORLD);
            unsigned end = start + below(12);
            bool add = below(2) == 0;

            end = end > SMALL_WORLD ? SMALL_WORLD : end;
            struct region region = {start, end};

            assert_true(add ? region_list_add(&list, region) : region_list_remove(&list, region));
            for (unsigned a = start; a < end; a++) {
                covered[a] = add;
            }
            assert_list_is(&list, covered);
        }
    }
}

static void full_list(struct region_list *list)
{
    list->count = 0;
    for (word_t i = 0; i < BOOT_MAX_REGIONS; i++) {
        assert_true(region_list_add(list, (struct region){i * 100, i * 100 + 50}));
    }
    assert_int_equal(list->count, BOOT_MAX_REGIONS);
}

static void a_full_list_refuses_without_change(void **state)
{
    struct region_list list;
    struct region_list before;

    (void)state;
    full_list(&list);
    before = list;
    assert_false(region_list_add(&list, (struct region){60, 70}));
    assert_false(region_list_add(&list, (struct region){100000, 100001}));
    assert_false(region_list_remove(&list, (struct region){10, 20}));
    assert_memory_equal(&list, &before, sizeof(list));
}

static void a_full_list_still_takes_what_needs_no_room(void **state)
{
    struct region_list list;

    (void)state;
    full_list(&list);
    assert_true(region_list_add(&list, (struct region){40, 60}));
    assert_true(region_list_add(&list, (struct region){60, 100}));
    assert_int_equal(list.count, BOOT_MAX_REGIONS - 1);
    assert_true(region_list_remove(&list, (struct region){0, 150}));
    assert_int_equal(list.count, BOOT_MAX_REGIONS - 2);
    assert_true(region_list_remove(&list, (struct region){0, WORD_MAX}));
    assert_int_equal(list.count, 0);
}

static void empty_regions_change_nothing(void **state)
{
    struct region_list list = {0};

    (void)state;
    assert_true(region_list_add(&list, (struct region){5, 5}));
    assert_true(region_list_add(&list, (struct region){7, 5}));
    assert_int_equal(list.count, 0);
    assert_true(region_list_add(&list, (struct region){0, WORD_MAX}));
    assert_true(region_list_remove(&list, (struct region){9, 9}));
    assert_true(region_list_remove(&list, (struct region){9, 3}));
    assert_int_equal(list.count, 1);
    assert_true(list.region[0].start == 0 && list.region[0].end == WORD_MAX);
}

/* One row of docs/spec/aarch64-boot.md 5.5: a range and the sizes of its pieces, ended by 0. */
struct cut_case {
    struct region region;
    unsigned sizes[20];
};

static const struct cut_case cut_cases[] = {
    {{0x0, 0x08000000}, {27}},
    {{0x08001000, 0x08010000}, {12, 13, 14, 15}},
    {{0x08011000, 0x40000000}, {12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29}},
    {{0x80000000, 1ull << 40}, {31, 32, 33, 34, 35, 36, 37, 38, 39}},
    {{0, 1ull << 48}, {47, 47}},
    {{0x40248de0, 0x40249000}, {5, 9}},
    {{0x1, 0x2f}, {4}},
    {{0x11, 0x20}, {0}},
    {{0x10, 0x1f}, {0}},
    {{0x20, 0x10}, {0}},
    {{0x20, 0x20}, {0}},
    {{WORD_MAX - 3, WORD_MAX}, {0}},
    {{WORD_MAX - 0x2f, WORD_MAX}, {4, 4}},
};

static void ranges_are_cut_as_specified(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cut_cases) / sizeof(cut_cases[0]); i++) {
        struct region rest = cut_cases[i].region;
        struct untyped_piece piece;
        unsigned n = 0;

        while (untyped_cut(&rest, &piece)) {
            assert_int_equal(piece.size_bits, cut_cases[i].sizes[n]);
            n++;
        }
        assert_int_equal(cut_cases[i].sizes[n], 0);
        assert_int_equal(untyped_count(cut_cases[i].region), n);
    }
}

static void the_virt_board_has_thirty_device_untypeds(void **state)
{
    (void)state;
    assert_int_equal(untyped_count(cut_cases[0].region) + untyped_count(cut_cases[1].region) +
                         untyped_count(cut_cases[2].region) + untyped_count(cut_cases[3].region),
                     30);
}

static word_t random_address(void)
{
    word_t raw = (word_t)below(1u << 30) << 30 | below(1u << 30);

    return raw >> below(50);
}

/* Pieces follow one another without gaps, are naturally aligned, and none could have been larger. */
static void check_cut(struct region region)
{
    word_t expected = align_up(region.start, 4);
    word_t end = align_down(region.end, 4);
    struct untyped_piece piece;
    struct region rest = region;

    while (untyped_cut(&rest, &piece)) {
        assert_true(piece.paddr == expected);
        assert_true(is_aligned(piece.paddr, piece.size_bits));
        assert_true(piece.size_bits >= KAAL_UNTYPED_MIN_BITS && piece.size_bits <= KAAL_UNTYPED_MAX_BITS);
        assert_true(end - piece.paddr >= bit(piece.size_bits));
        assert_true(piece.size_bits == KAAL_UNTYPED_MAX_BITS ||
                    !is_aligned(piece.paddr, piece.size_bits + 1) ||
                    end - piece.paddr < bit(piece.size_bits + 1));
        expected = piece.paddr + bit(piece.size_bits);
    }
    assert_true(expected >= end);
}

static void random_ranges_are_covered_by_largest_pieces(void **state)
{
    (void)state;
    generator.state = 1;
    for (unsigned i = 0; i < 20000; i++) {
        word_t start = random_address();
        word_t end = random_address();

        check_cut((struct region){word_min(start, end), word_max(start, end)});
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding_and_removing_agrees_with_a_bitmap),
        cmocka_unit_test(a_full_list_refuses_without_change),
        cmocka_unit_test(a_full_list_still_takes_what_needs_no_room),
        cmocka_unit_test(empty_regions_change_nothing),
        cmocka_unit_test(ranges_are_cut_as_specified),
        cmocka_unit_test(the_virt_board_has_thirty_device_untypeds),
        cmocka_unit_test(random_ranges_are_covered_by_largest_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
