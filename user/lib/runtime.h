/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What each thread knows about itself. TPIDR_EL0 points to the thread's block;
 * the block says where its IPC buffer is.
 */
#ifndef USER_LIB_RUNTIME_H
#define USER_LIB_RUNTIME_H

#include <kaal/kaal.h>

struct kaal_thread_block {
    kaal_word_t ipc_buffer; /* virtual address; 0: the thread has none */
};

/* Gives the root task's first thread its block. The first call of every root task. */
void kaal_runtime_start(const struct kaal_bootinfo *bootinfo);

/* The IPC buffer of the current thread; NULL when it has none. */
struct kaal_ipc_buffer *kaal_ipc_buffer(void);

/* Message word i (4..119) of the IPC buffer: what a call with a longer message sends, or what one received.
 * A thread without a buffer writes nothing and reads 0. */
void kaal_set_word(unsigned i, kaal_word_t value);
kaal_word_t kaal_get_word(unsigned i);

/* Capability i (0..2) to send with the next message that says so in its info word. */
void kaal_set_cap(unsigned i, kaal_cptr_t cap);

/* Badge i (0..2) of an unwrapped capability of the message received last. */
kaal_word_t kaal_get_badge(unsigned i);

/* Where the one capability that a message can carry is put: a slot address in the CSpace of the thread
 * (docs/spec/ipc.md 5.3). depth is in bits, 1..64. */
void kaal_set_receive_slot(kaal_cptr_t cnode, kaal_word_t index, kaal_word_t depth);

/* "FailedLookup", "VMFault", ...; "unknown" for numbers that the ABI does not have. */
const char *kaal_error_name(kaal_word_t error);
const char *kaal_fault_name(kaal_word_t fault);

#endif
