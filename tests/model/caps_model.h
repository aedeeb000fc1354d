/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A second, deliberately simple implementation of capabilities, written from
 * docs/spec/capabilities.md alone: every slot names its parent, children and last
 * capabilities are found by looking at all slots, destruction is recursion.
 *
 * The world: an arena of slots in the root CNode, small CNodes and TCBs made in it,
 * and the slots of a few interrupts.
 */
#ifndef TESTS_MODEL_CAPS_MODEL_H
#define TESTS_MODEL_CAPS_MODEL_H

#include <kaal/kaal.h>

typedef kaal_word_t word;

enum {
    ARENA_SLOTS = 96,
    MOST_CONTAINERS = 24,
    CONTAINER_SLOTS = 8, /* CNodes have a radix of at most 3 */
    IRQS = 4,
    FIRST_CONTAINER_SLOT = ARENA_SLOTS,
    FIRST_IRQ_SLOT = FIRST_CONTAINER_SLOT + MOST_CONTAINERS * CONTAINER_SLOTS,
    ALL_SLOTS = FIRST_IRQ_SLOT + IRQS,
    NOWHERE = -1,

    /* Slots of a TCB in its container. */
    TCB_CSPACE = 0,
    TCB_TIMEOUT = 1,
    TCB_SLOTS = 2,

    /* What a capability argument may name besides an arena slot. */
    ROOT_CNODE = -2, /* the CNode that holds the arena; guard: all bits that its radix leaves */
    NO_CAP = -3,     /* an empty slot that is not in the arena */
};

struct model_cap {
    enum kaal_cap_type kind;
    word base; /* physical address of the object, interrupt number */
    unsigned size_bits;
    word badge;
    word rights;
    word guard;
    unsigned guard_size;
    word watermark;
    bool original;
    int parent; /* slot */
};

struct model_container {
    bool alive;
    bool is_tcb;
    word base;
    unsigned slots;
};

struct model {
    struct model_cap slot[ALL_SLOTS];
    struct model_container container[MOST_CONTAINERS];
    bool irq_issued[IRQS];
    unsigned root_radix;
    word arena_start; /* index of the first arena slot in the root CNode */
    word first_irq;
};

extern struct model model;

struct model_answer {
    enum kaal_error error;
    unsigned count;
    word words[5];
};

/* ---- What a call names ---- */

struct model_address {
    int root; /* slot of the capability, ROOT_CNODE or NO_CAP */
    word index;
    word depth;
};

/* ---- Operations: the answer that a kernel must give, and the effect ---- */

struct model_answer model_copy(struct model_address to, struct model_address from, word rights);
struct model_answer model_mint(struct model_address to, struct model_address from, word rights, word data);
struct model_answer model_move(struct model_address to, struct model_address from);
struct model_answer model_mutate(struct model_address to, struct model_address from, word data);
struct model_answer model_rotate(struct model_address to, word pivot_data, struct model_address pivot,
                                 word data, struct model_address from);
struct model_answer model_delete(struct model_address slot);
struct model_answer model_revoke(struct model_address slot);

struct model_retype {
    int untyped; /* slot */
    word type;
    word size;
    struct model_address node; /* depth 0: the root itself */
    word offset;
    word count;
};
struct model_answer model_retype(const struct model_retype *request);

struct model_answer model_set_cspace(int tcb, int cspace, word data);
struct model_answer model_set_timeout(int tcb, int handler);
struct model_answer model_get_handler(word irq, struct model_address to);
struct model_answer model_set_notification(int handler, int notification);
struct model_answer model_clear(int handler);

/* ---- Looking at it ---- */

bool model_empty(int slot);
bool model_has_children(int slot);
/* Is `slot` a descendant of `ancestor`? */
bool model_descends(int slot, int ancestor);
/* The container of an object at this address; NULL: none. */
struct model_container *model_container_at(word base);
/* Slot `index` of a container. */
int model_slot_of(const struct model_container *container, unsigned index);
/* A place for one more container? */
bool model_has_room(void);

/* An empty world; then untypeds are put in. */
void model_reset(word arena_start, unsigned root_radix, word first_irq);
void model_put_untyped(int slot, word base, unsigned size_bits);

#endif
