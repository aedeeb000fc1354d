/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Construction of the world (world.h), with the means of the core.
 */
#include "tests/fastpath/world.h"

#include "core/space/space.h"
#include "core/cap/derivation.h"
#include "core/cap/untyped.h"
#include "core/ipc/cancel.h"
#include "core/ipc/endpoint.h"
#include "core/sched/scheduler.h"

enum {
    ORIGINAL_BITS = 6, /* slots for the first capabilities */
    FRAME_ADDRESS = 0x10000000,
    LARGE_FRAME_ADDRESS = 0x40000000,
    LARGE_FRAME_STEP = 0x21400,
    MIN_UNTYPED_BITS = 24,
};

struct world world;

static struct slot *untyped;
static struct slot *next_original;

word_t small_buffer_address(unsigned thread)
{
    return FRAME_ADDRESS + (thread << KAAL_SMALL_PAGE_BITS) + ((thread + 1) % 4 << KAAL_IPC_BUFFER_BITS);
}

word_t large_buffer_address(unsigned thread)
{
    return LARGE_FRAME_ADDRESS + thread * LARGE_FRAME_STEP;
}

struct kaal_ipc_buffer *world_buffer(unsigned thread)
{
    return world.tcb[thread]->ipc_buffer == large_buffer_address(thread) ? world.large_buffer[thread]
                                                                         : world.small_buffer[thread];
}

/* ---- Objects ---- */

/* The first slot of root's CNode for which `fits`. */
static struct slot *find_root_slot(bool (*fits)(const struct slot *))
{
    struct cap cspace = this_cpu()->current->slots[TCB_SLOT_CSPACE].cap;

    for (word_t i = 1; i < bit((unsigned)cap_size_bits(cspace)); i++) {
        if (fits(cap_cnode_slot(cspace, i))) {
            return cap_cnode_slot(cspace, i);
        }
    }
    hal_panic("the root task lacks a slot or memory", __FILE__, __LINE__);
}

static bool is_large_untyped(const struct slot *slot)
{
    return cap_is(slot->cap, KAAL_CAP_UNTYPED) && !cap_is_device(slot->cap) &&
           cap_size_bits(slot->cap) >= MIN_UNTYPED_BITS;
}

/* A new object; `slot` gets the first capability to it. */
static void *make_object(enum kaal_object_type type, word_t size_argument, struct slot *slot)
{
    unsigned bits = object_size_bits(type, size_argument);
    word_t offset = align_up(cap_watermark(untyped->cap), bits);
    paddr_t address = paddr_add(cap_address(untyped->cap), offset);

    untyped->cap = cap_with_watermark(untyped->cap, offset + bit(bits));
    hal_memory_clear(address, bit(bits));
    slot_insert_object(untyped, slot, object_cap(type, address, size_argument, false));
    return hal_window(address);
}

static void *make(enum kaal_object_type type, word_t size_argument)
{
    return make_object(type, size_argument, next_original++);
}

static void make_ipc_objects(void)
{
    for (unsigned i = 0; i < ENDPOINTS; i++) {
        world.endpoint[i] = make(KAAL_OBJECT_ENDPOINT, 0);
    }
    for (unsigned i = 0; i < REPLIES; i++) {
        world.reply[i] = make(KAAL_OBJECT_REPLY, 0);
    }
    for (unsigned i = 0; i < NOTIFICATIONS; i++) {
        world.notification[i] = make(KAAL_OBJECT_NOTIFICATION, 0);
    }
    for (unsigned i = 0; i < CONTEXTS; i++) {
        world.context[i] = make(KAAL_OBJECT_SCHED_CONTEXT, CONTEXT_BITS);
    }
}

static void make_spaces(void)
{
    world.original_space = next_original;
    for (unsigned i = 0; i < SPACES; i++) {
        struct slot *slot = next_original;
        paddr_t root = hal_window_paddr(make(KAAL_OBJECT_VSPACE, 0));

        kernel.asid_pools[0]->root[FIRST_ASID + i] = root.raw;
        slot->cap = cap_with_asid(slot->cap, FIRST_ASID + i);
    }
}

static void make_frames(void)
{
    world.original_frame = next_original;
    for (unsigned i = 0; i < BUFFERS; i++) {
        char *frame = make(KAAL_OBJECT_SMALL_PAGE, 0);

        world.small_buffer[i] = (void *)(frame + (small_buffer_address(i) & mask(KAAL_SMALL_PAGE_BITS)));
    }
}

static void make_objects(void)
{
    char *large_frame;

    world.original_large_frame = next_original;
    large_frame = make(KAAL_OBJECT_LARGE_PAGE, 0);
    for (unsigned i = 0; i < BUFFERS; i++) {
        world.large_buffer[i] =
            (void *)(large_frame + (large_buffer_address(i) & mask(KAAL_LARGE_PAGE_BITS)));
    }
    make_ipc_objects();
    world.objects = (char *)world.endpoint[0];
    world.original_cnode = next_original;
    world.cnode = make(KAAL_OBJECT_CNODE, CNODE_BITS);
    world.original_small_cnode = next_original;
    world.small_cnode = make(KAAL_OBJECT_CNODE, SMALL_CNODE_BITS);
    for (unsigned i = 0; i < THREADS; i++) {
        world.tcb[i] = make(KAAL_OBJECT_TCB, 0);
        thread_init(world.tcb[i], 0, "");
    }
    make_spaces();
    make_frames();
    world.object_bytes =
        (word_t)((char *)hal_window(paddr_add(cap_address(untyped->cap), cap_watermark(untyped->cap))) -
                 world.objects);
}

/* ---- Capabilities ---- */

/* The first capability to the object at an address. */
static struct slot *original_of(const void *object)
{
    paddr_t address = hal_window_paddr(object);
    struct slot *slot = world.original;

    while (!paddr_equal(cap_address(slot->cap), address)) {
        slot++;
    }
    return slot;
}

static void place(struct slot *slot, const void *object, word_t badge)
{
    struct slot *source = original_of(object);

    slot_insert_derived(source, slot, badge ? cap_apply_data(source->cap, badge, false) : source->cap);
}

static void fill_cnode(void)
{
    for (unsigned i = 0; i < ENDPOINTS; i++) {
        place(&world.cnode[PLACE_ENDPOINT + i], world.endpoint[i], 0);
        place(&world.cnode[PLACE_BADGED + i], world.endpoint[i], 0x1234567 + i);
    }
    for (unsigned i = 0; i < NOTIFICATIONS; i++) {
        place(&world.cnode[PLACE_NOTIFICATION + i], world.notification[i], 0);
        place(&world.cnode[PLACE_BADGED_NOTIFICATION + i], world.notification[i], 0x89abcdef + i);
    }
    for (unsigned i = 0; i < REPLIES; i++) {
        place(&world.cnode[PLACE_REPLY + i], world.reply[i], 0);
    }
    place(&world.cnode[PLACE_TCB], world.tcb[OTHER], 0);
    place(&world.cnode[PLACE_CONTEXT], world.context[OTHER], 0);
    place(&world.cnode[PLACE_CNODE], world.small_cnode, 0);
    place(&world.cnode[PLACE_SPACE], hal_window(cap_address(world.original_space->cap)), 0);
    place(&world.cnode[PLACE_FRAME], hal_window(cap_address(world.original_frame->cap)), 0);
    place(&world.small_cnode[PLACE_WAY_BACK], world.cnode, 0);
}

static void fill_thread(unsigned number)
{
    struct tcb *tcb = world.tcb[number];
    struct cap cnode =
        cap_apply_data(world.original_cnode->cap, kaal_cnode_data(0, WORD_BITS - CNODE_BITS), false);

    slot_insert_derived(world.original_cnode, &tcb->slots[TCB_SLOT_CSPACE], cnode);
    slot_insert_derived(world.original_space, &tcb->slots[TCB_SLOT_VSPACE], world.original_space->cap);
    if (number < BUFFERS) {
        slot_insert_derived(&world.original_frame[number], &tcb->slots[TCB_SLOT_IPC_BUFFER],
                            world.original_frame[number].cap);
        tcb->ipc_buffer = small_buffer_address(number);
    }
    for (unsigned i = 0; i < REG_COUNT; i++) {
        write_user_register(tcb, (enum reg)i, 0x0101010101010101ull * i + (word_t)(number + 1) * 0x1000);
    }
    write_user_register(tcb, REG_TPIDRRO, 0);
}

/* The same words in both buffers of a thread, different ones for each thread. */
static void fill_buffers(unsigned number)
{
    const unsigned words = sizeof(struct kaal_ipc_buffer) / sizeof(word_t);

    for (unsigned i = 0; i < words; i++) {
        word_t value = (word_t)(number + 1) << 56 | (i + 1) * 0x10001ull;

        ((word_t *)world.small_buffer[number])[i] = value;
        ((word_t *)world.large_buffer[number])[i] = value;
    }
}

void world_build(void)
{
    struct tcb *root = this_cpu()->current;

    untyped = find_root_slot(is_large_untyped);
    untyped->cap = cap_with_watermark(untyped->cap, 0);
    world.original = make_object(KAAL_OBJECT_CNODE, ORIGINAL_BITS, find_root_slot(slot_empty));
    next_original = world.original;
    (void)make(KAAL_OBJECT_ENDPOINT, 0); /* never copied, so what is behind it in the list never changes */
    make_objects();
    fill_cnode();
    for (unsigned i = 0; i < THREADS; i++) {
        fill_thread(i);
    }
    for (unsigned i = 0; i < BUFFERS; i++) {
        fill_buffers(i);
    }
    thread_suspend(root);
    sched_enter();
    sched_leave();
    space_activate(this_cpu()->current);
}
