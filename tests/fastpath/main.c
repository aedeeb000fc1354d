/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The differential test of the assembly fastpath. The release kernel, but for a few
 * instructions (hooks.sed), boots in the usual way; then, instead of the root task,
 * this driver runs. It generates kernel states, lets each make its system call once
 * through the vector, where the fastpath takes it, and once through the C path, and
 * compares what both leave behind: memory, registers, the chosen thread.
 *
 * The machine's counter ticks so rarely (tests/fastpath/run.sh) that both runs of a
 * state see the same time; a state whose runs a tick fell between is done again.
 *
 * Options (options.h): seed, states, first (number of the first state), check (0: it
 * does not matter which way the conditions of the fastpath went), breaks (1: do what
 * breaks.h says, from break number `first` on).
 */
#include <kaal/syscalls.h>

#include "core/api/entry.h"
#include "core/check/check.h"
#include "core/hal.h"
#include "core/log.h"
#include "core/sched/time.h"
#include "hal/aarch64/registers.h"
#include "hal/aarch64/sysreg.h"
#include "tests/fastpath/breaks.h"
#include "tests/fastpath/compare.h"
#include "tests/fastpath/cover.h"
#include "tests/fastpath/memory_image.h"
#include "tests/fastpath/names.h"
#include "tests/fastpath/options.h"
#include "tests/fastpath/run.h"
#include "tests/fastpath/text.h"
#include "tests/fastpath/world.h"

enum {
    PRETENDED_FREQUENCY = 1000000, /* Hz: the kernel's idea of the counter */
    EARLIEST = 160,                /* ticks: states reach back in time */
    REST_INTERVAL = 8192,          /* states between two looks at what nothing may change */
    STEPPED_STATES = 8192,         /* at least so many are stepped through, */
    MAX_STEP_INTERVAL = 64,        /* and at least each so many-th */
    MAX_FAILURES = 3,
    KIND_UNKNOWN = 11, /* system calls that do not exist */
    KIND_EXCEPTION,
    KINDS,
};

static const char *const kind_names[KINDS] = {"Call",   "ReplyRecv", "NBSendRecv", "NBSendWait", "Send",
                                              "NBSend", "Recv",      "NBRecv",     "Wait",       "NBWait",
                                              "Yield",  "(unknown)", "(exception)"};

/* What became of the states with one system call. */
struct tally {
    word_t by_fastpath;          /* alone, or up to a function of the core */
    word_t by_fastpath_switched; /* ... and another thread runs */
    word_t by_c;
    word_t by_c_switched;
};

static struct tally tallies[KINDS];
static word_t seed;
static word_t number; /* of the state that is being executed */
static word_t repeated;
static unsigned failures;

_Noreturn void driver_main(void);
void __real_core_syscall(void);
void __wrap_core_syscall(void);
void __real_trap_exception(word_t esr);
void __wrap_trap_exception(word_t esr);
void __real_core_signal(struct notification *notification, word_t badge);
void __wrap_core_signal(struct notification *notification, word_t badge);
bool driver_trap(word_t x[TRAP_COUNT]);

/* ---- States ---- */

static unsigned kind_of(const struct state *state)
{
    word_t kind = ~state->live.word[REG_SYSCALL];

    if (state->live.word[LIVE_ESR] >> ESR_EC_SHIFT != ESR_EC_SVC) {
        return KIND_EXCEPTION;
    }
    return kind < KIND_UNKNOWN ? (unsigned)kind : KIND_UNKNOWN;
}

static void count(const struct state *state, const struct runs *runs)
{
    struct tally *tally = &tallies[kind_of(state)];

    if (runs->path == BY_C) {
        tally->by_c++;
        tally->by_c_switched += runs->switched;
    } else {
        tally->by_fastpath++;
        tally->by_fastpath_switched += runs->switched;
    }
}

/* The state must be one that the kernel may leave behind; the debug kernel can tell. */
static void check_state(void)
{
    const char *error = config_debug ? kernel_check() : NULL;

    if (error != NULL) {
        console_printf("FAIL states: generated against an invariant: SEED=%lu state %lu\n        %s: ", seed,
                       number, error);
        names_print((const void *)check_place());
        console_puts("\n");
        failures++;
    }
}

static void check_rest(void)
{
    image_restore(IMAGE_BASE);
    if (image_rest_changed(true)) {
        console_printf("FAIL states: a write went astray: SEED=%lu, not after state %lu\n", seed, number);
        failures++;
    }
}

static void test_state(struct state *state)
{
    enum comparison result;
    struct runs runs;

    repeated += compare_state(state, seed, number, &result, &runs);
    if (result == RUNS_DIFFER) {
        /* The state and its number are enough to see it again. */
        console_printf("FAIL states: fastpath and C disagree: SEED=%lu state %lu (%s)\n", seed, number,
                       kind_names[kind_of(state)]);
        print_differences(&runs);
        failures++;
    }
    count(state, &runs);
}

static void test_states(word_t first, word_t states)
{
    static struct state state;

    word_t interval = word_max(1, word_min(states / STEPPED_STATES, MAX_STEP_INTERVAL));

    for (number = first; number < first + states && failures < MAX_FAILURES; number++) {
        test_state(&state);
        if (config_debug || number % interval == 0) {
            prepare_state(&state, seed, number);
            check_state();
            cover_run(&state.live, number);
        }
        if ((number - first) % REST_INTERVAL == 0) {
            check_rest();
        }
    }
    check_rest();
}

/* ---- The test ---- */

enum { COLUMN = 14 };

static void print_blanks(unsigned count)
{
    while (count-- > 0) {
        console_puts(" ");
    }
}

static void print_name(const char *name)
{
    unsigned length = 0;

    while (name[length] != '\0') {
        length++;
    }
    print_blanks(8);
    console_puts(name);
    print_blanks(COLUMN - length);
}

static void print_number(word_t value)
{
    unsigned digits = 1;

    for (word_t rest = value; rest >= 10; rest /= 10) {
        digits++;
    }
    print_blanks(COLUMN - digits);
    console_printf("%lu", value);
}

static void print_tallies(void)
{
    console_puts("        system call         fastpath  and switched        C path  and switched\n");
    for (unsigned i = 0; i < KINDS; i++) {
        const struct tally *tally = &tallies[i];

        print_name(kind_names[i]);
        print_number(tally->by_fastpath);
        print_number(tally->by_fastpath_switched);
        print_number(tally->by_c);
        print_number(tally->by_c_switched);
        console_puts("\n");
    }
}

static void wait_for_time(void)
{
    while (hal_time_now() < EARLIEST) {
    }
}

/* Something is pending all the time: whoever waits for an interrupt goes on. Nobody takes it. */
static void keep_interrupt_pending(void)
{
    hal_irq_unmask(0);
    hal_sgi_send(0, 0);
}

static void set_up(void)
{
    run_take_vectors();
    write_sysreg(cntv_ctl_el0,
                 0); /* only the deadline is looked at; an emulator spends much time on timers */
    keep_interrupt_pending();
    wait_for_time();
    kernel.check_entries = false; /* the checker has its own place here: check_state() */
    world_build();
    image_init();
    if (text_count() > MAX_INSTRUCTIONS) {
        hal_panic("the fastpath is longer than expected", __FILE__, __LINE__);
    }
}

/* The start is over: the kernel is complete, and the root task could run. */
_Noreturn void driver_main(void)
{
    word_t first = option("first", 0);
    word_t states = option("states", 1000);
    bool check = option("check", 1) != 0;
    bool covered;

    time_configure(PRETENDED_FREQUENCY, 0);
    seed = option("seed", 1);
    set_up();
    if (option("breaks", 0) != 0) {
        breaks_test(seed, first, states);
    }
    test_states(first, states);
    print_tallies();
    console_printf("%lu states done again, for a tick between their runs\n", repeated);
    covered = !check || cover_report();
    if (failures == 0) {
        console_printf("ok states: %lu to %lu, SEED=%lu\n", first, number - 1, seed);
    }
    console_printf("fastpath: %u passed, %u failed\n", (unsigned)(check && covered) + (failures == 0),
                   (unsigned)!covered + (failures != 0));
    hal_halt(failures != 0 || !covered);
}

/* ---- What is linked in the kernel's way ---- */

/* The C path of every system call, and of other exceptions. */
void __wrap_core_syscall(void)
{
    path_taken = BY_C;
    __real_core_syscall();
}

void __wrap_trap_exception(word_t esr)
{
    path_taken = BY_C;
    __real_trap_exception(esr);
}

void __wrap_core_signal(struct notification *notification, word_t badge)
{
    path_taken = BY_BOTH;
    __real_core_signal(notification, badge);
}

/* An exception in the kernel. True: it was a step, which goes on; false: what was guarded ends here. */
bool driver_trap(word_t x[TRAP_COUNT])
{
    if (cover_trap(x)) {
        return true;
    }
    if (run_is_guarded()) {
        return false;
    }
    console_printf("FAIL states: exception in the kernel: SEED=%lu state %lu\n", seed, number);
    console_printf("        at 0x%lx, ESR 0x%lx, FAR 0x%lx, x30 0x%lx, sp 0x%lx\n", read_sysreg(elr_el1),
                   read_sysreg(esr_el1), read_sysreg(far_el1), x[30], x[TRAP_SP]);
    console_puts("fastpath: 0 passed, 1 failed\n");
    hal_halt(true);
}
