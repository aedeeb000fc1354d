/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The boot information, field by field, and the capabilities it promises
 * (docs/spec/abi.md 14 and 15, docs/spec/aarch64-boot.md 5 to 8).
 */
#include "tests/conformance/test.h"

static const struct kaal_slot_region no_region = {0, 0};

static bool same_region(struct kaal_slot_region a, struct kaal_slot_region b)
{
    return a.start == b.start && a.end == b.end;
}

static kaal_word_t region_size(struct kaal_slot_region region)
{
    return region.end - region.start;
}

static void scalar_fields(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;

    CHECK_EQUAL(info->node_id, 0);
    CHECK_EQUAL(info->node_count, 1);
    CHECK_EQUAL(info->io_page_table_levels, 0);
    CHECK_EQUAL(info->initial_domain, 0);
    CHECK(info->ipc_buffer != 0);
    CHECK_EQUAL(info->ipc_buffer % 4096, 0);
    CHECK(info->root_cnode_bits >= 8 && info->root_cnode_bits <= 16);
    CHECK(same_region(info->shared_frames, no_region));
    CHECK(same_region(info->io_space_caps, no_region));
}

/* paging, extra pages, sched control, image frames, untypeds, empty: without gaps, untypeds last. */
static void slots_in_order(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;

    CHECK_EQUAL(info->user_image_paging.start, KAAL_BOOT_FIRST_DYNAMIC);
    CHECK(region_size(info->user_image_paging) >= 3);
    if (info->extra_length) {
        CHECK_EQUAL(info->extra_bootinfo_pages.start, info->user_image_paging.end);
        CHECK_EQUAL(region_size(info->extra_bootinfo_pages), (info->extra_length + 4095) / 4096);
        CHECK_EQUAL(info->sched_control.start, info->extra_bootinfo_pages.end);
    } else {
        CHECK(same_region(info->extra_bootinfo_pages, no_region));
        CHECK_EQUAL(info->sched_control.start, info->user_image_paging.end);
    }
    CHECK_EQUAL(region_size(info->sched_control), info->node_count);
    CHECK_EQUAL(info->user_image_frames.start, info->sched_control.end);
    CHECK_EQUAL(info->untyped.start, info->user_image_frames.end);
    CHECK_EQUAL(info->empty.start, info->untyped.end);
    CHECK_EQUAL(info->empty.end, (kaal_word_t)1 << info->root_cnode_bits);
}

static void fixed_slots(void)
{
    static const enum kaal_cap_type types[KAAL_BOOT_FIRST_DYNAMIC] = {
        [KAAL_BOOT_TCB] = KAAL_CAP_TCB,
        [KAAL_BOOT_CNODE] = KAAL_CAP_CNODE,
        [KAAL_BOOT_VSPACE] = KAAL_CAP_VSPACE,
        [KAAL_BOOT_IRQ_CONTROL] = KAAL_CAP_IRQ_CONTROL,
        [KAAL_BOOT_ASID_CONTROL] = KAAL_CAP_ASID_CONTROL,
        [KAAL_BOOT_ASID_POOL] = KAAL_CAP_ASID_POOL,
        [KAAL_BOOT_BOOTINFO_FRAME] = KAAL_CAP_FRAME,
        [KAAL_BOOT_IPC_BUFFER] = KAAL_CAP_FRAME,
        [KAAL_BOOT_DOMAIN] = KAAL_CAP_DOMAIN,
        [KAAL_BOOT_SCHED_CONTEXT] = KAAL_CAP_SCHED_CONTEXT,
    };

    for (unsigned i = 0; i < KAAL_BOOT_FIRST_DYNAMIC; i++) {
        CHECK_TYPE(((kaal_any_t){i}), types[i]);
    }
}

/* Looks at each slot of a region, or at a few thousand of a large one. */
static void check_region_type(struct kaal_slot_region region, enum kaal_cap_type type)
{
    kaal_word_t stride = region_size(region) / 4096 + 1;

    for (kaal_word_t slot = region.start; slot < region.end; slot += stride) {
        if (!test_check_type((kaal_any_t){slot}, type, "type in a region", TEST_HERE)) {
            return;
        }
    }
}

static void dynamic_slots(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;

    check_region_type(info->user_image_paging, KAAL_CAP_PAGE_TABLE);
    check_region_type(info->extra_bootinfo_pages, KAAL_CAP_FRAME);
    check_region_type(info->sched_control, KAAL_CAP_SCHED_CONTROL);
    check_region_type(info->user_image_frames, KAAL_CAP_FRAME);
    check_region_type(info->untyped, KAAL_CAP_UNTYPED);

    /* The allocator has used slots up to its next one. */
    check_region_type((struct kaal_slot_region){world.allocator.next_slot, info->empty.end}, KAAL_CAP_NULL);
}

static void untyped_descriptors(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;
    kaal_word_t count = region_size(info->untyped);
    bool seen_memory = false;
    kaal_word_t device_end = 0;

    REQUIRE(count > 0 && count <= KAAL_BOOTINFO_MAX_UNTYPEDS);
    for (kaal_word_t i = 0; i < count; i++) {
        const struct kaal_untyped_descriptor *untyped = &info->untyped_list[i];

        REQUIRE(untyped->size_bits >= KAAL_UNTYPED_MIN_BITS && untyped->size_bits <= KAAL_UNTYPED_MAX_BITS);
        REQUIRE(untyped->is_device <= 1);
        CHECK_EQUAL(untyped->paddr & (((kaal_word_t)1 << untyped->size_bits) - 1), 0);
        for (unsigned j = 0; j < sizeof(untyped->padding); j++) {
            CHECK_EQUAL(untyped->padding[j], 0);
        }
        if (untyped->is_device) {
            /* Device memory comes first, ascending. */
            CHECK(!seen_memory);
            CHECK(untyped->paddr >= device_end);
            device_end = untyped->paddr + ((kaal_word_t)1 << untyped->size_bits);
        }
        seen_memory |= !untyped->is_device;
    }
    CHECK(seen_memory);
}

static bool overlap(const struct kaal_untyped_descriptor *a, const struct kaal_untyped_descriptor *b)
{
    return a->paddr < b->paddr + ((kaal_word_t)1 << b->size_bits) &&
           b->paddr < a->paddr + ((kaal_word_t)1 << a->size_bits);
}

static void untypeds_disjoint(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;
    kaal_word_t count = region_size(info->untyped);

    for (kaal_word_t i = 0; i < count; i++) {
        for (kaal_word_t j = 0; j < i; j++) {
            REQUIRE(!overlap(&info->untyped_list[i], &info->untyped_list[j]));
        }
    }
}

/* One frame per page of the image, one contiguous piece of memory that is in no untyped. */
static void image_frames(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;
    kaal_word_t count = region_size(info->user_image_frames);
    kaal_word_t first = 0;

    REQUIRE(count > 0);
    for (kaal_word_t i = 0; i < count; i++) {
        struct kaal_result address =
            kaal_frame_get_address((kaal_frame_t){info->user_image_frames.start + i});
        struct kaal_untyped_descriptor page = {.paddr = address.words[0], .size_bits = 12};

        REQUIRE_OK(address);
        first = i ? first : page.paddr;
        CHECK_EQUAL(page.paddr, first + 4096 * i);
        for (kaal_word_t j = 0; j < region_size(info->untyped); j++) {
            REQUIRE(!overlap(&page, &info->untyped_list[j]));
        }
    }
}

/* IPC buffer after the image, boot information after that, extra information last (docs/spec/abi.md 15.2). */
static void addresses(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;

    CHECK((const void *)info == sys_pointer(info->ipc_buffer + 4096));
    sys_store(info->ipc_buffer + 8 * 121, 0x77);
    CHECK_EQUAL(kaal_ipc_buffer()->user_data, 0x77);
    sys_store(info->ipc_buffer + 8 * 121, 0);
    CHECK_EQUAL(sys_load(info->ipc_buffer + 4096 + 0x20), info->ipc_buffer);
}

/* One chunk of kind 6: the device tree, whose own header says how long it is (Devicetree Specification 5.2).
 */
static void extra_information(void)
{
    const struct kaal_bootinfo *info = world.bootinfo;
    kaal_word_t vaddr = info->ipc_buffer + 8192;

    if (!info->extra_length) {
        CHECK(same_region(info->extra_bootinfo_pages, no_region));
        return;
    }
    CHECK_EQUAL(sys_load(vaddr), KAAL_BOOTINFO_DEVICE_TREE);
    CHECK_EQUAL(sys_load(vaddr + 8), info->extra_length);

    kaal_word_t header = sys_load(vaddr + 16); /* magic and total size, big endian */

    CHECK_EQUAL(header & 0xffffffff, 0xedfe0dd0);
    CHECK_EQUAL(__builtin_bswap32((uint32_t)(header >> 32)), info->extra_length - 16);
}

/* Slot 14 has the smallest size, so no extra refills (docs/spec/abi.md 15.1). A refused request changes
 * nothing.
 */
static void root_scheduling_context(void)
{
    kaal_sched_control_t control = {world.bootinfo->sched_control.start};

    CHECK_ERROR_WITH(kaal_sched_control_configure_flags(control, 1000, 2000, 1, 0, 0, KAAL_ROOT_SC),
                     KAAL_RANGE_ERROR, 0, 0);
    CHECK_OK(kaal_tcb_set_priority(KAAL_ROOT_TCB, 255, KAAL_ROOT_TCB));
    CHECK_ERROR_WITH(kaal_tcb_set_priority(KAAL_ROOT_TCB, 256, KAAL_ROOT_TCB), KAAL_RANGE_ERROR, 0, 255);
}

static const struct test_case tests[] = {
    {"scalar fields", scalar_fields},
    {"slots in order", slots_in_order},
    {"fixed slots", fixed_slots},
    {"dynamic slots", dynamic_slots},
    {"untyped descriptors", untyped_descriptors},
    {"untypeds are disjoint", untypeds_disjoint},
    {"image frames", image_frames},
    {"addresses", addresses},
    {"extra boot information", extra_information},
    {"root scheduling context", root_scheduling_context},
};

TEST_GROUP(bootinfo, tests);
