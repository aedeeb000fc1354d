/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drives the kernel and the model of capabilities with the same random operations
 * and compares after each one: the answer, word by word, and what every slot holds
 * (so also what each revocation deleted); at intervals the derivation tree and all
 * invariants. An event is an operation (tests/kit/seeded.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "core/check/check.h"
#include "tests/kit/seeded.h"
#include "tests/model/caps_kernel.h"

enum {
    DEFAULT_OPERATIONS = 2000000,
    WORLD_LIFE = 4000, /* operations, then everything starts over */
    TREE_EVERY = 4,
    CHECK_EVERY = 64,
    MOST_WORDS = 8,
};

static unsigned long performed[16];

/* ---- Choices ---- */

/* A slot of a CNode that is alive, or of the arena. */
static int any_addressable_slot(void)
{
    if (seeded_one_in(3)) {
        const struct model_container *container = &model.container[seeded_below(MOST_CONTAINERS)];

        if (container->alive && !container->is_tcb) {
            return model_slot_of(container, seeded_below(container->slots));
        }
    }
    return (int)seeded_below(ARENA_SLOTS);
}

/* One that is occupied or empty, most of the time. */
static int some_slot(bool occupied)
{
    int slot = any_addressable_slot();

    for (unsigned tries = 0; tries < 12 && model_empty(slot) == occupied; tries++) {
        slot = any_addressable_slot();
    }
    return slot;
}

/* An arena slot with a capability of this kind, or NO_CAP. */
static int arena_slot_of(enum kaal_cap_type kind)
{
    unsigned first = seeded_below(ARENA_SLOTS);

    for (unsigned i = 0; i < ARENA_SLOTS; i++) {
        int slot = (int)((first + i) % ARENA_SLOTS);

        if (model.slot[slot].kind == kind) {
            return slot;
        }
    }
    return NO_CAP;
}

static bool is_container_memory(int slot)
{
    return model.slot[slot].kind == KAAL_CAP_UNTYPED && model.slot[slot].base == container_memory;
}

/* ---- Addresses ---- */

static struct model_address in_arena(int slot)
{
    return (struct model_address){ROOT_CNODE, model.arena_start + (word)slot, 64};
}

/* Goes on through a CNode capability to slot `index` of it. */
static struct model_address onward(struct model_address to_cnode, const struct model_cap *cnode,
                                   unsigned index)
{
    unsigned bits = cnode->guard_size + cnode->size_bits;

    return (struct model_address){to_cnode.root,
                                  to_cnode.index << bits | cnode->guard << cnode->size_bits | index,
                                  to_cnode.depth + bits};
}

/* A slot that holds a capability to the CNode with this memory; NOWHERE. in_arena: only there. */
static int cap_to(word base, bool only_arena)
{
    int limit = only_arena ? ARENA_SLOTS : FIRST_IRQ_SLOT;
    int first = (int)seeded_below((unsigned)limit);

    for (int i = 0; i < limit; i++) {
        int slot = (first + i) % limit;

        if (model.slot[slot].kind == KAAL_CAP_CNODE && model.slot[slot].base == base) {
            return slot;
        }
    }
    return NOWHERE;
}

static const struct model_container *container_of(int slot)
{
    return &model.container[(slot - FIRST_CONTAINER_SLOT) / CONTAINER_SLOTS];
}

/* How a slot of the model may be named; a slot that cannot is replaced by one of the arena. */
static struct model_address address_of(int slot, unsigned levels)
{
    const struct model_container *container;
    struct model_address address;
    int cap;

    if (slot < FIRST_CONTAINER_SLOT) {
        return in_arena(slot);
    }
    container = container_of(slot);
    cap = cap_to(container->base, levels == 0 || seeded_one_in(2));
    if (cap == NOWHERE || (cap >= FIRST_CONTAINER_SLOT && (levels == 0 || container_of(cap)->is_tcb))) {
        return in_arena((int)seeded_below(ARENA_SLOTS));
    }
    if (cap < ARENA_SLOTS) {
        address = (struct model_address){cap, 0, 0};
    } else {
        address = address_of(cap, levels - 1);
        if (address.root == ROOT_CNODE) {
            return address;
        }
    }
    address = onward(address, &model.slot[cap], (unsigned)(slot - FIRST_CONTAINER_SLOT) % CONTAINER_SLOTS);
    return address.depth > 64 ? in_arena((int)seeded_below(ARENA_SLOTS)) : address;
}

/* Sometimes something is wrong with an address. Those in the root CNode never leave the arena. */
static struct model_address spoilt(struct model_address address, bool root_stays)
{
    static const word depths[] = {0, 1, 2, 3, 4, 5, 8, 12, 62, 63, 64, 65, 66, 1000, WORD_MAX};

    if (!seeded_one_in(10)) {
        return address;
    }
    switch (seeded_below(root_stays ? 3 : 4)) {
    case 0: address.depth = depths[seeded_below(sizeof(depths) / sizeof(depths[0]))]; break;
    case 1: address.depth += seeded_one_in(2) ? 1 : WORD_MAX; break;
    case 2:
        address.index ^=
            bit(address.root == ROOT_CNODE ? model.root_radix + seeded_below(64 - model.root_radix)
                                           : seeded_below(64));
        break;
    default: address.root = seeded_one_in(4) ? NO_CAP : (int)seeded_below(ARENA_SLOTS); break;
    }
    return address;
}

static struct model_address some_address(int slot)
{
    return spoilt(address_of(slot, 3), false);
}

/* For the destination, whose root is the invoked capability. */
static struct model_address some_destination(int slot)
{
    return spoilt(address_of(slot, 3), true);
}

/* Memory for containers is named from the arena only, so that no revocation destroys what it starts from. */
static bool leaves_the_arena(struct model_address from, struct model_address to)
{
    struct model saved = model;
    struct model_answer answer;
    int source = NOWHERE;

    /* Where it would go: tried out on the model. */
    for (int i = 0; i < ARENA_SLOTS; i++) {
        if (is_container_memory(i) && from.root == ROOT_CNODE && from.index == model.arena_start + (word)i) {
            source = i;
        }
    }
    if (source == NOWHERE) {
        return false;
    }
    answer = model_move(to, from);
    model = saved;
    return answer.error == KAAL_NO_ERROR && to.root != ROOT_CNODE;
}

static word some_guard(void)
{
    static const unsigned sizes[] = {0, 0, 1, 2, 3, 5, 40, 56, 61, 62, 63};

    return kaal_cnode_data(seeded_word() & 7, sizes[seeded_below(sizeof(sizes) / sizeof(sizes[0]))]);
}

/* A badge or guard, whatever it is for. */
static word some_data(void)
{
    return seeded_one_in(2) ? some_guard() : seeded_below(4);
}

static word some_rights(void)
{
    return seeded_one_in(2) ? (word)KAAL_RIGHTS_ALL : seeded_word() & 0x1f;
}

/* ---- Performing an operation ---- */

static void expect_answer(struct fixture_answer answer, struct model_answer expected)
{
    char text[200];
    unsigned i = 0;

    while (i < expected.count && answer.words[i] == expected.words[i]) {
        i++;
    }
    if (answer.outcome == FIXTURE_DONE && answer.error == expected.error && answer.length == expected.count &&
        i == expected.count) {
        return;
    }
    snprintf(text, sizeof(text),
             "answer %d with %u words (%#lx %#lx %#lx), the model says %d with %u (%#lx %#lx %#lx)",
             answer.error, answer.length, (unsigned long)answer.words[0], (unsigned long)answer.words[1],
             (unsigned long)answer.words[2], expected.error, expected.count, (unsigned long)expected.words[0],
             (unsigned long)expected.words[1], (unsigned long)expected.words[2]);
    seeded_fail(text);
}

static void invoke(int invoked, enum kaal_label label, size_t words, const word *word_list, size_t caps,
                   const kaal_cptr_t *cap_list, struct model_answer expected)
{
    performed[expected.error]++;
    expect_answer(fixture_invoke(kernel_cptr(invoked), label, words, word_list, caps, cap_list), expected);
}

/* ---- Operations on CNodes ---- */

static void copy_or_mint(bool mint)
{
    struct model_address to = some_destination(some_slot(seeded_one_in(8)));
    struct model_address from = some_address(some_slot(!seeded_one_in(8)));
    word rights = some_rights();
    word data = some_data();

    if (leaves_the_arena(from, to)) {
        return;
    }
    seeded_does(mint ? "Mint" : "Copy");
    invoke(to.root, mint ? kaal_label_cnode_mint : kaal_label_cnode_copy, mint ? 6 : 5,
           (word[]){to.index, to.depth, from.index, from.depth, rights, data}, 1,
           (kaal_cptr_t[]){kernel_cptr(from.root)},
           mint ? model_mint(to, from, rights, data) : model_copy(to, from, rights));
}

static void move_or_mutate(bool mutate)
{
    struct model_address to = some_destination(some_slot(seeded_one_in(8)));
    struct model_address from = some_address(some_slot(!seeded_one_in(8)));
    word data = some_data();

    if (leaves_the_arena(from, to)) {
        return;
    }
    seeded_does(mutate ? "Mutate" : "Move");
    invoke(to.root, mutate ? kaal_label_cnode_mutate : kaal_label_cnode_move, mutate ? 5 : 4,
           (word[]){to.index, to.depth, from.index, from.depth, data}, 1,
           (kaal_cptr_t[]){kernel_cptr(from.root)},
           mutate ? model_mutate(to, from, data) : model_move(to, from));
}

static void rotate(void)
{
    int source = some_slot(!seeded_one_in(8));
    struct model_address from = some_address(source);
    struct model_address pivot = some_address(some_slot(!seeded_one_in(8)));
    struct model_address to =
        seeded_one_in(3) ? some_destination(source) : some_destination(some_slot(seeded_one_in(8)));
    word pivot_data = some_data();
    word data = some_data();

    if (leaves_the_arena(from, pivot) || leaves_the_arena(pivot, to) ||
        (from.root == ROOT_CNODE) != (pivot.root == ROOT_CNODE) ||
        (to.root == ROOT_CNODE) != (pivot.root == ROOT_CNODE)) {
        return;
    }
    seeded_does("Rotate");
    invoke(to.root, kaal_label_cnode_rotate, 8,
           (word[]){to.index, to.depth, pivot_data, pivot.index, pivot.depth, data, from.index, from.depth},
           2, (kaal_cptr_t[]){kernel_cptr(pivot.root), kernel_cptr(from.root)},
           model_rotate(to, pivot_data, pivot, data, from));
}

static void delete_or_revoke(bool revoke)
{
    struct model_address slot = some_destination(some_slot(!seeded_one_in(8)));

    seeded_does(revoke ? "Revoke" : "Delete");
    invoke(slot.root, revoke ? kaal_label_cnode_revoke : kaal_label_cnode_delete, 2,
           (word[]){slot.index, slot.depth}, 0, NULL, revoke ? model_revoke(slot) : model_delete(slot));
}

/* ---- Retype ---- */

static word some_type(bool containers)
{
    static const word plain[] = {KAAL_OBJECT_UNTYPED,
                                 KAAL_OBJECT_ENDPOINT,
                                 KAAL_OBJECT_NOTIFICATION,
                                 KAAL_OBJECT_SCHED_CONTEXT,
                                 KAAL_OBJECT_REPLY,
                                 KAAL_OBJECT_SMALL_PAGE,
                                 KAAL_OBJECT_LARGE_PAGE,
                                 KAAL_OBJECT_HUGE_PAGE,
                                 12,
                                 WORD_MAX,
                                 KAAL_OBJECT_ENDPOINT,
                                 KAAL_OBJECT_UNTYPED};
    static const word with_slots[] = {KAAL_OBJECT_CNODE, KAAL_OBJECT_CNODE, KAAL_OBJECT_TCB,
                                      KAAL_OBJECT_ENDPOINT};

    return containers ? with_slots[seeded_below(4)] : plain[seeded_below(sizeof(plain) / sizeof(plain[0]))];
}

/* No CNode of more than CONTAINER_SLOTS slots fits the memory for containers. */
static word some_size(word type)
{
    static const word any[] = {0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 47, 48, 63, 64, WORD_MAX};
    static const word radixes[] = {0, 1, 1, 2, 2, 3, 3, 12, 42, 43, 64};

    return type == KAAL_OBJECT_CNODE ? radixes[seeded_below(sizeof(radixes) / sizeof(radixes[0]))]
                                     : any[seeded_below(sizeof(any) / sizeof(any[0]))];
}

/* Where the new capabilities go: slots of the arena, or of a CNode that is found in some way. */
static void choose_destination(struct model_retype *request)
{
    static const word wrong_counts[] = {0, 257, 1000, WORD_MAX};
    int cnode = cap_to(model.container[seeded_below(MOST_CONTAINERS)].base, seeded_one_in(2));

    request->count = seeded_one_in(16) ? wrong_counts[seeded_below(4)] : 1 + seeded_below(4);
    if (cnode == NOWHERE || seeded_one_in(2)) {
        request->node = (struct model_address){ROOT_CNODE, 0, 0};
        return;
    }
    request->offset = seeded_below(9);
    if (cnode < ARENA_SLOTS && seeded_one_in(2)) {
        request->node = (struct model_address){cnode, seeded_below(3), 0};
    } else if (cnode >= ARENA_SLOTS && container_of(cnode)->is_tcb) {
        request->node = address_of(some_slot(true), 3); /* whatever that is */
    } else {
        request->node = some_address(cnode);
    }
}

/* Slots of the root CNode are those of the arena, or too many. */
static void stay_in_the_arena(struct model_retype *request)
{
    int slot = some_slot(false);

    if (request->node.root == ROOT_CNODE && request->node.depth == 0) {
        slot = slot < ARENA_SLOTS - 4 ? slot : 0;
        request->offset =
            seeded_one_in(20) ? bit(model.root_radix) + seeded_below(2) : model.arena_start + (word)slot;
    }
}

static void retype(void)
{
    struct model_retype request = {.untyped = arena_slot_of(KAAL_CAP_UNTYPED)};
    bool containers;

    if (request.untyped == NO_CAP) {
        return;
    }
    containers = is_container_memory(request.untyped);
    request.type = some_type(containers);
    request.size = some_size(request.type);
    choose_destination(&request);
    stay_in_the_arena(&request);
    if (containers && (!model_has_room() || request.count > 1)) {
        request.type = KAAL_OBJECT_ENDPOINT;
    }
    seeded_does("Retype");
    invoke(request.untyped, kaal_label_untyped_retype, 6,
           (word[]){request.type, request.size, request.node.index, request.node.depth, request.offset,
                    request.count},
           1, (kaal_cptr_t[]){kernel_cptr(request.node.root)}, model_retype(&request));
}

/* ---- Capabilities in threads and interrupts ---- */

static int some_argument(enum kaal_cap_type kind)
{
    if (seeded_one_in(8)) {
        return seeded_one_in(3) ? NO_CAP : (int)seeded_below(ARENA_SLOTS);
    }
    return arena_slot_of(kind);
}

static void set_cspace(void)
{
    int tcb = arena_slot_of(KAAL_CAP_TCB);
    int cspace = some_argument(KAAL_CAP_CNODE);
    word data = some_guard();

    /* The data word of an argument that has no use for it is another matter. */
    if (tcb == NO_CAP || (cspace != NO_CAP && is_container_memory(cspace))) {
        return;
    }
    seeded_does("TCB_SetSpace");
    invoke(tcb, kaal_label_tcb_set_space, 2, (word[]){data, 0}, 3,
           (kaal_cptr_t[]){0, kernel_cptr(cspace), KAAL_BOOT_VSPACE}, model_set_cspace(tcb, cspace, data));
}

static void set_timeout(void)
{
    int tcb = arena_slot_of(KAAL_CAP_TCB);
    int handler = some_argument(KAAL_CAP_ENDPOINT);

    if (tcb != NO_CAP) {
        seeded_does("TCB_SetTimeoutEndpoint");
        invoke(tcb, kaal_label_tcb_set_timeout_endpoint, 0, NULL, 1, (kaal_cptr_t[]){kernel_cptr(handler)},
               model_set_timeout(tcb, handler));
    }
}

static void get_handler(void)
{
    struct model_address to = some_address(some_slot(seeded_one_in(8)));
    word irq = model.first_irq + seeded_below(IRQS);

    seeded_does("IRQControl_Get");
    expect_answer(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get, 3,
                                 (word[]){irq, to.index, to.depth}, 1, (kaal_cptr_t[]){kernel_cptr(to.root)}),
                  model_get_handler(irq, to));
}

static void use_handler(void)
{
    int handler = arena_slot_of(KAAL_CAP_IRQ_HANDLER);
    int notification = some_argument(KAAL_CAP_NOTIFICATION);

    if (handler == NO_CAP) {
        return;
    }
    if (seeded_one_in(4)) {
        seeded_does("IRQHandler_Clear");
        invoke(handler, kaal_label_irq_handler_clear, 0, NULL, 0, NULL, model_clear(handler));
        return;
    }
    seeded_does("IRQHandler_SetNotification");
    invoke(handler, kaal_label_irq_handler_set_notification, 0, NULL, 1,
           (kaal_cptr_t[]){kernel_cptr(notification)}, model_set_notification(handler, notification));
}

/* ---- The run ---- */

/* A full arena would leave little to do but errors. */
static bool crowded(void)
{
    unsigned occupied = 0;

    for (int i = 0; i < ARENA_SLOTS; i++) {
        occupied += !model_empty(i);
    }
    return occupied > ARENA_SLOTS * 3 / 4;
}

static void perform_any(void)
{
    if (seeded_one_in(2) && crowded()) {
        delete_or_revoke(seeded_one_in(3));
        return;
    }
    switch (seeded_below(20)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: retype(); break;
    case 5:
    case 6:
    case 7: copy_or_mint(false); break;
    case 8:
    case 9:
    case 10: copy_or_mint(true); break;
    case 11: move_or_mutate(false); break;
    case 12: move_or_mutate(true); break;
    case 13: rotate(); break;
    case 14:
    case 15: delete_or_revoke(false); break;
    case 16: delete_or_revoke(!seeded_one_in(4)); break;
    case 17: seeded_one_in(2) ? set_cspace() : set_timeout(); break;
    case 18: get_handler(); break;
    default: use_handler(); break;
    }
}

static void compare(void)
{
    const char *difference = kernel_compare_slots();

    if (difference == NULL && seeded_event() % TREE_EVERY == 0) {
        difference = kernel_compare_tree();
    }
    if (difference == NULL && seeded_event() % CHECK_EVERY == 0) {
        difference = kernel_check();
    }
    if (difference != NULL) {
        seeded_fail(difference);
    }
}

static void event(void)
{
    if (seeded_event() % WORLD_LIFE == 0) {
        kernel_start_over();
    }
    perform_any();
    compare();
}

static void summary(void)
{
    printf("%lu of them successful; errors by number:", performed[KAAL_NO_ERROR]);
    for (unsigned i = 1; i < KAAL_ERROR_COUNT; i++) {
        printf(" %u:%lu", i, performed[i]);
    }
}

int main(int argument_count, char **arguments)
{
    static const struct seeded_test test = {.name = "caps",
                                            .claim = "the_core_keeps_capabilities_as_the_model_does",
                                            .events = DEFAULT_OPERATIONS,
                                            .create = kernel_create,
                                            .event = event,
                                            .summary = summary};

    return seeded_main(&test, argument_count, arguments);
}
