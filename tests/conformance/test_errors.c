/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Errors that no test of an area shows: the rest of the table in docs/errors.md.
 */
#include "tests/conformance/test.h"

static const kaal_cnode_t not_a_cnode = {KAAL_BOOT_TCB};

/* An untyped with children cannot be derived, whatever the data word. */
static void mint_of_used_untyped(void)
{
    kaal_untyped_t parent = kaal_new_untyped(POOL, 12);
    kaal_cptr_t child = kaal_pool_slot(POOL);
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    REQUIRE_OK(kaal_untyped_retype(parent, KAAL_OBJECT_ENDPOINT, 0, 0, 0, child, 1, ROOT));
    CHECK_ERROR(kaal_cnode_mint(ROOT, slot, DEPTH, AT(parent), KAAL_RIGHTS_ALL, 1, ROOT), KAAL_REVOKE_FIRST);
    CHECK(test_is_empty(slot));
}

/* The destination is looked up behind the checks of the interrupt (docs/spec/aarch64-traps.md 9.3, 9.4). */
static void interrupt_destinations(void)
{
    const kaal_word_t irq = 100;
    kaal_cptr_t slot = kaal_pool_slot(POOL);

    CHECK_ERROR_WITH(kaal_irq_control_get_trigger(KAAL_ROOT_IRQ_CONTROL, irq, 0, slot, DEPTH, not_a_cnode),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_INVALID_ROOT);
    CHECK_ERROR_WITH(kaal_irq_control_issue_sgi_signal(KAAL_ROOT_IRQ_CONTROL, 1, 0, slot, DEPTH, not_a_cnode),
                     KAAL_FAILED_LOOKUP, 0, KAAL_LOOKUP_INVALID_ROOT);
    CHECK(test_is_empty(slot));
}

/* Another frame has taken the place of this one: no cache operation works on what is not mapped there. */
static void caches_of_a_displaced_frame(void)
{
    kaal_word_t vaddr = kaal_pool_vaddr(POOL, KAAL_SMALL_PAGE_BITS);
    kaal_frame_t first = kaal_map_new_page(POOL, KAAL_ROOT_VSPACE, vaddr);
    kaal_frame_t second = kaal_new_frame(POOL, KAAL_SMALL_PAGE_BITS);

    REQUIRE(first.cptr && second.cptr);
    REQUIRE_OK(
        kaal_frame_map(second, vaddr, KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, KAAL_VM_DEFAULT, KAAL_ROOT_VSPACE));
    CHECK_ERROR_WITH(kaal_frame_clean_data(first, 0, 64), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_frame_invalidate_data(first, 0, 64), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_frame_clean_invalidate_data(first, 0, 64), KAAL_INVALID_CAPABILITY, 0);
    CHECK_ERROR_WITH(kaal_frame_unify_instruction(first, 0, 64), KAAL_INVALID_CAPABILITY, 0);
    CHECK_OK(kaal_frame_unify_instruction(second, 0, 64));
}

static const struct test_case tests[] = {
    {"mint of a used untyped", mint_of_used_untyped},
    {"destinations of interrupts", interrupt_destinations},
    {"caches of a displaced frame", caches_of_a_displaced_frame},
};

TEST_GROUP(errors, tests);
