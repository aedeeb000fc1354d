/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For tests of capabilities: the fixture's world with the invariants checked after
 * every kernel entry, the operations of CNodes and untypeds on slots of the root
 * CNode, and the derivation tree as docs/spec/capabilities.md 7 speaks of it.
 */
#ifndef TESTS_KIT_FIXTURE_CAPS_H
#define TESTS_KIT_FIXTURE_CAPS_H

#include "core/cap/derivation.h"
#include "tests/kit/fixture.h"

enum { ALL = KAAL_RIGHTS_ALL, FULL_DEPTH = KAAL_WORD_BITS };

/* CMocka set-up: a world of 16 MiB; every entry is followed by kernel_check(). */
int caps_setup(void **state);

/* The same with RAM and root CNode of other sizes (log2 bytes, log2 slots). */
void caps_boot(unsigned ram_bits, unsigned root_cnode_bits);

/* ---- Operations; slots are those of the root CNode, addressed with all 64 bits ---- */

struct fixture_answer caps_copy(kaal_cptr_t to, kaal_cptr_t from, kaal_word_t rights);
struct fixture_answer caps_mint(kaal_cptr_t to, kaal_cptr_t from, kaal_word_t rights, kaal_word_t data);
struct fixture_answer caps_move(kaal_cptr_t to, kaal_cptr_t from);
struct fixture_answer caps_mutate(kaal_cptr_t to, kaal_cptr_t from, kaal_word_t data);
struct fixture_answer caps_rotate(kaal_cptr_t to, kaal_word_t pivot_data, kaal_cptr_t pivot, kaal_word_t data,
                                  kaal_cptr_t from);
struct fixture_answer caps_delete(kaal_cptr_t slot);
struct fixture_answer caps_revoke(kaal_cptr_t slot);
struct fixture_answer caps_retype(kaal_cptr_t untyped, enum kaal_object_type type, kaal_word_t size_bits,
                                  kaal_cptr_t to, kaal_word_t count);

/* Moves a capability into slot `index` of a CNode whose capability (no guard, `radix`) is in slot `cnode`. */
void caps_put(kaal_cptr_t cnode, unsigned radix, kaal_word_t index, kaal_cptr_t from);

/* An untyped of its own, and objects made from it in new slots. */
kaal_cptr_t caps_untyped(unsigned size_bits);
kaal_cptr_t caps_object(kaal_cptr_t untyped, enum kaal_object_type type, unsigned size_bits);

/* ---- Expectations ---- */

/* Row of a table that is being tested; printed when an expectation fails. */
extern const char *caps_case;

/* The answer to a Call: error number and payload words; KAAL_NO_ERROR: success. */
void caps_expect_answer(struct fixture_answer answer, enum kaal_error error, unsigned count,
                        const kaal_word_t *words, const char *file, int line);

#define expect_success(answer) caps_expect_answer(answer, KAAL_NO_ERROR, 0, NULL, __FILE__, __LINE__)
#define expect_error(answer, error, ...)                                                                 \
    caps_expect_answer(answer, error, sizeof((kaal_word_t[]){0, __VA_ARGS__}) / sizeof(kaal_word_t) - 1, \
                       &((kaal_word_t[]){0, __VA_ARGS__})[1], __FILE__, __LINE__)

/* ---- The tree ---- */

/* Slot that a slot hangs below; NULL for a root. */
struct slot *caps_parent(const struct slot *slot);

bool caps_empty(kaal_cptr_t slot);

/* The parent's slot in the root CNode; 0: no parent, or one in another place. */
kaal_cptr_t caps_parent_of(kaal_cptr_t slot);

/* ---- Preemption ---- */

enum { CAPS_DEVICE_IRQ = 40 };

/* Makes an interrupt that nobody is bound to come in the middle of the next long operations. */
kaal_cptr_t caps_enable_interrupt(void);

/* How a call that was interrupted over and over ended. */
struct caps_interrupted {
    enum kaal_error error;
    enum fixture_outcome outcome; /* FIXTURE_DONE, or the caller is gone */
    unsigned entries;             /* kernel entries that it took */
};

/*
 * Invokes a capability with up to four words. In each kernel entry the interrupt comes when the kernel polls
 * for the n-th time; then it is handled and acknowledged, and the call is executed again. `handler` is what
 * caps_enable_interrupt() returned.
 */
struct caps_interrupted caps_invoke_interrupted(kaal_cptr_t handler, kaal_cptr_t cptr, enum kaal_label label,
                                                size_t word_count, const kaal_word_t *words, uint64_t polls);

/*
 * One step of the deletion of a slot, as in a kernel entry that is preempted after it; the invariants are
 * checked. False: the slot is empty. An interrupt must be pending (caps_enable_interrupt(),
 * machine_line_set()).
 */
bool caps_delete_step(struct slot *slot);

#endif
