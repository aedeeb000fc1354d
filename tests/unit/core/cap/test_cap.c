/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Packed capabilities: every field is where it should be and disturbs no other;
 * rights, badges and guards follow the tables of docs/spec/capabilities.md 2 and 3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/cap/cap.h"

/* ---- Fields ---- */

struct field {
    const char *name;
    unsigned word;
    unsigned low;
    unsigned width;
    word_t (*get)(struct cap);
    struct cap (*set)(struct cap, word_t);
};

enum { w0 = 0, w1 = 1 };

#define FIELD(name, word, low, width) {#name, word, low, width, cap_##name, cap_with_##name},
static const struct field fields[] = {CAP_FIELDS(FIELD)};

enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static const word_t patterns[] = {0,       1, 2, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0x0123456789abcdef,
                                  WORD_MAX};

enum { PATTERNS = sizeof(patterns) / sizeof(patterns[0]) };

static word_t *word_of(struct cap *cap, unsigned word)
{
    return word == w0 ? &cap->w0 : &cap->w1;
}

static void field_returns_what_was_stored(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FIELDS; f++) {
        for (unsigned background = 0; background < PATTERNS; background++) {
            struct cap cap = {patterns[background], ~patterns[background]};

            for (unsigned i = 0; i < PATTERNS; i++) {
                word_t value = patterns[i] & mask(fields[f].width);

                assert_int_equal(fields[f].get(fields[f].set(cap, value)), value);
            }
        }
    }
}

static void field_leaves_all_other_bits_alone(void **state)
{
    (void)state;
    for (unsigned f = 0; f < FIELDS; f++) {
        word_t own = mask(fields[f].width) << fields[f].low;

        for (unsigned background = 0; background < PATTERNS; background++) {
            struct cap before = {patterns[background], ~patterns[background]};
            struct cap after = fields[f].set(before, mask(fields[f].width));

            assert_int_equal(*word_of(&after, fields[f].word), *word_of(&before, fields[f].word) | own);
            assert_int_equal(*word_of(&after, 1 - fields[f].word), *word_of(&before, 1 - fields[f].word));
            after = fields[f].set(before, 0);
            assert_int_equal(*word_of(&after, fields[f].word), *word_of(&before, fields[f].word) & ~own);
        }
    }
}

/* Fields that one type uses together: a bit of the capability belongs to one of them. */
static void fields_of_a_type_do_not_overlap(void **state)
{
    static const char *const types[][6] = {
        {"type", "size_bits", "is_device", "watermark"},
        {"type", "rights", "prepared", "badge"},
        {"type", "size_bits", "prepared"},
        {"type", "size_bits", "is_device", "vm_rights", "asid", "vpage"},
        {"type", "base_asid"},
        {"type", "size_bits", "zombie_kind", "remaining", "has_parent"},
        {"type", "irq"},
        {"type", "sgi", "sgi_target"},
        {"type", "cpu"},
    };

    (void)state;
    for (unsigned t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
        word_t used[2] = {mask(CAP_ADDRESS_BITS) & ~mask(4), 0};

        for (unsigned i = 0; i < 6 && types[t][i] != NULL; i++) {
            for (unsigned f = 0; f < FIELDS; f++) {
                if (__builtin_strcmp(fields[f].name, types[t][i]) == 0) {
                    word_t own = mask(fields[f].width) << fields[f].low;

                    assert_int_equal(used[fields[f].word] & own, 0);
                    used[fields[f].word] |= own;
                }
            }
        }
    }
}

static void address_survives_all_other_fields(void **state)
{
    const paddr_t low = paddr(0x10);
    const paddr_t high = paddr(mask(CAP_ADDRESS_BITS) & ~mask(KAAL_UNTYPED_MIN_BITS));
    const paddr_t table = paddr(mask(CAP_ADDRESS_BITS) & ~mask(6));
    struct cap cap;

    (void)state;
    assert_int_equal(cap_address(cap_new_endpoint(low)).raw, low.raw);
    cap = cap_with_badge(cap_new_endpoint(high), WORD_MAX);
    assert_int_equal(cap_address(cap).raw, high.raw);
    cap = cap_with_guard(cap_new_cnode(table, 1), 63, mask(63));
    assert_int_equal(cap_address(cap).raw, table.raw);
    assert_int_equal(cap_guard_size(cap), 63);
    assert_int_equal(cap_size_bits(cap), 1);
}

static void mapping_keeps_address_space_and_place(void **state)
{
    struct cap frame = cap_new_frame(paddr(0x40000000), KAAL_SMALL_PAGE_BITS, false, HAL_VM_READ_WRITE);

    (void)state;
    frame = cap_with_mapping(frame, 0xffff, KAAL_USER_TOP & ~mask(12));
    assert_int_equal(cap_asid(frame), 0xffff);
    assert_int_equal(cap_mapped_vaddr(frame), KAAL_USER_TOP & ~mask(12));
    frame = cap_with_mapping(frame, 0, 0);
    assert_int_equal(frame.w1, 0);
}

/* ---- Rights ---- */

static word_t rights_after(struct cap cap, word_t rights)
{
    return cap_rights(cap_mask_rights(cap, rights));
}

static void rights_can_only_be_removed(void **state)
{
    (void)state;
    for (word_t had = 0; had <= KAAL_RIGHTS_ALL; had++) {
        for (word_t mask_word = 0; mask_word <= KAAL_RIGHTS_ALL; mask_word++) {
            struct cap endpoint = cap_grant(cap_new_endpoint(paddr(16)), had);
            struct cap notification = cap_grant(cap_new_notification(paddr(64)), had & 3);
            struct cap reply = cap_grant(cap_new_reply(paddr(32)), had & 4);

            assert_int_equal(rights_after(endpoint, mask_word), had & mask_word);
            assert_int_equal(rights_after(notification, mask_word), had & 3 & mask_word);
            assert_int_equal(rights_after(reply, mask_word), had & 4 & mask_word);
            assert_int_equal(rights_after(endpoint, mask_word | ~(word_t)15), had & mask_word);
        }
    }
}

static void frame_rights_follow_the_table(void **state)
{
    static const struct {
        enum hal_vm_rights had;
        word_t rights;
        enum hal_vm_rights has;
    } rows[] = {
        {HAL_VM_READ_WRITE, 3, HAL_VM_READ_WRITE},
        {HAL_VM_READ_WRITE, 2, HAL_VM_READ_ONLY},
        {HAL_VM_READ_WRITE, 1, HAL_VM_NONE},
        {HAL_VM_READ_WRITE, 0, HAL_VM_NONE},
        {HAL_VM_READ_ONLY, 3, HAL_VM_READ_ONLY},
        {HAL_VM_READ_ONLY, 2, HAL_VM_READ_ONLY},
        {HAL_VM_READ_ONLY, 1, HAL_VM_NONE},
        {HAL_VM_READ_ONLY, 0, HAL_VM_NONE},
        {HAL_VM_NONE, 3, HAL_VM_NONE},
        {HAL_VM_NONE, 2, HAL_VM_NONE},
        {HAL_VM_NONE, 1, HAL_VM_NONE},
        {HAL_VM_NONE, 0, HAL_VM_NONE},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cap frame = cap_new_frame(paddr(0x1000), KAAL_SMALL_PAGE_BITS, false, rows[i].had);

        assert_int_equal(cap_vm_rights(cap_mask_rights(frame, rows[i].rights)), rows[i].has);
        assert_int_equal(cap_vm_rights(cap_mask_rights(frame, rows[i].rights | 0xc)), rows[i].has);
    }
}

/* One capability of every kind. */
static struct cap sample(enum kaal_cap_type type)
{
    switch (type) {
    case KAAL_CAP_UNTYPED: return cap_new_untyped(paddr(0x100000), 20, false, 0x40);
    case KAAL_CAP_ENDPOINT: return cap_new_endpoint(paddr(0x100010));
    case KAAL_CAP_NOTIFICATION: return cap_new_notification(paddr(0x100040));
    case KAAL_CAP_REPLY: return cap_new_reply(paddr(0x100020));
    case KAAL_CAP_CNODE: return cap_new_cnode(paddr(0x102000), 8);
    case KAAL_CAP_SCHED_CONTEXT: return cap_new_sched_context(paddr(0x104000), 8);
    case KAAL_CAP_FRAME:
        return cap_new_frame(paddr(0x106000), KAAL_SMALL_PAGE_BITS, false, HAL_VM_READ_WRITE);
    case KAAL_CAP_TCB: return cap_new(type, paddr(0x108000));
    case KAAL_CAP_PAGE_TABLE:
    case KAAL_CAP_VSPACE: return cap_with_asid(cap_new(type, paddr(0x10a000)), 1);
    case KAAL_CAP_ASID_POOL: return cap_with_base_asid(cap_new(type, paddr(0x10c000)), 512);
    case KAAL_CAP_IRQ_HANDLER: return cap_with_irq(cap_new(type, paddr(0)), 33);
    case KAAL_CAP_SGI_SIGNAL: return cap_with_sgi_target(cap_with_sgi(cap_new(type, paddr(0)), 3), 1);
    case KAAL_CAP_ZOMBIE:
        return cap_with_remaining(
            cap_with_size_bits(cap_with_zombie_kind(cap_new(type, paddr(0x10e000)), ZOMBIE_CNODE), 4), 9);
    default: return cap_new(type, paddr(0));
    }
}

static const enum kaal_cap_type types[] = {
    KAAL_CAP_UNTYPED,     KAAL_CAP_ENDPOINT,     KAAL_CAP_NOTIFICATION,  KAAL_CAP_REPLY,
    KAAL_CAP_CNODE,       KAAL_CAP_TCB,          KAAL_CAP_FRAME,         KAAL_CAP_PAGE_TABLE,
    KAAL_CAP_VSPACE,      KAAL_CAP_ASID_CONTROL, KAAL_CAP_ASID_POOL,     KAAL_CAP_IRQ_HANDLER,
    KAAL_CAP_IRQ_CONTROL, KAAL_CAP_DOMAIN,       KAAL_CAP_SCHED_CONTEXT, KAAL_CAP_SCHED_CONTROL,
    KAAL_CAP_SGI_SIGNAL,  KAAL_CAP_ZOMBIE,
};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static void assert_same_cap(struct cap a, struct cap b)
{
    assert_int_equal(a.w0, b.w0);
    assert_int_equal(a.w1, b.w1);
}

static void masking_does_nothing_to_other_kinds(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TYPES; i++) {
        struct cap cap = sample(types[i]);

        if (!cap_is(cap, KAAL_CAP_ENDPOINT) && !cap_is(cap, KAAL_CAP_NOTIFICATION) &&
            !cap_is(cap, KAAL_CAP_REPLY) && !cap_is(cap, KAAL_CAP_FRAME)) {
            assert_same_cap(cap_mask_rights(cap, 0), cap);
        }
    }
}

/* ---- Badges and guards ---- */

static void badge_is_given_once_and_never_preserving(void **state)
{
    static const enum kaal_cap_type badged[] = {KAAL_CAP_ENDPOINT, KAAL_CAP_NOTIFICATION};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct cap cap = sample(badged[i]);
        struct cap minted = cap_apply_data(cap, 77, false);

        assert_same_cap(cap_apply_data(cap, 0, false), cap);
        assert_int_equal(cap_badge(minted), 77);
        assert_true(cap_is_null(cap_apply_data(minted, 78, false)));
        assert_true(cap_is_null(cap_apply_data(minted, 77, false)));
        assert_true(cap_is_null(cap_apply_data(minted, 0, false)));
        assert_true(cap_is_null(cap_apply_data(cap, 0, true)));
        assert_true(cap_is_null(cap_apply_data(cap, 77, true)));
        assert_true(cap_is_null(cap_apply_data(minted, 77, true)));
    }
}

static void guard_is_reduced_to_its_size_and_must_leave_room_for_the_radix(void **state)
{
    (void)state;
    for (unsigned preserving = 0; preserving < 2; preserving++) {
        struct cap cap = sample(KAAL_CAP_CNODE); /* radix 8 */
        struct cap guarded = cap_apply_data(cap, kaal_cnode_data(0x1ff, 5), preserving);

        assert_int_equal(cap_guard_size(guarded), 5);
        assert_int_equal(cap_guard(guarded), 0x1f);
        assert_int_equal(cap_size_bits(guarded), 8);
        assert_int_equal(cap_address(guarded).raw, cap_address(cap).raw);
        assert_int_equal(cap_guard_size(cap_apply_data(cap, kaal_cnode_data(1, 56), preserving)), 56);
        assert_true(cap_is_null(cap_apply_data(cap, kaal_cnode_data(0, 57), preserving)));
        assert_same_cap(cap_apply_data(guarded, 0, preserving), cap);
        /* The highest bit that the word can hold: bit 57 of the guard. */
        guarded = cap_apply_data(cap_new_cnode(paddr(0x40), 1), WORD_MAX, preserving);
        assert_int_equal(cap_guard_size(guarded), 63);
        assert_int_equal(cap_guard(guarded), mask(58));
    }
}

static void data_word_does_nothing_to_other_kinds(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TYPES; i++) {
        struct cap cap = sample(types[i]);

        if (!cap_is(cap, KAAL_CAP_ENDPOINT) && !cap_is(cap, KAAL_CAP_NOTIFICATION) &&
            !cap_is(cap, KAAL_CAP_CNODE)) {
            assert_same_cap(cap_apply_data(cap, 0x1234, false), cap);
            assert_same_cap(cap_apply_data(cap, 0x1234, true), cap);
        }
    }
}

/* ---- Objects ---- */

static void every_kind_with_memory_knows_its_size(void **state)
{
    static const struct {
        enum kaal_cap_type type;
        unsigned size_bits;
    } rows[] = {
        {KAAL_CAP_UNTYPED, 20},   {KAAL_CAP_ENDPOINT, 4},      {KAAL_CAP_NOTIFICATION, 6},
        {KAAL_CAP_REPLY, 5},      {KAAL_CAP_CNODE, 13},        {KAAL_CAP_TCB, 11},
        {KAAL_CAP_FRAME, 12},     {KAAL_CAP_PAGE_TABLE, 12},   {KAAL_CAP_VSPACE, 12},
        {KAAL_CAP_ASID_POOL, 12}, {KAAL_CAP_SCHED_CONTEXT, 8}, {KAAL_CAP_ZOMBIE, 9},
    };

    (void)state;
    for (unsigned i = 0; i < TYPES; i++) {
        unsigned expected = 0;
        unsigned size_bits = 0;
        word_t base;

        for (unsigned k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
            expected = rows[k].type == types[i] ? rows[k].size_bits : expected;
        }
        assert_int_equal(cap_object_region(sample(types[i]), &base, &size_bits), expected != 0);
        assert_int_equal(size_bits, expected);
        assert_int_equal(base, cap_address(sample(types[i])).raw);
    }
}

static void every_kind_of_zombie_knows_its_size(void **state)
{
    static const unsigned sizes[] = {
        [ZOMBIE_CNODE] = 4 + KAAL_SLOT_BITS,
        [ZOMBIE_TCB] = KAAL_TCB_BITS,
        [ZOMBIE_ENDPOINT] = KAAL_ENDPOINT_BITS,
        [ZOMBIE_NOTIFICATION] = KAAL_NOTIFICATION_BITS,
    };

    (void)state;
    for (unsigned kind = 0; kind < sizeof(sizes) / sizeof(sizes[0]); kind++) {
        word_t base;
        unsigned size_bits;

        if (sizes[kind] != 0) {
            assert_true(
                cap_object_region(cap_with_zombie_kind(sample(KAAL_CAP_ZOMBIE), kind), &base, &size_bits));
            assert_int_equal(size_bits, sizes[kind]);
        }
    }
}

/* The same capability with something changed that makes it another object, if there is such a thing. */
static bool other_object(struct cap cap, unsigned variant, struct cap *other)
{
    switch (variant) {
    case 0:
        *other = cap_new((enum kaal_cap_type)cap_type(cap), paddr(0x200000));
        *other = cap_with_size_bits(*other, cap_size_bits(cap));
        return cap_address(cap).raw != 0;
    case 1:
        *other = cap_with_size_bits(cap, cap_size_bits(cap) + 1);
        return cap_is(cap, KAAL_CAP_CNODE) || cap_is(cap, KAAL_CAP_SCHED_CONTEXT) ||
               cap_is(cap, KAAL_CAP_FRAME);
    case 2: *other = cap_with_is_device(cap, true); return cap_is(cap, KAAL_CAP_FRAME);
    default: *other = cap_with_irq(cap, 34); return cap_is(cap, KAAL_CAP_IRQ_HANDLER);
    }
}

static void same_object_follows_kind_and_identity(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TYPES; i++) {
        struct cap cap = sample(types[i]);
        bool never_shared = types[i] == KAAL_CAP_UNTYPED || types[i] == KAAL_CAP_IRQ_CONTROL ||
                            types[i] == KAAL_CAP_SGI_SIGNAL || types[i] == KAAL_CAP_ZOMBIE;
        struct cap other;

        assert_int_equal(cap_same_object(cap, cap), !never_shared);
        for (unsigned variant = 0; variant < 4; variant++) {
            if (other_object(cap, variant, &other)) {
                assert_false(cap_same_object(cap, other));
                assert_false(cap_same_object(other, cap));
            }
        }
        for (unsigned k = 0; k < TYPES; k++) {
            assert_false(k != i && cap_same_object(cap, sample(types[k])));
        }
    }
    assert_false(cap_same_object(cap_null(), cap_null()));
}

static void rights_badge_guard_and_mapping_do_not_make_another_object(void **state)
{
    struct cap endpoint = sample(KAAL_CAP_ENDPOINT);
    struct cap cnode = sample(KAAL_CAP_CNODE);
    struct cap frame = sample(KAAL_CAP_FRAME);

    (void)state;
    assert_true(cap_same_object(endpoint, cap_with_badge(cap_grant(endpoint, 0), 5)));
    assert_true(cap_same_object(cnode, cap_apply_data(cnode, kaal_cnode_data(3, 7), false)));
    assert_true(cap_same_object(frame, cap_with_mapping(cap_mask_rights(frame, 0), 1, 0x1000)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_returns_what_was_stored),
        cmocka_unit_test(field_leaves_all_other_bits_alone),
        cmocka_unit_test(fields_of_a_type_do_not_overlap),
        cmocka_unit_test(address_survives_all_other_fields),
        cmocka_unit_test(mapping_keeps_address_space_and_place),
        cmocka_unit_test(rights_can_only_be_removed),
        cmocka_unit_test(frame_rights_follow_the_table),
        cmocka_unit_test(masking_does_nothing_to_other_kinds),
        cmocka_unit_test(badge_is_given_once_and_never_preserving),
        cmocka_unit_test(guard_is_reduced_to_its_size_and_must_leave_room_for_the_radix),
        cmocka_unit_test(data_word_does_nothing_to_other_kinds),
        cmocka_unit_test(every_kind_with_memory_knows_its_size),
        cmocka_unit_test(every_kind_of_zombie_knows_its_size),
        cmocka_unit_test(same_object_follows_kind_and_identity),
        cmocka_unit_test(rights_badge_guard_and_mapping_do_not_make_another_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
