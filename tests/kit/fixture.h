/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A small booted world for unit tests and fuzzers: the simulated machine at kernel
 * level, without coroutines. The test is the program of every thread: it makes the
 * system calls of whichever thread is the current one.
 *
 * A setup that goes wrong is reported on standard error and aborts.
 */
#ifndef TESTS_KIT_FIXTURE_H
#define TESTS_KIT_FIXTURE_H

#include <kaal/kaal.h>

#include "core/kernel.h"
#include "hal/host/machine.h"

enum {
    FIXTURE_RAM_BITS = 24,
    FIXTURE_ROOT_CNODE_BITS = 10,
    FIXTURE_BUFFERS = 0x10000000, /* virtual addresses of IPC buffers of fixture threads */
    FIXTURE_SVC = 0x400100,       /* where all system calls of the test are */
};

/* 16 MiB of RAM, a root CNode of 1024 slots, everything else by default. */
struct machine_config fixture_config(void);

/* Boots a fresh world. Root's thread is the current one. */
void fixture_boot(const struct machine_config *config);

/* CMocka set-up and tear-down functions: fixture_boot() with fixture_config(), machine_destroy(). */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* ---- Looking at the world ---- */

struct tcb *fixture_current(void);
struct tcb *fixture_root(void); /* root's thread, current or not */
const struct kaal_bootinfo *fixture_bootinfo(void);

/* Slot of the root CNode. */
struct slot *fixture_slot(kaal_cptr_t cptr);

/* Objects behind capabilities of the root CNode; the type must be right. */
struct tcb *fixture_tcb(kaal_cptr_t cptr);
struct endpoint *fixture_endpoint(kaal_cptr_t cptr);
struct notification *fixture_notification(kaal_cptr_t cptr);
struct sched_context *fixture_sched_context(kaal_cptr_t cptr);
struct reply *fixture_reply(kaal_cptr_t cptr);

/* IPC buffer of a thread; NULL: none. */
struct kaal_ipc_buffer *fixture_buffer(const struct tcb *tcb);

/* ---- System calls of the current thread ---- */

enum fixture_outcome {
    FIXTURE_DONE,      /* the caller is current and continues after the call */
    FIXTURE_RESTARTED, /* the caller is current and will execute the call again */
    FIXTURE_SWITCHED,  /* somebody else is current, or nobody */
    FIXTURE_HALTED,
};

struct fixture_registers {
    kaal_word_t x[9];
};

/*
 * One kernel entry: the current thread executes a system call with these registers x0..x8; x7 is its number.
 * Afterwards they are the caller's, as its TCB has them, whatever the outcome.
 */
enum fixture_outcome fixture_syscall(struct fixture_registers *registers);

/*
 * Registers of a system call of the current thread with a message. Words and capabilities that have no
 * register go into its IPC buffer, if it has one.
 */
struct fixture_registers fixture_message(enum kaal_syscall number, kaal_cptr_t cptr, kaal_word_t label,
                                         size_t word_count, const kaal_word_t *words, size_t cap_count,
                                         const kaal_cptr_t *caps);

/* Answer of a Call to a kernel object. */
struct fixture_answer {
    enum kaal_error error;
    unsigned length;
    kaal_word_t words[8];
    enum fixture_outcome outcome;
};

/* Lists of words or capabilities for fixture_invoke() and others. */
#define FIXTURE_LIST(...)                                                       \
    sizeof((kaal_word_t[]){__VA_ARGS__}) / sizeof(kaal_word_t), (kaal_word_t[]) \
    {                                                                           \
        __VA_ARGS__                                                             \
    }
#define FIXTURE_NONE 0, NULL

/*
 * Invokes a capability with Call, as the current thread. A long operation that an interrupt stops is
 * continued after the interrupt, as long as the caller stays the current thread.
 */
struct fixture_answer fixture_invoke(kaal_cptr_t cptr, enum kaal_label label, size_t word_count,
                                     const kaal_word_t *words, size_t cap_count, const kaal_word_t *caps);

/* The same as a step of a set-up, which must succeed. */
void fixture_do(kaal_cptr_t cptr, enum kaal_label label, size_t word_count, const kaal_word_t *words,
                size_t cap_count, const kaal_word_t *caps);

/* Send, or signal, with up to four words. */
enum fixture_outcome fixture_send(kaal_cptr_t cptr, kaal_word_t label, size_t word_count,
                                  const kaal_word_t *words);

/* A receive-type call: KAAL_SYS_RECV, KAAL_SYS_WAIT, ... */
enum fixture_outcome fixture_receive(enum kaal_syscall number, kaal_cptr_t source, kaal_cptr_t reply);

/* ---- Other reasons to enter the kernel ---- */

/* Delivers one interrupt if one is signalled. False: there was none. */
bool fixture_take_interrupt(void);

/* Delivers interrupts until none is signalled. */
void fixture_take_interrupts(void);

/* Lets time pass and delivers what becomes due on the way, each at its time. */
void fixture_advance(kaal_word_t microseconds);

/* The current thread takes a fault at `ip`. */
void fixture_vm_fault(kaal_word_t ip, kaal_word_t address, kaal_word_t status);
void fixture_exception(kaal_word_t ip, kaal_word_t number, kaal_word_t code);

/* ---- Making objects, as root: its thread must be the current one ---- */

/* Next empty slot of the root CNode. */
kaal_cptr_t fixture_new_slot(void);

/* The largest piece of ordinary memory. */
kaal_cptr_t fixture_untyped(void);

/* Retypes one object into a new slot. */
kaal_cptr_t fixture_object(enum kaal_object_type type, unsigned size_bits);

/* A copy with fewer rights and a badge or guard word in a new slot (CNode_Mint). */
kaal_cptr_t fixture_mint(kaal_cptr_t source, kaal_word_t rights, kaal_word_t data);

/* The handler of an edge-triggered interrupt, which signals this notification; 0: none. */
kaal_cptr_t fixture_interrupt(kaal_word_t line, kaal_cptr_t notification);

struct fixture_thread {
    kaal_cptr_t tcb;
    kaal_cptr_t sched_context; /* 0: passive */
    kaal_cptr_t buffer;        /* frame */
};

/*
 * A thread in root's CSpace and VSpace with an IPC buffer and a scheduling context of its own (budget and
 * period in microseconds; budget 0: passive). It is not yet resumed. fault_handler may be 0.
 */
struct fixture_thread fixture_thread(unsigned priority, kaal_word_t budget, kaal_word_t period,
                                     kaal_cptr_t fault_handler);

/* TCB_Resume. */
void fixture_resume(kaal_cptr_t tcb);

/*
 * Makes a ready thread the current one, as if all others of its priority had had their turn. No ready
 * thread may have a higher priority.
 */
void fixture_switch_to(struct tcb *tcb);

#endif
