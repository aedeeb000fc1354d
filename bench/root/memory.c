/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making objects, mapping frames and tables.
 */
#include "bench/root/operation.h"
#include "bench/root/rows.h"

enum {
    LARGEST_RETYPED_BITS = KAAL_LARGE_PAGE_BITS,
    CNODE_SIZE_BITS = 8,
    PAGES_BITS = 11,
    PAGES = 1 << PAGES_BITS,
    PAGES_SOME = 512
};

/* Page attributes of data. */
#define DATA_PAGE (KAAL_VM_DEFAULT | KAAL_VM_EXECUTE_NEVER)

/* ---- Untyped_Retype: each round from an untyped without children, which begins at its start ---- */

static struct {
    kaal_untyped_t untyped;
    kaal_cptr_t slot; /* and those behind it */
} fresh;

/* Takes the objects away and lets the kernel clear the memory now, by making one small object. */
static void clean(void)
{
    kaal_revoke(fresh.untyped);
    kaal_untyped_retype(fresh.untyped, KAAL_OBJECT_ENDPOINT, 0, 0, 0, fresh.slot, 1, KAAL_ROOT_CNODE);
    kaal_delete_slot(fresh.slot);
    kaal_untyped_retype(fresh.untyped, KAAL_OBJECT_ENDPOINT, 0, 0, 0, fresh.slot + 1, 1, KAAL_ROOT_CNODE);
}

static void take_back(void)
{
    kaal_revoke(fresh.untyped);
}

static bool measure_retype_of(const char *name, enum kaal_object_type type, kaal_word_t size_bits)
{
    return operation_measure(&(struct operation){.name = name,
                                                 .service = fresh.untyped.cptr,
                                                 .label = kaal_label_untyped_retype,
                                                 .word_count = 6,
                                                 .words = {type, size_bits, 0, 0, fresh.slot, 1},
                                                 .cap_count = 1,
                                                 .caps = {KAAL_BOOT_CNODE},
                                                 .before = clean,
                                                 .after = take_back});
}

static bool measure_retypes(void)
{
    static const struct {
        const char *name;
        enum kaal_object_type type;
        kaal_word_t size_bits;
    } types[] = {
        {"Untyped_Retype, untyped of 4 KiB", KAAL_OBJECT_UNTYPED, 12},
        {"Untyped_Retype, TCB", KAAL_OBJECT_TCB, 0},
        {"Untyped_Retype, endpoint", KAAL_OBJECT_ENDPOINT, 0},
        {"Untyped_Retype, notification", KAAL_OBJECT_NOTIFICATION, 0},
        {"Untyped_Retype, reply", KAAL_OBJECT_REPLY, 0},
        {"Untyped_Retype, CNode of 256 slots", KAAL_OBJECT_CNODE, CNODE_SIZE_BITS},
        {"Untyped_Retype, scheduling context of 256 bytes", KAAL_OBJECT_SCHED_CONTEXT, 8},
        {"Untyped_Retype, VSpace", KAAL_OBJECT_VSPACE, 0},
        {"Untyped_Retype, page table", KAAL_OBJECT_PAGE_TABLE, 0},
        {"Untyped_Retype, frame of 4 KiB", KAAL_OBJECT_SMALL_PAGE, 0},
        {"Untyped_Retype, frame of 2 MiB", KAAL_OBJECT_LARGE_PAGE, 0},
    };

    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (!measure_retype_of(types[i].name, types[i].type, types[i].size_bits)) {
            return false;
        }
    }
    return true;
}

/* The memory must be cleared first: the frame of the round before is gone, its memory was used. */
static bool measure_reset(void)
{
    kaal_untyped_t page = kaal_new_untyped(&pair.pool, KAAL_SMALL_PAGE_BITS);

    fresh.untyped = page;
    return page.cptr &&
           operation_measure(&(struct operation){.name = "Untyped_Retype, frame of 4 KiB from used memory",
                                                 .service = page.cptr,
                                                 .label = kaal_label_untyped_retype,
                                                 .word_count = 6,
                                                 .words = {KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, fresh.slot, 1},
                                                 .cap_count = 1,
                                                 .caps = {KAAL_BOOT_CNODE},
                                                 .after = take_back});
}

/* A frame of 1 GiB fits into none of the machine's memory: from an untyped of device addresses. */
static bool measure_huge(void)
{
    const struct kaal_bootinfo *bootinfo = pair.pool.bootinfo;

    for (kaal_word_t i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        if (bootinfo->untyped_list[i].is_device &&
            bootinfo->untyped_list[i].size_bits >= KAAL_HUGE_PAGE_BITS) {
            fresh.untyped.cptr = bootinfo->untyped.start + i;
            return operation_measure(
                &(struct operation){.name = "Untyped_Retype, frame of 1 GiB (device)",
                                    .service = fresh.untyped.cptr,
                                    .label = kaal_label_untyped_retype,
                                    .word_count = 6,
                                    .words = {KAAL_OBJECT_HUGE_PAGE, 0, 0, 0, fresh.slot, 1},
                                    .cap_count = 1,
                                    .caps = {KAAL_BOOT_CNODE},
                                    .after = take_back});
        }
    }
    return false;
}

/* ---- Frames and page tables ---- */

static struct {
    kaal_frame_t frame;
    kaal_page_table_t table;
    kaal_word_t vaddr;
    kaal_vspace_t space; /* without an ASID */
} mapping;

static void map_it(void)
{
    kaal_frame_map(mapping.frame, mapping.vaddr, KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, DATA_PAGE,
                   KAAL_ROOT_VSPACE);
}

static void map_read_only(void)
{
    kaal_frame_map(mapping.frame, mapping.vaddr, KAAL_RIGHT_READ, DATA_PAGE, KAAL_ROOT_VSPACE);
}

static void unmap_it(void)
{
    kaal_frame_unmap(mapping.frame);
}

static void map_table(void)
{
    kaal_page_table_map(mapping.table, mapping.vaddr, KAAL_VM_DEFAULT, KAAL_ROOT_VSPACE);
}

static void unmap_table(void)
{
    kaal_page_table_unmap(mapping.table);
}

#define FRAME_MAP(what, access)                                                                    \
    .name = (what), .service = mapping.frame.cptr, .label = kaal_label_frame_map, .word_count = 3, \
    .words = {mapping.vaddr, (access), DATA_PAGE}, .cap_count = 1, .caps = {KAAL_BOOT_VSPACE}

static bool measure_frames(void)
{
    mapping.vaddr = kaal_pool_vaddr(&pair.pool, KAAL_SMALL_PAGE_BITS);
    mapping.frame = kaal_map_new_page(&pair.pool, KAAL_ROOT_VSPACE, mapping.vaddr);
    if (!mapping.frame.cptr) {
        return false;
    }
    unmap_it();
    const kaal_word_t both = KAAL_RIGHT_READ | KAAL_RIGHT_WRITE;
    const struct operation operations[] = {
        {FRAME_MAP("frame map", both), .after = unmap_it},
        {FRAME_MAP("frame map again with fewer rights", KAAL_RIGHT_READ), .before = map_it,
         .after = unmap_it},
        {FRAME_MAP("frame map again with more rights", both), .before = map_read_only, .after = unmap_it},
        {.name = "frame unmap",
         .service = mapping.frame.cptr,
         .label = kaal_label_frame_unmap,
         .before = map_it},
        {.name = "frame get address", .service = mapping.frame.cptr, .label = kaal_label_frame_get_address},
        {.name = "frame clean data, 4 KiB",
         .service = mapping.frame.cptr,
         .label = kaal_label_frame_clean_data,
         .word_count = 2,
         .words = {0, 1 << KAAL_SMALL_PAGE_BITS},
         .before = map_it,
         .after = unmap_it},
    };

    return OPERATIONS_MEASURE(operations);
}

static void give_up_space(void)
{
    kaal_delete(mapping.space);
    mapping.space.cptr = 0;
}

static void new_space(void)
{
    kaal_untyped_retype(pair.pool.untyped, KAAL_OBJECT_VSPACE, 0, 0, 0, fresh.slot, 1, KAAL_ROOT_CNODE);
    mapping.space.cptr = fresh.slot;
}

static bool measure_tables(void)
{
    mapping.table = kaal_new_page_table(&pair.pool);
    /* A region of 2 MiB of its own, so that only its last table is missing. */
    mapping.vaddr = kaal_pool_vaddr(&pair.pool, KAAL_LARGE_PAGE_BITS);
    if (!mapping.table.cptr) {
        return false;
    }
    const struct operation operations[] = {
        {.name = "page table map",
         .service = mapping.table.cptr,
         .label = kaal_label_page_table_map,
         .word_count = 2,
         .words = {mapping.vaddr, KAAL_VM_DEFAULT},
         .cap_count = 1,
         .caps = {KAAL_BOOT_VSPACE},
         .after = unmap_table},
        {.name = "page table unmap",
         .service = mapping.table.cptr,
         .label = kaal_label_page_table_unmap,
         .before = map_table},
        {.name = "ASID pool assign",
         .service = KAAL_BOOT_ASID_POOL,
         .label = kaal_label_asid_pool_assign,
         .cap_count = 1,
         .caps = {fresh.slot},
         .before = new_space,
         .after = give_up_space},
    };

    return OPERATIONS_MEASURE(operations);
}

/* ---- Many pages: the kernel's and the program's part, for all of them ---- */

/* Maps `pages` frames at following addresses, with as few instructions of the program as it takes. */
static bool map_all(unsigned pages, kaal_cptr_t first, kaal_word_t vaddr)
{
    kaal_set_cap(0, KAAL_BOOT_VSPACE);
    for (unsigned page = 0; page < pages; page++) {
        struct sys_registers registers = {.x = {first + page, kaal_info(kaal_label_frame_map, 0, 1, 3),
                                                vaddr + ((kaal_word_t)page << KAAL_SMALL_PAGE_BITS),
                                                KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, DATA_PAGE, 0, 0,
                                                (kaal_word_t)(int64_t)KAAL_SYS_CALL, 0}};

        sys_call(&registers);
        if (kaal_info_label(registers.x[1])) {
            return false;
        }
    }
    return true;
}

static bool measure_many(const char *name, unsigned pages, kaal_cptr_t first, kaal_word_t vaddr)
{
    struct series series = {.round.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct count before = measure_now();
        bool good = map_all(pages, first, vaddr);
        struct count after = measure_now();

        if (!good) {
            return false;
        }
        for (unsigned page = 0; page < pages; page++) {
            kaal_frame_unmap((kaal_frame_t){first + page});
        }
        series_add(&series, i, before, after);
    }
    series_print(&series, name);
    return true;
}

/* Frames in slots that follow each other; the first of them, or 0. */
static kaal_cptr_t new_frames(unsigned count)
{
    kaal_cptr_t first = 0;

    for (unsigned i = 0; i < count; i++) {
        kaal_frame_t frame = kaal_new_frame(&pair.pool, KAAL_SMALL_PAGE_BITS);

        if (!frame.cptr) {
            return 0;
        }
        first = first ? first : frame.cptr;
    }
    return first;
}

static bool measure_regions(void)
{
    kaal_word_t region = kaal_pool_vaddr(&pair.pool, PAGES_BITS + KAAL_SMALL_PAGE_BITS);
    kaal_cptr_t first = new_frames(PAGES);

    if (!first) {
        return false;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        if (!kaal_map_frame(&pair.pool, KAAL_ROOT_VSPACE, (kaal_frame_t){first + i},
                            region + ((kaal_word_t)i << KAAL_SMALL_PAGE_BITS), KAAL_RIGHT_READ, DATA_PAGE) ||
            kaal_frame_unmap((kaal_frame_t){first + i}).error) {
            return false;
        }
    }
    return measure_many("frame map, 512 pages", PAGES_SOME, first, region) &&
           measure_many("frame map, 2,048 pages", PAGES, first, region);
}

bool measure_memory(void)
{
    if (!pair_prepare()) {
        return false;
    }
    section("Untyped_Retype");
    fresh.untyped = kaal_new_untyped(&pair.pool, LARGEST_RETYPED_BITS + 1);
    fresh.slot = kaal_pool_slot(&pair.pool);
    if (!fresh.untyped.cptr || !kaal_pool_slot(&pair.pool) || !measure_retypes() || !measure_huge() ||
        !measure_reset()) {
        return false;
    }
    section("Address spaces");
    return measure_frames() && measure_tables() && measure_regions();
}
