/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Execution of user threads on the simulated machine.
 */
#include "hal/host/threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "hal/host/coroutine.h"
#include "hal/host/machine.h"

/* Parked instructions have addresses from here on; each start of a coroutine has a block of its own. */
#define PSEUDO_CODE        ((word_t)0x300000000000)
#define PSEUDO_BLOCK_BYTES ((word_t)128)
#define PSEUDO_SLOT_BYTES  ((word_t)8)

/* Exception syndromes (Arm ARM, ESR_EL1; docs/spec/aarch64-traps.md 3.2). */
#define ESR_UNDEFINED    ((word_t)0x02000000)
#define ESR_PC_ALIGNMENT ((word_t)0x8a000000)

#define INSTRUCTION_RET 0xd65f03c0u

/* With a seed, each step takes less than this many ticks (2 us). */
enum { SEEDED_STEP_TICKS = 125 };

struct user_thread {
    struct tcb *tcb; /* NULL: unused */
    word_t code;     /* address of the block of pseudo instructions */
    enum user_instruction at;
    word_t spin_left;
    void *pointer;
    void (*function)(word_t argument);
    struct coroutine coroutine;
};

struct entry {
    word_t address;
    void (*function)(word_t argument);
};

static struct user_thread threads[MACHINE_MAX_THREADS];
static struct user_thread *running;
static uint16_t *thread_numbers; /* by position of the TCB in RAM; number + 1, 0: none */
static word_t starts;
static struct entry entries[MACHINE_MAX_ENTRIES];
static unsigned entry_count;

/* ---- Entries ---- */

static const struct entry *entry_at(word_t address)
{
    for (unsigned i = 0; i < entry_count; i++) {
        if (entries[i].address == address) {
            return &entries[i];
        }
    }
    return NULL;
}

bool machine_register_entry(word_t address, void (*function)(word_t argument))
{
    const struct entry *known = entry_at(address);
    if (known != NULL) {
        entries[known - entries].function = function;
        return true;
    }
    if (entry_count == MACHINE_MAX_ENTRIES) {
        return false;
    }
    entries[entry_count++] = (struct entry){address, function};
    return true;
}

/* ---- Which coroutine belongs to a TCB ---- */

static word_t tcb_position(const struct tcb *tcb)
{
    return (hal_window_paddr(tcb).raw - MACHINE_RAM_BASE) >> KAAL_TCB_BITS;
}

static struct user_thread *thread_of(const struct tcb *tcb)
{
    uint16_t number = thread_numbers == NULL ? 0 : thread_numbers[tcb_position(tcb)];
    return number == 0 ? NULL : &threads[number - 1];
}

static void forget(struct user_thread *thread)
{
    thread_numbers[tcb_position(thread->tcb)] = 0;
    thread->tcb = NULL;
    thread->at = USER_NONE;
}

static bool tcb_exists(const struct tcb *tcb)
{
    for (const struct tcb *other = kernel.all_threads; other != NULL; other = other->all_next) {
        if (other == tcb) {
            return true;
        }
    }
    return false;
}

/* The kernel does not say when a TCB dies: coroutines of dead ones are collected when there is need. */
static void collect(void)
{
    for (unsigned i = 0; i < MACHINE_MAX_THREADS; i++) {
        if (threads[i].tcb != NULL && !tcb_exists(threads[i].tcb)) {
            forget(&threads[i]);
        }
    }
}

static struct user_thread *unused_thread(void)
{
    for (unsigned i = 0; i < MACHINE_MAX_THREADS; i++) {
        if (threads[i].tcb == NULL) {
            return &threads[i];
        }
    }
    return NULL;
}

static struct user_thread *new_thread(struct tcb *tcb)
{
    if (thread_numbers == NULL) {
        thread_numbers = calloc(machine_ram_bytes >> KAAL_TCB_BITS, sizeof(*thread_numbers));
    }
    struct user_thread *thread = unused_thread();
    if (thread == NULL) {
        collect();
        thread = unused_thread();
    }
    if (thread == NULL || thread_numbers == NULL) {
        hal_panic("too many user threads for the simulated machine", __FILE__, __LINE__);
    }
    thread->tcb = tcb;
    thread_numbers[tcb_position(tcb)] = (uint16_t)(thread - threads + 1);
    return thread;
}

bool machine_threads_exist(void)
{
    for (unsigned i = 0; i < MACHINE_MAX_THREADS; i++) {
        if (threads[i].tcb != NULL) {
            return true;
        }
    }
    return false;
}

void machine_threads_discard(void)
{
    for (unsigned i = 0; i < MACHINE_MAX_THREADS; i++) {
        if (threads[i].tcb != NULL) {
            forget(&threads[i]);
        }
    }
}

void machine_threads_destroy(void)
{
    machine_threads_discard();
    for (unsigned i = 0; i < MACHINE_MAX_THREADS; i++) {
        coroutine_free(&threads[i].coroutine);
    }
    free(thread_numbers);
    thread_numbers = NULL;
    entry_count = 0;
    starts = 0;
}

/* ---- Inside a coroutine ---- */

static word_t parked_address(const struct user_thread *thread)
{
    return thread->code + thread->at * PSEUDO_SLOT_BYTES;
}

static void thread_body(void)
{
    running->function(running->tcb->regs[REG_X0]);
    hal_panic("the function of a user thread returned", __FILE__, __LINE__);
}

static struct user_thread *running_thread(void)
{
    if (running == NULL) {
        hal_panic("not called by a user thread", __FILE__, __LINE__);
    }
    return running;
}

word_t *machine_user_registers(void)
{
    return running_thread()->tcb->regs;
}

void machine_user_instruction(enum user_instruction instruction)
{
    struct user_thread *self = running_thread();
    self->at = instruction;
    self->tcb->regs[REG_NEXT_IP] = parked_address(self);
    coroutine_leave();
    self->at = USER_NONE;
}

void machine_user_spin(word_t ticks)
{
    running_thread()->spin_left = ticks;
    machine_user_instruction(USER_SPIN);
}

void *machine_user_pointer(word_t vaddr)
{
    struct user_thread *self = running_thread();
    self->tcb->regs[REG_X0] = vaddr;
    self->pointer = NULL;
    machine_user_instruction(USER_POINTER);
    return self->pointer;
}

/* ---- The processor ---- */

static void resume(struct user_thread *thread)
{
    running = thread;
    coroutine_resume(&thread->coroutine);
    running = NULL;
}

static void start(struct tcb *tcb, const struct entry *entry)
{
    struct user_thread *thread = thread_of(tcb);
    if (thread == NULL) {
        thread = new_thread(tcb);
    }
    thread->function = entry->function;
    thread->code = PSEUDO_CODE + starts++ * PSEUDO_BLOCK_BYTES;
    thread->at = USER_NONE;
    if (!coroutine_start(&thread->coroutine, (unsigned)(thread - threads), thread_body)) {
        hal_panic("the host gives no memory for the stack of a user thread", __FILE__, __LINE__);
    }
    resume(thread);
}

/* Lets time pass for a spinning thread, up to the next moment at which something may interrupt it. */
static bool spin(struct user_thread *thread)
{
    word_t now = host_machine.state.now;
    word_t event = machine_next_event();
    word_t ticks = thread->spin_left;
    if (event > now) {
        ticks = word_min(ticks, event - now);
    }
    machine_advance(ticks);
    thread->spin_left -= ticks;
    return thread->spin_left == 0;
}

/* Load, store, or translation for the host. False: it faulted and the kernel was entered. */
static bool access_memory(struct user_thread *thread)
{
    word_t *regs = thread->tcb->regs;
    bool store = thread->at == USER_STORE;
    word_t value = regs[REG_X1];
    struct machine_trap fault;
    if (!machine_user_access(regs[REG_X0], store ? MACHINE_WRITE : MACHINE_READ, &value, sizeof(value),
                             &fault)) {
        machine_enter(fault);
        return false;
    }
    if (thread->at == USER_LOAD) {
        regs[REG_X0] = value;
    } else if (thread->at == USER_POINTER) {
        paddr_t memory;
        word_t status;
        thread->pointer =
            machine_translate(regs[REG_X0], MACHINE_READ, &memory, &status) ? hal_window(memory) : NULL;
    }
    return true;
}

/* Executes the instruction at which a thread is parked. */
static void execute_parked(struct user_thread *thread)
{
    word_t *regs = thread->tcb->regs;
    word_t next = parked_address(thread) + MACHINE_INSTRUCTION_BYTES;
    switch (thread->at) {
    case USER_NONE: break;
    case USER_SYSCALL:
        regs[REG_NEXT_IP] = next;
        machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
        break;
    case USER_LOAD:
    case USER_STORE:
    case USER_POINTER:
        if (access_memory(thread)) {
            regs[REG_NEXT_IP] = next;
        }
        break;
    case USER_BRANCH:
        regs[REG_X30] = next;
        regs[REG_NEXT_IP] = regs[REG_X0];
        break;
    case USER_UNDEFINED:
        machine_enter((struct machine_trap){.kind = TRAP_EXCEPTION, .address = ESR_UNDEFINED});
        break;
    case USER_SPIN:
        if (spin(thread)) {
            regs[REG_NEXT_IP] = next;
        }
        break;
    case USER_EXIT:
        host_machine.state.halted = true;
        host_machine.state.failed = regs[REG_X0] != 0;
        break;
    }
}

/* Executes whatever user memory holds at the program counter. */
static void execute_memory(struct tcb *tcb)
{
    word_t pc = tcb->regs[REG_NEXT_IP];
    uint32_t instruction = 0;
    struct machine_trap trap;
    if (!is_aligned(pc, 2)) {
        trap = (struct machine_trap){.kind = TRAP_EXCEPTION, .address = ESR_PC_ALIGNMENT};
    } else if (machine_user_access(pc, MACHINE_EXECUTE, &instruction, sizeof(instruction), &trap)) {
        trap = (struct machine_trap){.kind = TRAP_EXCEPTION, .address = ESR_UNDEFINED};
    }
    if (instruction == INSTRUCTION_RET) {
        tcb->regs[REG_NEXT_IP] = tcb->regs[REG_X30];
        return;
    }
    machine_enter(trap);
}

/* Host code is executable where the root image is; otherwise the fetch faults. */
static bool code_accessible(word_t pc)
{
    paddr_t memory;
    word_t status;
    if (machine_translate(host_machine.config.params.root_vaddr, MACHINE_EXECUTE, &memory, &status)) {
        return true;
    }
    machine_enter((struct machine_trap){TRAP_VM_FAULT, true, pc, status});
    return false;
}

/* One instruction of the current thread. */
static void step(struct tcb *tcb)
{
    word_t pc = tcb->regs[REG_NEXT_IP];
    struct user_thread *thread = thread_of(tcb);
    word_t parked = thread != NULL && thread->at != USER_NONE ? parked_address(thread) : 0;
    const struct entry *entry = entry_at(pc);

    if (parked != 0 && pc == parked) {
        if (code_accessible(pc)) {
            execute_parked(thread);
        }
    } else if (parked != 0 && pc == parked + MACHINE_INSTRUCTION_BYTES) {
        if (code_accessible(pc)) {
            resume(thread);
        }
    } else if (entry != NULL) {
        if (code_accessible(pc)) {
            start(tcb, entry);
        }
    } else {
        execute_memory(tcb);
    }
}

/* Is any thread ready in any domain, or waiting for replenishment? */
static bool thread_will_run(void)
{
    const struct cpu *cpu = this_cpu();
    for (unsigned domain = 0; domain < CONFIG_MAX_DOMAINS; domain++) {
        if (cpu->ready[domain].level1 != 0) {
            return true;
        }
    }
    return !tree_empty(&cpu->release);
}

/*
 * The idle thread waits: time jumps to the next event. False: nothing will ever
 * happen again. (The end of a domain's time alone wakes nobody.)
 */
static bool wait_for_interrupt(void)
{
    const struct machine_state *state = &host_machine.state;
    word_t event = machine_next_event();
    if (event <= state->now || event == WORD_MAX) {
        return false; /* what is due and yet not signalled is masked for good */
    }
    if (state->event_count == 0 && !thread_will_run()) {
        return false;
    }
    machine_advance(event - state->now);
    return true;
}

enum machine_stop machine_run(uint64_t max_steps)
{
    struct machine_state *state = &host_machine.state;
    for (uint64_t done = 0; !state->halted; done++) {
        if (done == max_steps) {
            return STOP_LIMIT;
        }
        state->counters.steps++;
        if (host_machine.config.seed != 0) {
            machine_advance(machine_random() % SEEDED_STEP_TICKS);
        }
        struct tcb *current = this_cpu()->current;
        if (machine_irq_signalled()) {
            machine_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
        } else if (current->state != THREAD_IDLE) {
            step(current);
        } else if (!wait_for_interrupt()) {
            return STOP_IDLE;
        }
    }
    return STOP_HALTED;
}

void machine_threads_dump(void)
{
    static const char *const states[] = {"inactive",
                                         "running",
                                         "restart",
                                         "blocked on send",
                                         "blocked on receive",
                                         "blocked on reply",
                                         "blocked on notification",
                                         "idle"};
    for (const struct tcb *tcb = kernel.all_threads; tcb != NULL; tcb = tcb->all_next) {
        bool current = tcb == this_cpu()->current;
        const char *state = tcb->state < sizeof(states) / sizeof(states[0]) ? states[tcb->state] : "?";
        fprintf(stderr, "%c %-20.31s %-24s priority %3u pc %#llx\n", current ? '*' : ' ', tcb->name, state,
                tcb->priority, (unsigned long long)tcb->regs[REG_NEXT_IP]);
    }
}
