/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that says which counters, timers and performance monitors user
 * mode may use, and that what is open works (docs/spec/aarch64-traps.md 6, boot
 * parameters user-counters, user-timer, user-pmu). The line that it prints is
 * judged by tests/system/run.sh.
 */
#include "user/lib/user.h"

enum { PRIORITY = 255, POOL_BITS = 20 };

static struct kaal_allocator allocator;
static struct kaal_pool pool;
static struct kaal_thread thread;
static kaal_endpoint_t faults;
static kaal_reply_t reply;
static unsigned passed, failed;

#define READER(name, reg)                                \
    static void name(kaal_word_t unused)                 \
    {                                                    \
        kaal_word_t value;                               \
                                                         \
        (void)unused;                                    \
        __asm__ volatile("mrs %0, " #reg : "=r"(value)); \
    }
READER(read_cntpct, cntpct_el0)
READER(read_cntfrq, cntfrq_el0)
READER(read_cntvct, cntvct_el0)
READER(read_cntp, cntp_ctl_el0)
READER(read_cntv, cntv_ctl_el0)
READER(read_pmccntr, pmccntr_el0)
READER(read_pmcr, pmcr_el0)
READER(read_amevcntr, s3_3_c13_c4_0) /* activity monitors */
READER(read_daif, daif)
READER(read_scxtnum, s3_3_c13_c0_7)
READER(read_tpidr2, s3_3_c13_c0_5)

static const struct {
    const char *name;
    void (*read)(kaal_word_t unused);
} registers[] = {{"cntpct", read_cntpct},   {"cntfrq", read_cntfrq},     {"cntvct", read_cntvct},
                 {"cntp", read_cntp},       {"cntv", read_cntv},         {"pmccntr", read_pmccntr},
                 {"pmcr", read_pmcr},       {"amevcntr", read_amevcntr}, {"daif", read_daif},
                 {"scxtnum", read_scxtnum}, {"tpidr2", read_tpidr2}};

static void check(bool good, const char *what)
{
    kaal_print("%s %s\n", good ? "ok" : "FAIL", what);
    passed += good;
    failed += !good;
}

/* A thread runs this; afterwards it tells the root task, or an exception does. */
static void read_and_tell(kaal_word_t index)
{
    registers[index].read(0);
    kaal_send(faults, KAAL_EMPTY_MESSAGE(KAAL_FAULT_NONE));
}

/* An instruction that is undefined because the CPU does not have the register, or a trapped one. */
enum { UNDEFINED = 0x00, TRAPPED = 0x18 };

/* Can user mode read the register? */
static bool is_open(unsigned index)
{
    struct kaal_message message;

    if (!kaal_thread_create(&pool, &thread,
                            &(struct kaal_thread_setup){.priority = PRIORITY, .fault_handler = faults}) ||
        kaal_thread_start(&thread, read_and_tell, index).error) {
        check(false, "thread");
        return false;
    }
    message = kaal_recv(faults, reply);
    kaal_tcb_suspend(thread.tcb);
    if (kaal_label(message) != KAAL_FAULT_NONE) {
        kaal_word_t class = message.words[3] >> 26;

        check(kaal_label(message) == KAAL_FAULT_USER_EXCEPTION && (class == TRAPPED || class == UNDEFINED),
              registers[index].name);
        return false;
    }
    return true;
}

static kaal_word_t physical_count(void)
{
    kaal_word_t value;

    __asm__ volatile("isb\n\tmrs %0, cntpct_el0" : "=r"(value));
    return value;
}

/* The counter runs, and as fast as its frequency says: the kernel's clock is the measure. */
static void check_counter(void)
{
    kaal_word_t frequency;
    kaal_word_t start = physical_count();
    kaal_word_t consumed = kaal_sched_context_consumed(KAAL_ROOT_SC).words[0];
    kaal_word_t microseconds;
    kaal_word_t ticks;

    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    for (unsigned i = 0; i < 20; i++) {
        sys_spin(500);
        kaal_yield();
    }
    consumed = kaal_sched_context_consumed(KAAL_ROOT_SC).words[0];
    ticks = physical_count() - start;
    microseconds = ticks * 1000 / (frequency / 1000);
    kaal_print("frequency %lu, counted %lu us, consumed %lu us\n", frequency, microseconds, consumed);
    check(consumed > 1000 && microseconds + 1000 > consumed && microseconds < consumed * 2 + 1000,
          "counter and clock agree");
}

/* The timer's condition is met when its time has come. */
static void check_timer(void)
{
    kaal_word_t control = 0;

    __asm__ volatile("msr cntp_tval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb" : : "r"(1000ul), "r"(3ul));
    for (unsigned i = 0; i < 1000000 && !(control & 4); i++) {
        __asm__ volatile("isb\n\tmrs %0, cntp_ctl_el0" : "=r"(control));
    }
    check((control & 7) == 7, "timer expires");
    __asm__ volatile("msr cntp_ctl_el0, xzr");
}

/* Cycles are counted, in user mode and in the kernel. */
static void check_cycles(void)
{
    kaal_word_t before;
    kaal_word_t between;
    kaal_word_t after;

    __asm__ volatile("msr pmcr_el0, %1\n\tmsr pmcntenset_el0, %2\n\tisb\n\tmrs %0, pmccntr_el0"
                     : "=&r"(before)
                     : "r"(5ul), "r"(1ul << 31)
                     : "memory");
    __asm__ volatile("" : : : "memory");
    sys_spin(100);
    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(between));
    for (unsigned i = 0; i < 1000; i++) {
        kaal_tcb_set_priority(thread.tcb, PRIORITY, KAAL_ROOT_TCB);
    }
    __asm__ volatile("isb\n\tmrs %0, pmccntr_el0" : "=r"(after));
    check(between > before && after > between, "cycles are counted");
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    bool open[sizeof(registers) / sizeof(registers[0])];

    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    check(kaal_pool_create(&allocator, &pool, POOL_BITS, 256), "pool");
    faults = kaal_new_endpoint(&pool);
    reply = kaal_new_reply(&pool);
    for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        open[i] = is_open(i);
    }
    kaal_print("open:");
    for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        kaal_print(open[i] ? " %s" : "", registers[i].name);
    }
    kaal_print("\n");
    if (open[0]) {
        check_counter();
    }
    if (open[3]) {
        check_timer();
    }
    if (open[5]) {
        check_cycles();
    }
    kaal_print("access: %u passed, %u failed\n", passed, failed);
    kaal_debug_halt();
    return 0;
}
