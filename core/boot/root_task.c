/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/boot/root_task.h"

#include "core/boot/untypeds.h"
#include "core/log.h"
#include "core/sched/sched_context.h"
#include "core/sched/time.h"

enum {
    PAGE_BITS = KAAL_SMALL_PAGE_BITS,
    PAGE_BYTES = 1 << PAGE_BITS,
    ROOT_ASID = 1,
    /* Image and extra pages are executable, the other two are not (docs/spec/aarch64-boot.md 8). */
    ATTRIBUTES_IMAGE = KAAL_VM_DEFAULT,
    ATTRIBUTES_DATA = KAAL_VM_DEFAULT | KAAL_VM_EXECUTE_NEVER,
};

_Static_assert(sizeof(struct kaal_bootinfo) <= PAGE_BYTES, "boot information fits its page");
_Static_assert((1 << KAAL_TCB_BITS) + (1 << KAAL_SCHED_CONTEXT_MIN_BITS) <= PAGE_BYTES, "they share a page");
_Static_assert(SCHED_CONTEXT_HEADER_BYTES + MIN_REFILLS * KAAL_REFILL_BYTES <=
                   1 << KAAL_SCHED_CONTEXT_MIN_BITS,
               "the root task's scheduling context has room for its refills");

/* Entries of 2^bits bytes that a span touches. */
static word_t spans(word_t start, word_t end, unsigned bits)
{
    core_assert(start < end);
    return ((end - 1) >> bits) - (start >> bits) + 1;
}

const char *root_layout(struct root_layout *layout, const struct boot_machine *machine,
                        const struct boot_params *params)
{
    word_t tree = machine->device_tree_bytes;

    layout->image_start = params->root_vaddr;
    layout->image_pages = params->root_size >> PAGE_BITS;
    layout->ipc_buffer = params->root_vaddr + params->root_size;
    layout->bootinfo = layout->ipc_buffer + PAGE_BYTES;
    layout->extra = layout->bootinfo + PAGE_BYTES;
    layout->extra_bytes = tree ? tree + sizeof(struct kaal_bootinfo_chunk) : 0;
    layout->extra_pages = align_up(layout->extra_bytes, PAGE_BITS) >> PAGE_BITS;
    layout->end = layout->extra + layout->extra_pages * PAGE_BYTES;
    if (layout->end - 1 > KAAL_USER_TOP) {
        return "the root task and its boot information do not fit below the end of user space";
    }
    for (unsigned level = 0; level < ARCH_TABLE_LEVELS; level++) {
        layout->tables[level] = spans(layout->image_start, layout->end, arch_entry_bits(level));
        core_assert(level == 0 || layout->tables[level] >= layout->tables[level - 1]);
    }
    core_assert(is_aligned(layout->image_start | layout->end, PAGE_BITS));
    core_assert(layout->extra_bytes <= layout->end - layout->extra);
    return NULL;
}

/* ---- Memory ---- */

static word_t irq_table_bytes(const struct boot_machine *machine)
{
    return align_up((word_t)machine->irq_count << KAAL_SLOT_BITS, PAGE_BITS);
}

word_t boot_memory_bytes(const struct root_layout *layout, const struct boot_machine *machine,
                         const struct boot_params *params)
{
    /* Pages: VSpace, ASID pool, IPC buffer, boot information; one more holds TCB and scheduling context. */
    word_t pages = 4 + root_table_count(layout) + layout->extra_pages + 1;

    return bit(boot_memory_align_bits(params)) + irq_table_bytes(machine) + pages * PAGE_BYTES;
}

/*
 * The next piece. The CNode, to which the memory is aligned, is asked for first, then
 * whole pages, then less in descending order: so each is aligned to its size, or to a page.
 */
static paddr_t take(struct region *memory, word_t bytes)
{
    word_t start = memory->start;

    core_assert(memory->end - start >= bytes);
    core_assert(is_aligned(start, (unsigned)word_min(lowest_bit(bytes), PAGE_BITS)));
    memory->start = start + bytes;
    return paddr(start);
}

static paddr_t take_page(struct root_builder *builder)
{
    return take(&builder->memory, PAGE_BYTES);
}

/* ---- Slots ---- */

static struct slot *root_slot(const struct root_builder *builder, word_t index)
{
    return cap_cnode_slot(builder->cnode, index);
}

static void put(struct root_builder *builder, word_t index, struct cap cap)
{
    core_assert(index != KAAL_BOOT_NULL && slot_empty(root_slot(builder, index)));
    slot_insert_root(root_slot(builder, index), cap);
}

static void put_next(struct root_builder *builder, struct cap cap)
{
    core_assert(builder->next_slot >= KAAL_BOOT_FIRST_DYNAMIC);
    put(builder, builder->next_slot++, cap);
}

/* ---- Address space ---- */

static struct cap map_page(const struct root_builder *builder, paddr_t page, word_t vaddr, word_t attributes)
{
    struct hal_walk walk = hal_walk(builder->vspace, vaddr);

    core_assert(is_aligned(page.raw | vaddr, PAGE_BITS));
    core_assert(vaddr >= builder->layout.image_start && vaddr < builder->layout.end);
    core_assert(walk.bits_left == PAGE_BITS && hal_entry_empty(walk.value));
    hal_entry_write(walk.entry, hal_entry_frame(page, PAGE_BITS, HAL_VM_READ_WRITE, attributes));
    return cap_with_mapping(cap_new_frame(page, PAGE_BITS, false, HAL_VM_READ_WRITE), ROOT_ASID, vaddr);
}

/* All tables that entries of one level refer to, ascending; a walk stops where the next one is missing. */
static void build_tables(struct root_builder *builder, unsigned level)
{
    unsigned bits = arch_entry_bits(level);
    word_t first = align_down(builder->layout.image_start, bits);

    for (word_t i = 0; i < builder->layout.tables[level]; i++) {
        word_t vaddr = first + (i << bits);
        paddr_t table = take_page(builder);
        struct hal_walk walk = hal_walk(builder->vspace, vaddr);

        core_assert(vaddr < builder->layout.end);
        core_assert(walk.bits_left == bits && hal_entry_empty(walk.value));
        hal_entry_write(walk.entry, hal_entry_table(table));
        put_next(builder, cap_with_mapping(cap_new(KAAL_CAP_PAGE_TABLE, table), ROOT_ASID, vaddr));
    }
}

static void build_address_space(struct root_builder *builder)
{
    core_assert(!kernel.asid_pools[0]);
    builder->vspace = take_page(builder);
    kernel.asid_pools[0] = asid_pool_at(take_page(builder));
    kernel.asid_pools[0]->root[ROOT_ASID] = builder->vspace.raw;
    put(builder, KAAL_BOOT_ASID_POOL, cap_new(KAAL_CAP_ASID_POOL, hal_window_paddr(kernel.asid_pools[0])));
    put(builder, KAAL_BOOT_VSPACE, cap_with_asid(cap_new(KAAL_CAP_VSPACE, builder->vspace), ROOT_ASID));
    put(builder, KAAL_BOOT_ASID_CONTROL, cap_new(KAAL_CAP_ASID_CONTROL, paddr(0)));
}

static struct kaal_slot_region region_from(const struct root_builder *builder, word_t start)
{
    core_assert(start <= builder->next_slot);
    return (struct kaal_slot_region){start, builder->next_slot};
}

/* Capabilities to so many pages, mapped one after the other. */
static struct kaal_slot_region map_pages(struct root_builder *builder, paddr_t first, word_t vaddr,
                                         word_t count)
{
    word_t start = builder->next_slot;

    for (word_t i = 0; i < count; i++) {
        word_t offset = i * PAGE_BYTES;

        put_next(builder, map_page(builder, paddr_add(first, offset), vaddr + offset, ATTRIBUTES_IMAGE));
    }
    return region_from(builder, start);
}

/* The extra pages hold one chunk: the device tree. */
static void build_extra_bootinfo(struct root_builder *builder)
{
    const struct root_layout *layout = &builder->layout;
    const struct boot_machine *machine = builder->machine;

    if (layout->extra_pages == 0) {
        return;
    }
    paddr_t pages = take(&builder->memory, layout->extra_pages * PAGE_BYTES);
    struct kaal_bootinfo_chunk *chunk = hal_window(pages);

    core_assert(sizeof(*chunk) + machine->device_tree_bytes == layout->extra_bytes);
    *chunk = (struct kaal_bootinfo_chunk){KAAL_BOOTINFO_DEVICE_TREE, layout->extra_bytes};
    __builtin_memcpy(chunk + 1, hal_window(machine->device_tree), machine->device_tree_bytes);
    builder->info->extra_bootinfo_pages = map_pages(builder, pages, layout->extra, layout->extra_pages);
}

static void build_image(struct root_builder *builder)
{
    const struct root_layout *layout = &builder->layout;
    const struct boot_params *params = builder->params;
    paddr_t image = builder->machine->root_image;

    core_assert(params->root_file_bytes <= params->root_size);
    hal_memory_clear(paddr_add(image, params->root_file_bytes), params->root_size - params->root_file_bytes);
    builder->info->user_image_frames = map_pages(builder, image, layout->image_start, layout->image_pages);
    hal_cache_maintain(HAL_CACHE_UNIFY, builder->vspace, ROOT_ASID, layout->image_start, params->root_size);
}

/* ---- The thread ---- */

static void build_thread(struct root_builder *builder)
{
    const struct root_layout *layout = &builder->layout;
    struct cap tcb_cap = cap_new(KAAL_CAP_TCB, take(&builder->memory, bit(KAAL_TCB_BITS)));
    struct cap sc_cap = cap_new_sched_context(take(&builder->memory, bit(KAAL_SCHED_CONTEXT_MIN_BITS)),
                                              KAAL_SCHED_CONTEXT_MIN_BITS);
    struct tcb *tcb = cap_tcb(tcb_cap);
    struct sched_context *sc = cap_sched_context(sc_cap);

    put(builder, KAAL_BOOT_TCB, tcb_cap);
    put(builder, KAAL_BOOT_SCHED_CONTEXT, sc_cap);
    thread_init(tcb, 0, "rootserver");
    tcb->priority = KAAL_MAX_PRIORITY;
    tcb->mcp = KAAL_MAX_PRIORITY;
    tcb->regs[REG_ARGUMENT] = layout->bootinfo;
    tcb->regs[REG_NEXT_IP] = builder->params->root_entry;
    tcb->regs[REG_FAULT_IP] = builder->params->root_entry;
    tcb->ipc_buffer = layout->ipc_buffer;
    slot_insert_derived(root_slot(builder, KAAL_BOOT_CNODE), &tcb->slots[TCB_SLOT_CSPACE], builder->cnode);
    slot_insert_derived(root_slot(builder, KAAL_BOOT_VSPACE), &tcb->slots[TCB_SLOT_VSPACE],
                        root_slot(builder, KAAL_BOOT_VSPACE)->cap);
    slot_insert_derived(root_slot(builder, KAAL_BOOT_IPC_BUFFER), &tcb->slots[TCB_SLOT_IPC_BUFFER],
                        cap_with_mapping(root_slot(builder, KAAL_BOOT_IPC_BUFFER)->cap, 0, 0));
    refill_start(sc, MIN_REFILLS, time_to_ticks(builder->params->time_slice_us), 0, this_cpu()->now);
    tcb->state = THREAD_RUNNING;
    sched_context_bind_tcb(sc, tcb);
    core_assert(builder->params->root_entry - layout->image_start < layout->image_pages * PAGE_BYTES);
    core_assert(thread_is_schedulable(tcb) && refill_sufficient(sc, 0));
}

static void build_bootinfo(struct root_builder *builder, paddr_t page)
{
    const struct root_layout *layout = &builder->layout;
    struct kaal_bootinfo *info = hal_window(page);

    builder->info = info;
    info->extra_length = layout->extra_bytes;
    info->node_count = CONFIG_MAX_CPUS;
    info->ipc_buffer = layout->ipc_buffer;
    info->root_cnode_bits = builder->params->root_cnode_bits;
}

static void build_sched_controls(struct root_builder *builder)
{
    word_t first = builder->next_slot;

    for (word_t cpu = 0; cpu < CONFIG_MAX_CPUS; cpu++) {
        put_next(builder, cap_with_cpu(cap_new(KAAL_CAP_SCHED_CONTROL, paddr(0)), cpu));
    }
    builder->info->sched_control = region_from(builder, first);
}

static void build_cnode(struct root_builder *builder)
{
    unsigned radix = (unsigned)builder->params->root_cnode_bits;

    builder->cnode = cap_with_guard(
        cap_new_cnode(take(&builder->memory, bit(boot_memory_align_bits(builder->params))), radix),
        WORD_BITS - radix, 0);
    core_assert(is_aligned(cap_address(builder->cnode).raw, radix + KAAL_SLOT_BITS));
    put(builder, KAAL_BOOT_CNODE, builder->cnode);
    builder->next_slot = KAAL_BOOT_FIRST_DYNAMIC;
}

void root_task_build(struct root_builder *builder)
{
    const struct root_layout *layout = &builder->layout;

    build_cnode(builder);
    kernel.irq_slots = hal_window(take(&builder->memory, irq_table_bytes(builder->machine)));
    put(builder, KAAL_BOOT_IRQ_CONTROL, cap_new(KAAL_CAP_IRQ_CONTROL, paddr(0)));
    put(builder, KAAL_BOOT_DOMAIN, cap_new(KAAL_CAP_DOMAIN, paddr(0)));
    build_address_space(builder);
    paddr_t bootinfo = take_page(builder);
    paddr_t ipc_buffer = take_page(builder);
    build_bootinfo(builder, bootinfo);
    for (unsigned level = 0; level < ARCH_TABLE_LEVELS; level++) {
        build_tables(builder, level);
    }
    builder->info->user_image_paging = region_from(builder, KAAL_BOOT_FIRST_DYNAMIC);
    core_assert(builder->next_slot == KAAL_BOOT_FIRST_DYNAMIC + root_table_count(layout));
    put(builder, KAAL_BOOT_BOOTINFO_FRAME, map_page(builder, bootinfo, layout->bootinfo, ATTRIBUTES_DATA));
    put(builder, KAAL_BOOT_IPC_BUFFER, map_page(builder, ipc_buffer, layout->ipc_buffer, ATTRIBUTES_DATA));
    build_extra_bootinfo(builder);
    build_sched_controls(builder);
    build_image(builder);
    build_thread(builder);
    core_assert(builder->next_slot == root_slot_count(layout)); /* what was reckoned with, and no more */
    core_assert(builder->memory.end - builder->memory.start < PAGE_BYTES);
}

/* ---- Untypeds ---- */

static void give_piece(struct root_builder *builder, struct untyped_piece piece, bool is_device)
{
    struct kaal_bootinfo *info = builder->info;

    core_assert(builder->next_slot - info->untyped.start < builder->params->max_untypeds);
    core_assert(is_device || piece.paddr != 0);
    info->untyped_list[builder->next_slot - info->untyped.start] = (struct kaal_untyped_descriptor){
        .paddr = piece.paddr, .size_bits = (uint8_t)piece.size_bits, .is_device = is_device};
    /* As if used up and without children: the first Retype clears the memory (docs/spec/capabilities.md 9.3).
     */
    put_next(builder, cap_new_untyped(paddr(piece.paddr), piece.size_bits, is_device, bit(piece.size_bits)));
}

/* Gives out the `limit` largest pieces, of which there are so many, in ascending order. Returns the bytes of
 * those that are left. */
static word_t give_list(struct root_builder *builder, const struct region_list *list, word_t limit,
                        bool is_device)
{
    struct untyped_choice choice = untyped_choose(list, limit);
    struct untyped_piece piece;
    word_t first = builder->next_slot;
    word_t dropped = 0;

    for (unsigned i = 0; i < list->count; i++) {
        for (struct region rest = list->region[i]; untyped_cut(&rest, &piece);) {
            if (untyped_is_chosen(&choice, piece)) {
                give_piece(builder, piece, is_device);
            } else {
                dropped += bit(piece.size_bits);
            }
        }
    }
    core_assert(builder->next_slot - first == limit);
    return dropped;
}

void root_task_give_untypeds(struct root_builder *builder, const struct region_list *devices,
                             const struct region_list *free_ram)
{
    word_t first = builder->next_slot;
    word_t slots = bit((unsigned)builder->params->root_cnode_bits);
    word_t limit = word_min(builder->params->max_untypeds, slots - first);
    word_t of_devices = untyped_pieces(devices);
    word_t of_ram = untyped_pieces(free_ram);
    word_t wanted = of_devices + of_ram;

    /* RAM comes first in three quarters of the descriptors, devices in the last one. */
    of_ram = word_min(of_ram, word_max(limit - limit / 4, limit - word_min(limit, of_devices)));
    of_devices = word_min(of_devices, limit - of_ram);
    builder->info->untyped.start = first;
    (void)give_list(builder, devices, of_devices, true);
    word_t lost = give_list(builder, free_ram, of_ram, false);
    builder->info->untyped = region_from(builder, first);
    builder->info->empty = (struct kaal_slot_region){builder->next_slot, slots};
    core_assert(builder->info->user_image_frames.end == first);
    core_assert(builder->next_slot > first && builder->next_slot <= slots);
    if (of_devices + of_ram < wanted) {
        log_at(LOG_NOTICE,
               "kaal: %lu untypeds dropped (%lu KiB of RAM): no descriptor or slot left for them\n",
               wanted - of_devices - of_ram, lost >> 10);
    }
}
