/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/model/caps_kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap/derivation.h"
#include "core/ipc/irq.h"

enum { RAM_BITS = 21, ROOT_RADIX = 8, FIRST_IRQ = 40, TREE_DEPTH = 64, HASH_BITS = 10 };

static const unsigned untyped_bits[UNTYPEDS] = {14, 13, 12, 10};

word container_memory;

static struct machine_snapshot *start;
static word arena_start;
static word untyped_base[UNTYPEDS];

/* ---- The world ---- */

void kernel_create(void)
{
    struct machine_config config = fixture_config();

    config.ram_bytes = bit(RAM_BITS);
    config.params.root_cnode_bits = ROOT_RADIX;
    config.params.log_level = 0;
    fixture_boot(&config);
    arena_start = fixture_bootinfo()->empty.start;
    if (arena_start + ARENA_SLOTS > bit(ROOT_RADIX)) {
        fprintf(stderr, "caps: the root CNode has no room for the arena\n");
        exit(2);
    }
    for (unsigned i = 0; i < UNTYPEDS; i++) {
        kaal_cptr_t slot = fixture_object(KAAL_OBJECT_UNTYPED, untyped_bits[i]);

        untyped_base[i] = cap_address(fixture_slot(slot)->cap).raw;
    }
    container_memory = untyped_base[0];
    start = machine_snapshot();
    if (start == NULL) {
        fprintf(stderr, "caps: no memory for a snapshot\n");
        exit(2);
    }
    kernel_start_over();
}

void kernel_start_over(void)
{
    machine_restore(start);
    model_reset(arena_start, ROOT_RADIX, FIRST_IRQ);
    for (unsigned i = 0; i < UNTYPEDS; i++) {
        model_put_untyped((int)i, untyped_base[i], untyped_bits[i]);
    }
}

kaal_cptr_t kernel_cptr(int slot)
{
    if (slot == ROOT_CNODE) {
        return KAAL_BOOT_CNODE;
    }
    return slot == NO_CAP ? 0 : arena_start + (word)slot;
}

/* ---- Slots ---- */

/* The kernel's slot for one of the model's; NULL: of a container that does not exist. */
static struct slot *kernel_slot(int slot)
{
    const struct model_container *container;
    unsigned index;

    if (slot < FIRST_CONTAINER_SLOT) {
        return fixture_slot(kernel_cptr(slot));
    }
    if (slot >= FIRST_IRQ_SLOT) {
        return irq_slot(FIRST_IRQ + (word)(slot - FIRST_IRQ_SLOT));
    }
    container = &model.container[(slot - FIRST_CONTAINER_SLOT) / CONTAINER_SLOTS];
    index = (unsigned)(slot - FIRST_CONTAINER_SLOT) % CONTAINER_SLOTS;
    if (!container->alive || index >= container->slots) {
        return NULL;
    }
    if (container->is_tcb) {
        return &tcb_at(paddr(container->base))
                    ->slots[index == TCB_CSPACE ? TCB_SLOT_CSPACE : TCB_SLOT_TIMEOUT_HANDLER];
    }
    return slot_at(paddr(container->base), index);
}

static char message[200];

static const char *differ(int slot, const char *what, word kernel_has, word model_has)
{
    snprintf(message, sizeof(message), "slot %d: %s is %#lx, the model says %#lx", slot, what,
             (unsigned long)kernel_has, (unsigned long)model_has);
    return message;
}

static const char *compare_fields(int slot, struct cap cap, const struct model_cap *expected)
{
    word base = expected->kind == KAAL_CAP_IRQ_HANDLER ? cap_irq(cap) : cap_address(cap).raw;
    word rights = expected->kind == KAAL_CAP_FRAME ? cap_vm_rights(cap) : cap_rights(cap);

    if (cap_type(cap) != expected->kind) {
        return differ(slot, "type", cap_type(cap), expected->kind);
    }
    if (base != expected->base) {
        return differ(slot, "object", base, expected->base);
    }
    switch (expected->kind) {
    case KAAL_CAP_UNTYPED:
        if (cap_watermark(cap) != expected->watermark) {
            return differ(slot, "watermark", cap_watermark(cap), expected->watermark);
        }
        break;
    case KAAL_CAP_CNODE:
        if (cap_guard(cap) != expected->guard || cap_guard_size(cap) != expected->guard_size) {
            return differ(slot, "guard", cap_guard(cap), expected->guard);
        }
        break;
    case KAAL_CAP_ENDPOINT:
    case KAAL_CAP_NOTIFICATION:
        if (cap_badge(cap) != expected->badge) {
            return differ(slot, "badge", cap_badge(cap), expected->badge);
        }
        return rights == expected->rights ? NULL : differ(slot, "rights", rights, expected->rights);
    case KAAL_CAP_FRAME:
    case KAAL_CAP_REPLY:
        return rights == expected->rights ? NULL : differ(slot, "rights", rights, expected->rights);
    default: return NULL;
    }
    return cap_size_bits(cap) == expected->size_bits
               ? NULL
               : differ(slot, "size", cap_size_bits(cap), expected->size_bits);
}

const char *kernel_compare_slots(void)
{
    for (int i = 0; i < ALL_SLOTS; i++) {
        const struct slot *slot = kernel_slot(i);

        if (slot == NULL || (cap_is_null(slot->cap) && model_empty(i))) {
            continue;
        }
        if (compare_fields(i, slot->cap, &model.slot[i]) != NULL) {
            return message;
        }
    }
    return NULL;
}

/* ---- The tree ---- */

/* The model's numbers of kernel slots. */
static struct {
    const struct slot *slot;
    int number;
} numbers[1 << HASH_BITS];

static unsigned place_of(const struct slot *slot)
{
    unsigned place = (unsigned)((uintptr_t)slot >> 5) * 2654435761u >> (32 - HASH_BITS);

    while (numbers[place].slot != NULL && numbers[place].slot != slot) {
        place = (place + 1) % (1 << HASH_BITS);
    }
    return place;
}

static void number_slots(void)
{
    memset(numbers, 0, sizeof(numbers));
    for (int i = 0; i < ALL_SLOTS; i++) {
        const struct slot *slot = model_empty(i) ? NULL : kernel_slot(i);

        if (slot != NULL) {
            unsigned place = place_of(slot);

            numbers[place].slot = slot;
            numbers[place].number = i;
        }
    }
}

static int number_of(const struct slot *slot)
{
    unsigned place = slot == NULL ? 0 : place_of(slot);

    return slot == NULL || numbers[place].slot == NULL ? NOWHERE : numbers[place].number;
}

static bool compared[ALL_SLOTS];

/* Walks a derivation list; the slots on the way down to the present one are on a stack. */
static const char *compare_list(const struct slot *head)
{
    const struct slot *above[TREE_DEPTH];
    unsigned depth = 0;

    for (const struct slot *slot = head; slot != NULL; slot = slot_next(slot)) {
        int number = number_of(slot);
        int parent;

        while (depth > 0 && !slot_covers(above[depth - 1], slot)) {
            depth--;
        }
        parent = depth == 0 ? NOWHERE : number_of(above[depth - 1]);
        if (number != NOWHERE && parent != model.slot[number].parent) {
            return differ(number, "parent", (word)parent, (word)model.slot[number].parent);
        }
        if (number != NOWHERE) {
            compared[number] = true;
        }
        if (slot_is_original(slot)) {
            if (depth == TREE_DEPTH) {
                return "the tree is deeper than it can be";
            }
            above[depth++] = slot;
        }
    }
    return NULL;
}

const char *kernel_compare_tree(void)
{
    memset(compared, 0, sizeof(compared));
    number_slots();
    for (int i = 0; i < ALL_SLOTS; i++) {
        const struct slot *head;

        if (model_empty(i) || compared[i]) {
            continue;
        }
        head = kernel_slot(i);
        while (slot_prev(head) != NULL) {
            head = slot_prev(head);
        }
        if (compare_list(head) != NULL) {
            return message;
        }
        if (!compared[i]) {
            return differ(i, "place in its list", 0, 1);
        }
    }
    return NULL;
}
