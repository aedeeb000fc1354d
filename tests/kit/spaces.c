/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The world of address spaces.
 */
#include "tests/kit/spaces.h"

struct spaces spaces;

static struct spaces_invalidations seen;

/* ---- Requests ---- */

void spaces_do(kaal_cptr_t object, enum kaal_label label, size_t word_count, const word_t *words,
               size_t cap_count, const kaal_cptr_t *caps)
{
    struct fixture_answer answer = fixture_invoke(object, label, word_count, words, cap_count, caps);

    if (answer.error != KAAL_NO_ERROR) {
        print_error("label %d answers error %d (0x%lx, 0x%lx, 0x%lx)\n", label, answer.error, answer.words[0],
                    answer.words[1], answer.words[2]);
    }
    assert_int_equal(answer.error, KAAL_NO_ERROR);
}

void spaces_map(kaal_cptr_t frame, kaal_cptr_t vspace, word_t vaddr, word_t rights, word_t attributes)
{
    spaces_do(frame, kaal_label_frame_map, FIXTURE_LIST(vaddr, rights, attributes), FIXTURE_LIST(vspace));
}

void spaces_map_table(kaal_cptr_t table, kaal_cptr_t vspace, word_t vaddr)
{
    spaces_do(table, kaal_label_page_table_map, FIXTURE_LIST(vaddr, KAAL_VM_DEFAULT), FIXTURE_LIST(vspace));
}

void spaces_delete(kaal_cptr_t slot)
{
    spaces_do(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(slot, WORD_BITS), FIXTURE_NONE);
}

kaal_cptr_t spaces_copy(kaal_cptr_t source)
{
    kaal_cptr_t slot = fixture_new_slot();

    spaces_do(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
              FIXTURE_LIST(slot, WORD_BITS, source, WORD_BITS, KAAL_RIGHTS_ALL),
              FIXTURE_LIST(KAAL_BOOT_CNODE));
    return slot;
}

kaal_cptr_t spaces_new(kaal_cptr_t pool)
{
    kaal_cptr_t vspace = fixture_object(KAAL_OBJECT_VSPACE, 0);

    spaces_do(pool, kaal_label_asid_pool_assign, FIXTURE_NONE, FIXTURE_LIST(vspace));
    return vspace;
}

kaal_cptr_t spaces_new_pool(void)
{
    kaal_cptr_t untyped = fixture_object(KAAL_OBJECT_UNTYPED, KAAL_ASID_POOL_BITS);
    kaal_cptr_t slot = fixture_new_slot();

    spaces_do(KAAL_BOOT_ASID_CONTROL, kaal_label_asid_control_make_pool, FIXTURE_LIST(slot, WORD_BITS),
              FIXTURE_LIST(untyped, KAAL_BOOT_CNODE));
    return slot;
}

/* ---- Cases ---- */

static bool answer_is(const struct fixture_answer *answer, const struct spaces_case *test)
{
    unsigned length = test->error == KAAL_NO_ERROR ? 0 : test->detail_count;
    bool good = answer->outcome == FIXTURE_DONE && answer->error == test->error && answer->length == length;

    for (unsigned i = 0; good && i < length; i++) {
        good = answer->words[i] == test->details[i];
    }
    return good;
}

void spaces_check(const struct spaces_case *test)
{
    kaal_cptr_t caps[2];
    struct fixture_answer answer;

    for (unsigned i = 0; i < test->cap_count; i++) {
        caps[i] = spaces.cap[test->caps[i]];
    }
    answer = fixture_invoke(spaces.cap[test->object], (enum kaal_label)test->label, test->word_count,
                            test->words, test->cap_count, caps);
    if (!answer_is(&answer, test)) {
        print_error("%s: error %d with %u words 0x%lx 0x%lx 0x%lx\n", test->what, answer.error, answer.length,
                    answer.words[0], answer.words[1], answer.words[2]);
        fail();
    }
}

void spaces_check_all(const struct spaces_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        spaces_check(&cases[i]);
    }
}

/* ---- Looking ---- */

struct cap spaces_cap(kaal_cptr_t slot)
{
    return fixture_slot(slot)->cap;
}

struct hal_walk spaces_walk(kaal_cptr_t vspace, word_t vaddr)
{
    return hal_walk(cap_address(spaces_cap(vspace)), vaddr);
}

word_t spaces_access(kaal_cptr_t vspace, word_t vaddr, enum machine_access access, paddr_t *memory)
{
    struct machine_state *state = &host_machine.state;
    bool active = state->space_active;
    paddr_t root = state->space_root;
    word_t asid = state->space_asid;
    word_t status = 0;
    paddr_t result;

    state->space_active = true;
    state->space_root = cap_address(spaces_cap(vspace));
    state->space_asid = cap_asid(spaces_cap(vspace));
    if (machine_translate(vaddr, access, &result, &status) && memory != NULL) {
        *memory = result;
    }
    state->space_active = active;
    state->space_root = root;
    state->space_asid = asid;
    return status;
}

struct spaces_invalidations spaces_invalidations(void)
{
    const struct machine_counters *counters = &host_machine.state.counters;
    struct spaces_invalidations since = {counters->tlb_page_invalidations - seen.pages,
                                         counters->tlb_asid_invalidations - seen.asids};

    seen = (struct spaces_invalidations){counters->tlb_page_invalidations, counters->tlb_asid_invalidations};
    return since;
}

void spaces_expect_invalidations(uint64_t pages, uint64_t asids)
{
    struct spaces_invalidations since = spaces_invalidations();

    assert_int_equal(since.pages, pages);
    assert_int_equal(since.asids, asids);
    assert_int_equal(host_machine.state.counters.tlb_stale_hits, 0);
}

/* ---- The world ---- */

static kaal_cptr_t huge_device_frame(void)
{
    const struct kaal_bootinfo *info = fixture_bootinfo();
    kaal_cptr_t slot = fixture_new_slot();

    for (word_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        if (info->untyped_list[i].is_device && info->untyped_list[i].size_bits >= KAAL_HUGE_PAGE_BITS) {
            spaces_do(info->untyped.start + i, kaal_label_untyped_retype,
                      FIXTURE_LIST(KAAL_OBJECT_HUGE_PAGE, 0, 0, 0, slot, 1), FIXTURE_LIST(KAAL_BOOT_CNODE));
            return slot;
        }
    }
    fail_msg("no device memory of 1 GiB");
    return 0;
}

static kaal_cptr_t new_table(kaal_cptr_t vspace, word_t vaddr)
{
    kaal_cptr_t table = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);

    spaces_map_table(table, vspace, vaddr);
    return table;
}

static void make_spaces(void)
{
    kaal_cptr_t *cap = spaces.cap;
    kaal_cptr_t pool;

    cap[NAME_NONE] = fixture_new_slot();
    cap[NAME_CNODE] = KAAL_BOOT_CNODE;
    cap[NAME_A] = spaces_new(KAAL_BOOT_ASID_POOL);
    cap[NAME_B] = spaces_new(KAAL_BOOT_ASID_POOL);
    cap[NAME_UNASSIGNED] = fixture_object(KAAL_OBJECT_VSPACE, 0);
    cap[NAME_TABLE_1_IN_A] = new_table(cap[NAME_A], VADDR);
    cap[NAME_TABLE_2_IN_A] = new_table(cap[NAME_A], VADDR);
    cap[NAME_TABLE_IN_A] = new_table(cap[NAME_A], VADDR);
    for (unsigned i = 0; i < 3; i++) {
        new_table(cap[NAME_B], VADDR);
    }
    cap[NAME_TABLE] = fixture_object(KAAL_OBJECT_PAGE_TABLE, 0);
    /* Pool number 1 is made twice: the first VSpace's ASID then belongs to the second's. */
    pool = spaces_new_pool();
    cap[NAME_REPLACED] = spaces_new(pool);
    spaces_delete(pool);
    spaces.pool = spaces_new_pool();
    spaces_new(spaces.pool);
    pool = spaces_new_pool();
    cap[NAME_GONE] = spaces_new(pool);
    for (unsigned i = 0; i < 3; i++) {
        new_table(cap[NAME_GONE], VADDR);
    }
    cap[NAME_FRAME_GONE] = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
    spaces_map(cap[NAME_FRAME_GONE], cap[NAME_GONE], VADDR, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT);
    spaces_delete(pool);
}

static void make_frames(void)
{
    kaal_cptr_t *cap = spaces.cap;
    kaal_cptr_t over = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);

    for (unsigned i = NAME_FRAME; i <= NAME_FRAME_STALE; i++) {
        cap[i] = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
    }
    spaces_map(cap[NAME_FRAME_IN_A], cap[NAME_A], VADDR + 0x1000, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT);
    spaces_map(cap[NAME_FRAME_READ_ONLY], cap[NAME_A], VADDR + 0x3000, KAAL_RIGHT_READ, KAAL_VM_DEFAULT);
    spaces_map(cap[NAME_FRAME_IN_B], cap[NAME_B], VADDR + 0x1000, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT);
    spaces_map(cap[NAME_FRAME_STALE], cap[NAME_A], VADDR + 0x2000, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT);
    spaces_map(over, cap[NAME_A], VADDR + 0x2000, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT);
    cap[NAME_LARGE] = fixture_object(KAAL_OBJECT_LARGE_PAGE, 0);
    cap[NAME_LARGE_IN_A] = fixture_object(KAAL_OBJECT_LARGE_PAGE, 0);
    spaces_map(cap[NAME_LARGE_IN_A], cap[NAME_A], VADDR_LARGE, KAAL_RIGHTS_ALL, KAAL_VM_DEFAULT);
    cap[NAME_HUGE] = huge_device_frame();
}

int spaces_setup(void **state)
{
    struct machine_config config = fixture_config();

    (void)state;
    config.ram_bytes = bit(26);
    fixture_boot(&config);
    make_spaces();
    make_frames();
    seen = (struct spaces_invalidations){0, 0};
    (void)spaces_invalidations();
    return 0;
}
