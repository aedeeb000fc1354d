/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capability lookup by depth: a thread polls a notification through a chain of
 * CNodes of two slots each. In each but the last one, slot 0 holds the next
 * one; the guard of the last one takes the bits of the address that are left.
 */
#include "bench/root/rows.h"

enum { DEEPEST = 32, SMALLEST_CNODE_BITS = 1 };

/* Addresses in the thread's CSpace. */
enum { IN_CHAIN_NOTIFICATION = 0, IN_CHAIN_DONE = 1 };

static void copy_to(kaal_cnode_t cnode, kaal_word_t index, kaal_cptr_t source, kaal_word_t data)
{
    kaal_cnode_mint(cnode, index, SMALLEST_CNODE_BITS, source, KAAL_ROOT_DEPTH, KAAL_RIGHTS_ALL, data,
                    KAAL_ROOT_CNODE);
}

/* The CNode at the beginning of a chain of this many; null when there is no memory for it. */
static kaal_cnode_t make_chain(unsigned depth)
{
    unsigned guard_size = KAAL_ROOT_DEPTH - depth * SMALLEST_CNODE_BITS;
    kaal_cnode_t last = kaal_new_cnode(&pair.pool, SMALLEST_CNODE_BITS);

    copy_to(last, IN_CHAIN_NOTIFICATION, pair.notification.cptr, 0);
    copy_to(last, IN_CHAIN_DONE, pair.done.cptr, 0);
    last = kaal_mint_cnode(&pair.pool, last, KAAL_RIGHTS_ALL, kaal_cnode_data(0, guard_size));
    for (unsigned i = 1; i < depth && last.cptr; i++) {
        kaal_cnode_t before = kaal_new_cnode(&pair.pool, SMALLEST_CNODE_BITS);

        copy_to(before, 0, last.cptr, kaal_cnode_data(0, i == 1 ? guard_size : 0));
        last = before;
    }
    return last;
}

static void poll_in_chain(kaal_word_t unused)
{
    (void)unused;
    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct sys_registers registers = pair_registers(KAAL_SYS_NB_WAIT, IN_CHAIN_NOTIFICATION, 0);

        measure_call(&registers, &pair.client_stamp[i]);
    }
    kaal_send(((kaal_endpoint_t){IN_CHAIN_DONE}), KAAL_EMPTY_MESSAGE(0));
}

static bool measure_depth(unsigned depth)
{
    struct pair_thread client = {poll_in_chain, {.priority = PRIORITY_CLIENT}};
    struct series series = {.round.count = 0};

    if (!pair_prepare()) {
        return false;
    }
    client.setup.cspace = make_chain(depth);
    if (!client.setup.cspace.cptr || !pair_run_client(&client)) {
        return false;
    }
    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        series_add(&series, i, pair.client_stamp[i].before, pair.client_stamp[i].after);
    }
    series_print_growth(&series, "poll, by CNodes on the way to the capability", depth);
    return true;
}

bool measure_lookups(void)
{
    for (unsigned depth = 1; depth <= DEEPEST; depth *= 2) {
        if (!measure_depth(depth)) {
            return false;
        }
    }
    return true;
}
