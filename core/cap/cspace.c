/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/cap/cspace.h"

static struct cspace_result failed(struct lookup_failure failure)
{
    core_assert(failure.type >= KAAL_LOOKUP_INVALID_ROOT && failure.type <= KAAL_LOOKUP_GUARD_MISMATCH);
    return (struct cspace_result){NULL, 0, failure};
}

/* The `count` bits of `address` below its lowest `above` bits; count may be 0. */
static word_t bits_below(word_t address, unsigned above, unsigned count)
{
    core_assert(count <= above && above <= WORD_BITS);
    return count == 0 ? 0 : (address >> (above - count)) & mask(count);
}

struct cspace_result cspace_resolve(struct cap root, word_t address, unsigned depth)
{
    struct cap cnode = root;
    unsigned left = depth;

    core_assert(depth > 0 && depth <= WORD_BITS);
    if (!cap_is(root, KAAL_CAP_CNODE)) {
        return failed((struct lookup_failure){.type = KAAL_LOOKUP_INVALID_ROOT});
    }
    for (;;) {
        unsigned guard_size = (unsigned)cap_guard_size(cnode);
        unsigned radix = (unsigned)cap_size_bits(cnode);
        struct slot *slot;

        core_assert(radix > 0 && guard_size + radix <= WORD_BITS); /* each step takes bits away */
        core_assert(cap_guard(cnode) <= mask(guard_size));
        if (guard_size > left || bits_below(address, left, guard_size) != cap_guard(cnode)) {
            return failed((struct lookup_failure){.type = KAAL_LOOKUP_GUARD_MISMATCH,
                                                  .bits_left = left,
                                                  .guard_found = cap_guard(cnode),
                                                  .bits_found = guard_size});
        }
        if (guard_size + radix > left) {
            return failed((struct lookup_failure){
                .type = KAAL_LOOKUP_DEPTH_MISMATCH, .bits_left = left, .bits_found = guard_size + radix});
        }
        slot = cap_cnode_slot(cnode, bits_below(address, left - guard_size, radix));
        left -= guard_size + radix;
        if (left == 0 || !cap_is(slot->cap, KAAL_CAP_CNODE)) {
            struct cspace_result found; /* its failure means nothing and is not set */

            found.slot = slot;
            found.bits_left = left;
            return found;
        }
        cnode = slot->cap;
    }
}

struct slot *cspace_find_far(const struct tcb *tcb, word_t cptr, struct lookup_failure *failure)
{
    struct cspace_result found = cspace_resolve(tcb->slots[TCB_SLOT_CSPACE].cap, cptr, WORD_BITS);

    if (!found.slot) {
        *failure = found.failure;
    }
    return found.slot;
}

unsigned lookup_failure_words(const struct lookup_failure *failure, word_t words[])
{
    bool is_guard = failure->type == KAAL_LOOKUP_GUARD_MISMATCH;

    core_assert(failure->type > KAAL_LOOKUP_NO_FAILURE && failure->type <= LOOKUP_FAILURE_WORDS);
    words[0] = failure->type; /* the types are numbered by how many words tell of them */
    words[1] = failure->bits_left;
    words[2] = is_guard ? failure->guard_found : failure->bits_found;
    words[3] = failure->bits_found;
    return (unsigned)failure->type;
}

const char *lookup_failure_text(const struct lookup_failure *failure)
{
    static const char *const texts[] = {
        [KAAL_LOOKUP_INVALID_ROOT] = "the root is not a CNode",
        [KAAL_LOOKUP_MISSING_CAPABILITY] = "no such capability",
        [KAAL_LOOKUP_DEPTH_MISMATCH] = "the bits do not end at a slot",
        [KAAL_LOOKUP_GUARD_MISMATCH] = "the guard does not match",
    };

    core_assert(failure->type < sizeof(texts) / sizeof(texts[0]) && texts[failure->type]);
    return texts[failure->type];
}
