/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The simulated machine: RAM, an MMU with a TLB, an interrupt controller, a
 * clock, a console. There is one machine in a process, because the kernel's state
 * is one global.
 *
 * Two ways to use it:
 *  - kernel level: machine_create(), machine_boot(), then machine_enter() for each
 *    event, as in unit tests, fuzzers and state exploration. machine_snapshot() and
 *    machine_restore() work at this level only.
 *  - programs: the same, then machine_run(): user threads are coroutines
 *    (hal/host/threads.h) that make system calls through user/sys/host.
 *
 * Everything is deterministic: nothing here reads the host's clock or randomness,
 * and RAM has the same host address in every run.
 */
#ifndef HAL_HOST_MACHINE_H
#define HAL_HOST_MACHINE_H

#include <setjmp.h>

#include "core/boot/boot.h"
#include "core/hal.h"

enum {
    MACHINE_IRQ_COUNT = 160,
    MACHINE_TIMER_IRQ = 27, /* virtual timer, docs/spec/aarch64-traps.md 10 */
    MACHINE_TIMER_FREQUENCY = 62500000,
    MACHINE_TICKS_PER_MS = MACHINE_TIMER_FREQUENCY / 1000,
    MACHINE_MAX_EVENTS = 32,
    MACHINE_TLB_ENTRIES = 1024,
    MACHINE_CONSOLE_BYTES = 1 << 16,
    MACHINE_DEVICE_TOP_BITS = 40,
};

#define MACHINE_DEFAULT_RAM ((word_t)64 << 20)
#define MACHINE_MIN_RAM     ((word_t)1 << 20)
#define MACHINE_MAX_RAM     ((word_t)1 << 32)

/* Where the root task's image appears in its address space. Its pages are empty: programs are host code. */
#define MACHINE_ROOT_VADDR ((word_t)0x400000)
#define MACHINE_ROOT_BYTES ((word_t)0x4000)

struct machine_config {
    word_t ram_bytes;          /* multiple of 4 KiB */
    struct boot_params params; /* machine_default_params() */
    word_t seed; /* 0: programs run in no time; else each step takes a pseudo-random time below 2 us */
    bool echo;   /* console output also goes to standard output */
    void (*after_entry)(void); /* called after each kernel entry, e.g. the invariant checker; may be NULL */
};

/* ---- Interrupt controller (GICv2 semantics, docs/spec/aarch64-traps.md 8) ---- */

enum { MACHINE_IRQ_WORDS = (MACHINE_IRQ_COUNT + 63) / 64 };

/* One bit for each interrupt. */
struct machine_irqs {
    word_t enabled[MACHINE_IRQ_WORDS];
    word_t latched[MACHINE_IRQ_WORDS]; /* edge seen, not yet taken */
    word_t level[MACHINE_IRQ_WORDS];   /* what the device drives */
    word_t edge[MACHINE_IRQ_WORDS];    /* trigger mode */
    word_t active[MACHINE_IRQ_WORDS];
    uint32_t in_service; /* between hal_irq_begin() and the matching end; HAL_IRQ_NONE */
};

/* A change of an interrupt line in the future. */
struct machine_event {
    word_t time; /* ticks */
    uint32_t irq;
    bool level;
};

/* ---- MMU ---- */

/* A translation as the hardware may keep it: valid until invalidated, whatever the tables say. */
struct machine_tlb_entry {
    word_t base; /* virtual address of the page or block */
    word_t value;
    uint32_t asid;
    uint8_t size_bits; /* 0: unused */
};

enum machine_access { MACHINE_READ, MACHINE_WRITE, MACHINE_EXECUTE };

/* How often things happened since machine_create(). */
struct machine_counters {
    uint64_t entries; /* into the core */
    uint64_t steps;   /* of machine_run() */
    uint64_t tlb_hits;
    uint64_t tlb_fills;
    uint64_t tlb_stale_hits; /* hits on a translation that the tables no longer give: a kernel bug */
    uint64_t tlb_page_invalidations;
    uint64_t tlb_asid_invalidations;
    uint64_t table_barriers;
    uint64_t space_activations;
    uint64_t cleared_bytes;
    uint64_t cache_operations[HAL_CACHE_UNIFY + 1];
    uint64_t cache_bytes;
    uint64_t fpu_saves;
    uint64_t deadlines_set;
    uint64_t irq_polls;
};

/* ---- State: everything that a snapshot takes along besides RAM and `kernel` ---- */

struct machine_state {
    word_t now;      /* ticks */
    word_t deadline; /* of the timer; WORD_MAX: none */
    word_t random;
    uint8_t fpu[ARCH_FPU_STATE_BYTES]; /* registers */
    struct machine_irqs irqs;
    unsigned event_count;
    struct machine_event events[MACHINE_MAX_EVENTS];
    word_t poll_ticks; /* time that passes with each poll of the kernel for interrupts; 0 from power-on */
    uint64_t poll_countdown; /* interrupt polls until poll_irq is raised; 0: off */
    uint32_t poll_irq;
    bool space_active;
    paddr_t space_root;
    word_t space_asid;
    unsigned tlb_used;
    struct machine_tlb_entry tlb[MACHINE_TLB_ENTRIES];
    struct machine_counters counters;
    bool halted;
    bool failed;
    size_t console_length;
};

struct host_machine {
    struct machine_config config;
    struct machine_state state;
    char console[MACHINE_CONSOLE_BYTES + 1]; /* the latest output, terminated by NUL */
    void *checker_memory;                    /* of the invariant checker (core/check/check.h) */
    bool in_kernel;
    jmp_buf halt_jump;                                                      /* out of the kernel entry */
    void (*on_panic)(const char *message, const char *file, unsigned line); /* tests: may jump away */
};

extern struct host_machine host_machine;

/* ---- Life of the machine (machine.c) ---- */

/* Defaults of all parameters, and the empty root image. */
struct boot_params machine_default_params(void);

/* Default parameters, 64 MiB, seed 0, no echo, no observer. */
struct machine_config machine_default_config(void);

/* Makes a machine in its power-on state. NULL on success, else what is wrong with the configuration. */
const char *machine_create(const struct machine_config *config);

/* Gives the machine's RAM, stacks and snapshots back. */
void machine_destroy(void);

/* Starts the kernel: core_boot(), and makes the invariant checker ready. NULL on success, else a message. */
const char *machine_boot(void);

enum machine_trap_kind { TRAP_SYSCALL, TRAP_VM_FAULT, TRAP_EXCEPTION, TRAP_INTERRUPT };

/* One reason to enter the kernel, with what the hardware tells about it. */
struct machine_trap {
    enum machine_trap_kind kind;
    bool is_fetch;
    word_t address; /* fault address, exception number */
    word_t status;  /* ESR of a fault, code of an exception */
};

/* Enters the kernel for the current thread, whose registers are saved. False when the machine has halted. */
bool machine_enter(struct machine_trap trap);

/* ---- Snapshots (memory.c): kernel level only, no coroutine may exist ---- */

struct machine_snapshot;

/*
 * Saves `kernel`, RAM and the machine's state (not the console text). The
 * snapshot belongs to the machine and dies with it. NULL when the host has no memory.
 */
struct machine_snapshot *machine_snapshot(void);

/* Goes back to a snapshot, at a cost that depends on what was written since then. */
void machine_restore(struct machine_snapshot *snapshot);

/* ---- Time and interrupts (interrupts.c) ---- */

word_t machine_ticks(word_t microseconds);

/* Lets time pass. Interrupts become pending on the way; nothing is delivered. */
void machine_advance(word_t ticks);

/* When something will happen by itself: the timer's deadline or a scheduled line change. WORD_MAX: never. */
word_t machine_next_event(void);

/* Drives an interrupt line. A rising edge is remembered when the line is edge triggered. */
void machine_line_set(uint32_t irq, bool level);

/* A short pulse: what an edge-triggered device does. */
void machine_line_pulse(uint32_t irq);

/* Changes a line at a time. False when too many changes are scheduled already. */
bool machine_line_schedule(word_t time, uint32_t irq, bool level);

/* Pulses a line when the kernel polls for interrupts the n-th time from now (n >= 1): in mid-operation. */
void machine_pulse_at_poll(uint32_t irq, uint64_t polls);

/* Does the controller signal an interrupt to the CPU? */
bool machine_irq_signalled(void);

/* ---- Memory as user code sees it (mmu.c) ---- */

/*
 * Translates an address in the active address space with the rights of EL0. False: *status is the
 * syndrome as in ESR_EL1 (docs/spec/aarch64-vspace.md 9). One call covers one page.
 */
bool machine_translate(word_t vaddr, enum machine_access access, paddr_t *result, word_t *status);

/* Moves bytes between user memory and a buffer. False: *fault is the trap to enter the kernel with. */
bool machine_user_access(word_t vaddr, enum machine_access access, void *buffer, word_t bytes,
                         struct machine_trap *fault);

/* ---- Console (console.c) ---- */

/* Forgets what was printed. */
void machine_console_clear(void);

/* ---- For the files of hal/host only ---- */

/* memory.c: maps RAM, zeroed. NULL, or what is wrong. */
const char *machine_memory_create(word_t bytes);
void machine_memory_destroy(void);

/* Every snapshot of the machine that ends is gone. */
void machine_snapshots_drop(void);

/* interrupts.c, mmu.c: power-on state. */
void machine_irq_reset(void);

/* A pseudo-random number from the seed. */
word_t machine_random(void);

#endif
