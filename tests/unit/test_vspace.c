/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Invocations of page tables, frames and VSpaces: every check in its order with
 * its details (docs/spec/aarch64-vspace.md 4, 5.1 to 5.7). The requests of a ladder
 * have the faults of all later ones: that the earlier check answers is its order.
 */
#include "tests/unit/spaces.h"

#define ALL KAAL_RIGHTS_ALL
#define DEF KAAL_VM_DEFAULT
#define TOP ((word_t)KAAL_USER_TOP + 1)
#define ROOT_LOST                   \
    KAAL_FAILED_LOOKUP, 2,          \
    {                               \
        0, KAAL_LOOKUP_INVALID_ROOT \
    }
#define MISSING(bits)                             \
    KAAL_FAILED_LOOKUP, 3,                        \
    {                                             \
        0, KAAL_LOOKUP_MISSING_CAPABILITY, (bits) \
    }

/* ---- Page tables (docs/spec/aarch64-vspace.md 5.1, 5.2) ---- */

static void page_table_map_checks(void **state)
{
    (void)state;
    enum { LABEL = kaal_label_page_table_map };
    static const struct spaces_case ladder[] = {
        {"one word", NAME_TABLE_IN_A, LABEL, 1, {TOP}, 1, {NAME_UNASSIGNED}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"no capability", NAME_TABLE_IN_A, LABEL, 2, {TOP, 0}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"mapped",
         NAME_TABLE_IN_A,
         LABEL,
         2,
         {TOP, 0},
         1,
         {NAME_UNASSIGNED},
         KAAL_INVALID_CAPABILITY,
         1,
         {0}},
        {"no VSpace", NAME_TABLE, LABEL, 2, {TOP, 0}, 1, {NAME_CNODE}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"empty slot", NAME_TABLE, LABEL, 2, {TOP, 0}, 1, {NAME_NONE}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"VV1", NAME_TABLE, LABEL, 2, {TOP, 0}, 1, {NAME_UNASSIGNED}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"address before VV2", NAME_TABLE, LABEL, 2, {TOP, 0}, 1, {NAME_GONE}, KAAL_INVALID_ARGUMENT, 1, {0}},
        {"address at the end",
         NAME_TABLE,
         LABEL,
         2,
         {~(word_t)0, 0},
         1,
         {NAME_GONE},
         KAAL_INVALID_ARGUMENT,
         1,
         {0}},
        {"VV2", NAME_TABLE, LABEL, 2, {VADDR, 0}, 1, {NAME_GONE}, ROOT_LOST},
        {"VV3", NAME_TABLE, LABEL, 2, {VADDR, 0}, 1, {NAME_REPLACED}, KAAL_INVALID_CAPABILITY, 1, {1}},
        {"all levels there",
         NAME_TABLE,
         LABEL,
         2,
         {VADDR + 0x5000, 0},
         1,
         {NAME_A},
         KAAL_DELETE_FIRST,
         0,
         {0}},
        {"large frame there", NAME_TABLE, LABEL, 2, {VADDR_LARGE, 0}, 1, {NAME_A}, KAAL_DELETE_FIRST, 0, {0}},
        {"good", NAME_TABLE, LABEL, 2, {KAAL_USER_TOP, ~(word_t)0}, 1, {NAME_A}, KAAL_NO_ERROR, 0, {0}},
    };
    struct cap before = spaces_cap(spaces.cap[NAME_TABLE]);

    spaces_check_all(ladder, sizeof(ladder) / sizeof(ladder[0]) - 1);
    assert_memory_equal(&before, &fixture_slot(spaces.cap[NAME_TABLE])->cap, sizeof(before));
    spaces_check(&ladder[sizeof(ladder) / sizeof(ladder[0]) - 1]);
}

/* The level is the one that is missing; the address of the mapping is rounded down to its span. */
static void page_tables_fill_the_missing_level(void **state)
{
    (void)state;
    const word_t vaddr = VADDR_NO_LEVEL_1 + 0x123456789;

    for (unsigned bits = 39; bits > 12; bits -= 9) {
        kaal_cptr_t table = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
        struct hal_walk walk = spaces_walk(spaces.cap[NAME_A], vaddr);

        assert_int_equal(walk.bits_left, bits);
        spaces_map_table(table, spaces.cap[NAME_A], vaddr);
        assert_int_equal(cap_mapped_vaddr(spaces_cap(table)), align_down(vaddr, bits));
        assert_int_equal(cap_asid(spaces_cap(table)), cap_asid(spaces_cap(spaces.cap[NAME_A])));
        assert_int_equal(*(word_t *)hal_window(walk.entry), hal_entry_table(cap_address(spaces_cap(table))));
    }
    spaces_expect_invalidations(0, 0);
}

static void page_table_unmap_checks(void **state)
{
    (void)state;
    enum { LABEL = kaal_label_page_table_unmap };
    kaal_cptr_t table = spaces.cap[NAME_TABLE_IN_A];
    kaal_cptr_t copy = spaces_copy(table);
    static const struct spaces_case shared = {"shared", NAME_TABLE_IN_A,   LABEL, 0,  {0}, 0,
                                              {0},      KAAL_REVOKE_FIRST, 0,     {0}};
    static const struct spaces_case good = {"good", NAME_TABLE_IN_A, LABEL, 0,  {0}, 0,
                                            {0},    KAAL_NO_ERROR,   0,     {0}};
    static const struct spaces_case unmapped = {"unmapped", NAME_TABLE, LABEL,         0, {0},
                                                0,          {0},        KAAL_NO_ERROR, 0, {0}};

    spaces_check(&shared);
    assert_int_not_equal(cap_asid(spaces_cap(table)), 0);
    spaces_delete(copy);
    spaces_expect_invalidations(0, 0);
    spaces_check(&good);
    spaces_expect_invalidations(0, 1);
    assert_int_equal(cap_asid(spaces_cap(table)), 0);
    assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR).bits_left, 21);
    for (unsigned i = 0; i < 512; i++) {
        assert_int_equal(((word_t *)hal_window(cap_address(spaces_cap(table))))[i], 0);
    }
    spaces_check(&unmapped);
    spaces_check(&good); /* once more: not mapped any more */
    spaces_expect_invalidations(0, 0);
}

static void unknown_labels_come_before_everything_else(void **state)
{
    (void)state;
    static const enum spaces_name objects[] = {NAME_TABLE, NAME_TABLE_IN_A, NAME_FRAME, NAME_FRAME_IN_A,
                                               NAME_A,     NAME_UNASSIGNED, NAME_GONE};
    static const word_t labels[] = {kaal_label_invalid, kaal_label_cnode_copy, 43,
                                    kaal_label_asid_pool_assign, KAAL_LABEL_COUNT};

    for (unsigned i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        for (unsigned j = 0; j < sizeof(labels) / sizeof(labels[0]); j++) {
            struct spaces_case test = {"unknown label",        objects[i], labels[j], 0, {0}, 0, {0},
                                       KAAL_ILLEGAL_OPERATION, 0,          {0}};

            spaces_check(&test);
        }
    }
    /* The methods of the other kinds are unknown, too. */
    SPACES_CHECK_ALL(((const struct spaces_case[]){
        {"frame: table",
         NAME_FRAME,
         kaal_label_page_table_map,
         0,
         {0},
         0,
         {0},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"frame: space",
         NAME_FRAME,
         kaal_label_vspace_clean_data,
         0,
         {0},
         0,
         {0},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
        {"table: frame", NAME_TABLE, kaal_label_frame_map, 0, {0}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"space: frame", NAME_A, kaal_label_frame_clean_data, 0, {0}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"space: below",
         NAME_A,
         kaal_label_sched_context_yield_to,
         0,
         {0},
         0,
         {0},
         KAAL_ILLEGAL_OPERATION,
         0,
         {0}},
    }));
}

/* ---- Frames (docs/spec/aarch64-vspace.md 5.3) ---- */

enum { FRAME_MAP = kaal_label_frame_map, ODD = VADDR + 0x123 };

static const struct spaces_case frame_map_ladder[] = {
    {"two words", NAME_FRAME_IN_B, FRAME_MAP, 2, {ODD, ALL}, 1, {NAME_CNODE}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
    {"no capability", NAME_FRAME_IN_B, FRAME_MAP, 3, {ODD, ALL, DEF}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
    {"no VSpace",
     NAME_FRAME_IN_B,
     FRAME_MAP,
     3,
     {ODD, ALL, DEF},
     1,
     {NAME_CNODE},
     KAAL_INVALID_CAPABILITY,
     1,
     {1}},
    {"VV1",
     NAME_FRAME_IN_B,
     FRAME_MAP,
     3,
     {ODD, ALL, DEF},
     1,
     {NAME_UNASSIGNED},
     KAAL_INVALID_CAPABILITY,
     1,
     {1}},
    {"VV2", NAME_FRAME_IN_B, FRAME_MAP, 3, {ODD, ALL, DEF}, 1, {NAME_GONE}, ROOT_LOST},
    {"VV3",
     NAME_FRAME_IN_B,
     FRAME_MAP,
     3,
     {ODD, ALL, DEF},
     1,
     {NAME_REPLACED},
     KAAL_INVALID_CAPABILITY,
     1,
     {1}},
    {"alignment", NAME_FRAME_IN_B, FRAME_MAP, 3, {ODD, ALL, DEF}, 1, {NAME_A}, KAAL_ALIGNMENT_ERROR, 0, {0}},
    {"large alignment",
     NAME_LARGE,
     FRAME_MAP,
     3,
     {VADDR + 0x1000, ALL, DEF},
     1,
     {NAME_A},
     KAAL_ALIGNMENT_ERROR,
     0,
     {0}},
    {"other space",
     NAME_FRAME_IN_B,
     FRAME_MAP,
     3,
     {TOP, ALL, DEF},
     1,
     {NAME_A},
     KAAL_INVALID_CAPABILITY,
     1,
     {1}},
    {"other address",
     NAME_FRAME_IN_B,
     FRAME_MAP,
     3,
     {TOP, ALL, DEF},
     1,
     {NAME_B},
     KAAL_INVALID_ARGUMENT,
     1,
     {0}},
    {"above the top", NAME_FRAME, FRAME_MAP, 3, {TOP, ALL, DEF}, 1, {NAME_A}, KAAL_INVALID_ARGUMENT, 1, {0}},
    {"end of addresses",
     NAME_FRAME,
     FRAME_MAP,
     3,
     {~(word_t)0xfff, ALL, DEF},
     1,
     {NAME_A},
     KAAL_INVALID_ARGUMENT,
     1,
     {0}},
    {"no level 1", NAME_FRAME, FRAME_MAP, 3, {VADDR_NO_LEVEL_1, ALL, DEF}, 1, {NAME_A}, MISSING(39)},
    {"no level 2", NAME_FRAME, FRAME_MAP, 3, {VADDR_NO_LEVEL_2, ALL, DEF}, 1, {NAME_A}, MISSING(30)},
    {"no level 3", NAME_FRAME, FRAME_MAP, 3, {VADDR_NO_LEVEL_3, ALL, DEF}, 1, {NAME_A}, MISSING(21)},
    {"large frame there", NAME_FRAME, FRAME_MAP, 3, {VADDR_LARGE, ALL, DEF}, 1, {NAME_A}, MISSING(21)},
    {"large: table there", NAME_LARGE, FRAME_MAP, 3, {VADDR, ALL, DEF}, 1, {NAME_A}, MISSING(12)},
    {"large: no level 2", NAME_LARGE, FRAME_MAP, 3, {VADDR_NO_LEVEL_2, ALL, DEF}, 1, {NAME_A}, MISSING(30)},
    {"huge: table there", NAME_HUGE, FRAME_MAP, 3, {0, ALL, DEF}, 1, {NAME_A}, MISSING(21)},
    {"huge: no level 1", NAME_HUGE, FRAME_MAP, 3, {VADDR_NO_LEVEL_1, ALL, DEF}, 1, {NAME_A}, MISSING(39)},
    {"last page", NAME_FRAME, FRAME_MAP, 3, {TOP - 0x1000, ALL, DEF}, 1, {NAME_A}, MISSING(39)},
    {"remap", NAME_FRAME_IN_A, FRAME_MAP, 3, {VADDR + 0x1000, ALL, DEF}, 1, {NAME_A}, KAAL_NO_ERROR, 0, {0}},
    {"small", NAME_FRAME, FRAME_MAP, 3, {VADDR, ALL, DEF}, 1, {NAME_A}, KAAL_NO_ERROR, 0, {0}},
    {"large", NAME_LARGE, FRAME_MAP, 3, {VADDR_NO_LEVEL_3, ALL, DEF}, 1, {NAME_A}, KAAL_NO_ERROR, 0, {0}},
    {"huge", NAME_HUGE, FRAME_MAP, 3, {VADDR_NO_LEVEL_2, ALL, 4}, 1, {NAME_A}, KAAL_NO_ERROR, 0, {0}},
};

static void frame_map_checks(void **state)
{
    (void)state;

    SPACES_CHECK_ALL(frame_map_ladder);
}

/* A remapping where the page table is gone fails in the walk (docs/spec/aarch64-vspace.md 5.3, notes). */
static void frame_without_its_table_is_not_remapped(void **state)
{
    (void)state;
    static const struct spaces_case again = {
        "again", NAME_FRAME_IN_A, kaal_label_frame_map, 3, {VADDR + 0x1000, ALL, DEF},
        1,       {NAME_A},        MISSING(21)};

    spaces_do(spaces.cap[NAME_TABLE_IN_A], kaal_label_page_table_unmap, FIXTURE_NONE, FIXTURE_NONE);
    spaces_check(&again);
}

/* Rights of the capability, rights asked for, rights of the mapping (docs/spec/aarch64-vspace.md 4.1); R is
 * 2, W is 1. */
static void mapping_rights_are_the_intersection(void **state)
{
    (void)state;
    static const struct {
        word_t cap_mask;
        word_t request;
        enum hal_vm_rights expected;
    } cases[] = {
        {15, 15, HAL_VM_READ_WRITE}, {15, 3, HAL_VM_READ_WRITE}, {15, 2, HAL_VM_READ_ONLY},
        {15, 1, HAL_VM_NONE},        {15, 0, HAL_VM_NONE},       {15, 12, HAL_VM_NONE},
        {2, 3, HAL_VM_READ_ONLY},    {2, 2, HAL_VM_READ_ONLY},   {2, 1, HAL_VM_NONE},
        {2, 0, HAL_VM_NONE},         {0, 3, HAL_VM_NONE},        {1, 3, HAL_VM_NONE},
        {0, 0, HAL_VM_NONE},         {14, 7, HAL_VM_READ_ONLY},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        kaal_cptr_t frame = fixture_mint(spaces.cap[NAME_FRAME], cases[i].cap_mask, 0);
        word_t entry;

        spaces_map(frame, spaces.cap[NAME_A], VADDR, cases[i].request, DEF);
        entry = spaces_walk(spaces.cap[NAME_A], VADDR).value;
        assert_int_equal(entry, hal_entry_frame(cap_address(spaces_cap(frame)), 12, cases[i].expected, DEF));
        assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_READ, NULL) == 0,
                         cases[i].expected != HAL_VM_NONE);
        assert_int_equal(spaces_access(spaces.cap[NAME_A], VADDR, MACHINE_WRITE, NULL) == 0,
                         cases[i].expected == HAL_VM_READ_WRITE);
        spaces_delete(frame);
    }
}

/* Only the three low bits count, whatever the frame is made of (docs/spec/aarch64-vspace.md 4.2). */
static void attributes_come_from_the_request(void **state)
{
    (void)state;
    static const word_t requests[] = {0, 1, 2, 3, 4, 5, 6, 7, ~(word_t)7, ~(word_t)0};

    for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        paddr_t address = cap_address(spaces_cap(spaces.cap[NAME_FRAME]));

        spaces_map(spaces.cap[NAME_FRAME], spaces.cap[NAME_A], VADDR, ALL, requests[i]);
        assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR).value,
                         hal_entry_frame(address, 12, HAL_VM_READ_WRITE, requests[i] & 7));
    }
}

/* ---- Unmap and GetAddress (docs/spec/aarch64-vspace.md 5.4, 5.5) ---- */

static void frame_unmap_always_succeeds(void **state)
{
    (void)state;
    static const enum spaces_name frames[] = {NAME_FRAME, NAME_FRAME_IN_A, NAME_FRAME_STALE, NAME_FRAME_GONE,
                                              NAME_LARGE, NAME_LARGE_IN_A, NAME_HUGE};
    static const uint64_t invalidations[] = {0, 1, 0, 0, 0, 1, 0};

    for (unsigned i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        kaal_cptr_t frame = spaces.cap[frames[i]];

        spaces_do(frame, kaal_label_frame_unmap, FIXTURE_NONE, FIXTURE_NONE);
        spaces_expect_invalidations(invalidations[i], 0);
        assert_int_equal(cap_asid(spaces_cap(frame)), 0);
        assert_int_equal(cap_mapped_vaddr(spaces_cap(frame)), 0);
    }
    assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR + 0x1000).value, 0);
    assert_int_not_equal(spaces_walk(spaces.cap[NAME_A], VADDR + 0x2000).value, 0);
    assert_int_equal(spaces_walk(spaces.cap[NAME_A], VADDR_LARGE).value, 0);
}

static void get_address_answers_where_the_frame_is(void **state)
{
    (void)state;
    static const enum spaces_name frames[] = {NAME_FRAME, NAME_FRAME_IN_A, NAME_LARGE, NAME_HUGE,
                                              NAME_FRAME_GONE};

    for (unsigned i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        kaal_cptr_t frame = spaces.cap[frames[i]];
        struct fixture_answer answer =
            fixture_invoke(frame, kaal_label_frame_get_address, FIXTURE_LIST(7, 8, 9), FIXTURE_NONE);

        assert_int_equal(answer.error, KAAL_NO_ERROR);
        assert_int_equal(answer.length, 1);
        assert_int_equal(answer.words[0], cap_address(spaces_cap(frame)).raw);
    }
    assert_int_equal(fixture_send(spaces.cap[NAME_FRAME], kaal_label_frame_get_address, FIXTURE_NONE),
                     FIXTURE_DONE);
}

/* ---- Caches (docs/spec/aarch64-vspace.md 5.6, 5.7) ---- */

static const enum kaal_label frame_cache_labels[] = {
    kaal_label_frame_clean_data, kaal_label_frame_invalidate_data, kaal_label_frame_clean_invalidate_data,
    kaal_label_frame_unify_instruction};
static const enum kaal_label vspace_cache_labels[] = {
    kaal_label_vspace_clean_data, kaal_label_vspace_invalidate_data, kaal_label_vspace_clean_invalidate_data,
    kaal_label_vspace_unify_instruction};

/* A case of the ladder for each of the four operations. */
static void check_four(const struct spaces_case *cases, size_t count, const enum kaal_label *labels)
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned j = 0; j < 4; j++) {
            struct spaces_case test = cases[i];

            test.label = labels[j];
            spaces_check(&test);
        }
    }
}

static void frame_cache_checks(void **state)
{
    (void)state;
    static const struct spaces_case ladder[] = {
        {"one word", NAME_FRAME, 0, 1, {1}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"not mapped", NAME_FRAME, 0, 2, {1, 1}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"space gone", NAME_FRAME_GONE, 0, 2, {1, 1}, 0, {0}, ROOT_LOST},
        {"empty", NAME_FRAME_STALE, 0, 2, {0x1001, 0x1001}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {1}},
        {"backwards", NAME_FRAME_STALE, 0, 2, {0x1001, 0}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {1}},
        {"behind", NAME_FRAME_STALE, 0, 2, {0x1000, 0x1001}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {0}},
        {"too long", NAME_FRAME_STALE, 0, 2, {0, 0x1001}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {0}},
        {"far too long", NAME_FRAME_STALE, 0, 2, {0, ~(word_t)0}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {0}},
        {"stale", NAME_FRAME_STALE, 0, 2, {0, 0x1000}, 0, {0}, KAAL_INVALID_CAPABILITY, 1, {0}},
        {"good", NAME_FRAME_IN_A, 0, 2, {0, 0x1000}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
        {"last byte", NAME_FRAME_IN_A, 0, 2, {0xfff, 0x1000}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
        {"large", NAME_LARGE_IN_A, 0, 2, {0, 0x200000}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
    };

    check_four(ladder, sizeof(ladder) / sizeof(ladder[0]), frame_cache_labels);
}

static void vspace_cache_checks(void **state)
{
    (void)state;
    const word_t end = VADDR + 0x2000;
    const struct spaces_case ladder[] = {
        {"one word", NAME_UNASSIGNED, 0, 1, {1}, 0, {0}, KAAL_TRUNCATED_MESSAGE, 0, {0}},
        {"empty", NAME_UNASSIGNED, 0, 2, {TOP, TOP}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {1}},
        {"backwards", NAME_UNASSIGNED, 0, 2, {TOP, VADDR}, 0, {0}, KAAL_INVALID_ARGUMENT, 1, {1}},
        {"above the top", NAME_UNASSIGNED, 0, 2, {VADDR, TOP}, 0, {0}, KAAL_ILLEGAL_OPERATION, 0, {0}},
        {"VV1", NAME_UNASSIGNED, 0, 2, {VADDR, TOP - 1}, 0, {0}, KAAL_INVALID_CAPABILITY, 1, {0}},
        {"VV2", NAME_GONE, 0, 2, {VADDR, TOP - 1}, 0, {0}, ROOT_LOST},
        {"VV3", NAME_REPLACED, 0, 2, {VADDR, TOP - 1}, 0, {0}, KAAL_INVALID_CAPABILITY, 1, {0}},
        {"nothing there", NAME_A, 0, 2, {VADDR, TOP - 1}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
        {"no table there", NAME_A, 0, 2, {VADDR_NO_LEVEL_1, TOP - 1}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
        {"two pages",
         NAME_A,
         0,
         2,
         {VADDR + 0x1800, end + 1},
         0,
         {0},
         KAAL_RANGE_ERROR,
         2,
         {VADDR + 0x1800, end - 1}},
        {"large and more",
         NAME_A,
         0,
         2,
         {VADDR_LARGE + 5, VADDR_LARGE + 0x200001},
         0,
         {0},
         KAAL_RANGE_ERROR,
         2,
         {VADDR_LARGE + 5, VADDR_LARGE + 0x1fffff}},
        {"good", NAME_A, 0, 2, {VADDR + 0x1000, end}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
        {"large", NAME_A, 0, 2, {VADDR_LARGE, VADDR_LARGE + 0x200000}, 0, {0}, KAAL_NO_ERROR, 0, {0}},
    };

    check_four(ladder, sizeof(ladder) / sizeof(ladder[0]), vspace_cache_labels);
}

/* The mapping decides, not the capability: this frame's may write (docs/spec/aarch64-vspace.md 5.6 no. 7, 5.7
 * no. 7). */
static void only_invalidation_needs_a_writable_mapping(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        enum kaal_error error = i == HAL_CACHE_INVALIDATE ? KAAL_ILLEGAL_OPERATION : KAAL_NO_ERROR;

        SPACES_CHECK_ALL(((const struct spaces_case[]){
            {"frame", NAME_FRAME_READ_ONLY, frame_cache_labels[i], 2, {0, 64}, 0, {0}, error, 0, {0}},
            {"space",
             NAME_A,
             vspace_cache_labels[i],
             2,
             {VADDR + 0x3000, VADDR + 0x3040},
             0,
             {0},
             error,
             0,
             {0}},
        }));
    }
}

/* Bytes that were maintained, by operation. */
static void cache_operations_reach_exactly_the_range(void **state)
{
    (void)state;
    struct machine_counters *counters = &host_machine.state.counters;
    static const struct {
        word_t start, end;
        unsigned steps;
    } ranges[] = {{0, 1, 1},         {0, 0x1000, 4},    {0x3ff, 0x401, 2},
                  {0x123, 0x124, 1}, {0x400, 0x800, 1}, {0xc01, 0x1000, 1}};

    for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        for (unsigned j = 0; j < 4; j++) {
            word_t bytes = ranges[i].end - ranges[i].start;
            word_t at = VADDR + 0x1000 + ranges[i].start;

            memset(counters, 0, sizeof(*counters));
            spaces_do(spaces.cap[NAME_FRAME_IN_A], frame_cache_labels[j],
                      FIXTURE_LIST(ranges[i].start, ranges[i].end), FIXTURE_NONE);
            assert_int_equal(counters->cache_bytes, bytes);
            assert_int_equal(counters->cache_operations[j], ranges[i].steps);
            spaces_do(spaces.cap[NAME_A], vspace_cache_labels[j], FIXTURE_LIST(at, at + bytes), FIXTURE_NONE);
            assert_int_equal(counters->cache_bytes, 2 * bytes);
            assert_int_equal(counters->cache_operations[j], 2 * ranges[i].steps);
        }
    }
}

/* Preempted often, it ends all the same, and does nothing twice. */
static void long_cache_operation_is_preempted_and_goes_on(void **state)
{
    (void)state;
    const struct machine_counters *counters = &host_machine.state.counters;

    host_machine.state.poll_ticks = machine_ticks(1);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t bytes = counters->cache_bytes;
        uint64_t entries = counters->entries;

        for (unsigned polls = 1; polls < 4; polls++) {
            fixture_take_interrupts();
            hal_irq_unmask(1);
            machine_pulse_at_poll(1, polls);
            spaces_do(spaces.cap[NAME_LARGE_IN_A], frame_cache_labels[i], FIXTURE_LIST(0, 0x200000),
                      FIXTURE_NONE);
        }
        assert_int_equal(counters->cache_bytes - bytes, 3 * 0x200000);
        assert_int_equal(counters->entries - entries, 6); /* each was stopped once */
        assert_int_equal(fixture_current()->progress.kind, PROGRESS_NONE);
    }
}

/* It may be mapped cacheable. */
static void device_memory_is_maintained_like_ram(void **state)
{
    (void)state;
    const struct machine_counters *counters = &host_machine.state.counters;
    uint64_t bytes = counters->cache_bytes;

    spaces_map(spaces.cap[NAME_HUGE], spaces.cap[NAME_A], VADDR_NO_LEVEL_2, ALL, DEF);
    spaces_do(spaces.cap[NAME_HUGE], kaal_label_frame_clean_invalidate_data, FIXTURE_LIST(0, 0x10000),
              FIXTURE_NONE);
    assert_int_equal(counters->cache_bytes - bytes, 0x10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(page_table_map_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(page_tables_fill_the_missing_level, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(page_table_unmap_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(unknown_labels_come_before_everything_else, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(frame_map_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(frame_without_its_table_is_not_remapped, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(mapping_rights_are_the_intersection, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(attributes_come_from_the_request, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(frame_unmap_always_succeeds, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(get_address_answers_where_the_frame_is, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(frame_cache_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(vspace_cache_checks, spaces_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(only_invalidation_needs_a_writable_mapping, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(cache_operations_reach_exactly_the_range, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(long_cache_operation_is_preempted_and_goes_on, spaces_setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(device_memory_is_maintained_like_ram, spaces_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
