/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The floor of user programs on the real machine (user/sys/sys.h).
 */
#include "user/sys/sys.h"

/* Of start.S. */
void sys_spin_loop(kaal_word_t rounds);
_Noreturn void sys_start(const struct kaal_bootinfo *bootinfo);

/* Rounds of sys_spin_loop that take about a microsecond; measured once, before the program starts. */
static kaal_word_t rounds_per_microsecond = 1;

kaal_word_t sys_thread_pointer(void)
{
    kaal_word_t value;

    __asm__ volatile("mrs %0, tpidr_el0" : "=r"(value));
    return value;
}

void sys_set_thread_pointer(kaal_word_t value)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(value));
}

void *sys_pointer(kaal_word_t vaddr)
{
    return (void *)vaddr;
}

void sys_thread_context(struct kaal_user_context *context, void (*function)(kaal_word_t argument),
                        kaal_word_t argument, void *stack_top, kaal_word_t thread_pointer)
{
    *context = (struct kaal_user_context){
        .pc = (kaal_word_t)function,
        .sp = (kaal_word_t)stack_top & ~(kaal_word_t)15,
        .x0 = argument,
        .tpidr_el0 = thread_pointer,
    };
}

void sys_spin(kaal_word_t microseconds)
{
    sys_spin_loop(microseconds * rounds_per_microsecond);
}

static kaal_word_t own_call(enum kaal_syscall number, kaal_cptr_t cptr, kaal_word_t label)
{
    struct sys_registers registers = {
        .x = {[0] = cptr, [1] = kaal_info(label, 0, 0, 0), [7] = (kaal_word_t)(int64_t)number}};

    sys_call(&registers);
    return registers.x[2];
}

/*
 * EL0 cannot read the counters, but the kernel tells what a scheduling context
 * has consumed, and Yield charges it (docs/spec/scheduling.md 6.2, 8.5). So: spin
 * longer and longer until the time is measurable.
 */
static void calibrate(void)
{
    const kaal_word_t enough_microseconds = 500;
    const kaal_word_t most_rounds = 1 << 24;

    for (kaal_word_t rounds = 1 << 12; rounds <= most_rounds; rounds *= 2) {
        own_call(KAAL_SYS_YIELD, 0, 0);
        own_call(KAAL_SYS_CALL, KAAL_BOOT_SCHED_CONTEXT, kaal_label_sched_context_consumed);
        sys_spin_loop(rounds);
        own_call(KAAL_SYS_YIELD, 0, 0);

        kaal_word_t microseconds =
            own_call(KAAL_SYS_CALL, KAAL_BOOT_SCHED_CONTEXT, kaal_label_sched_context_consumed);

        if (microseconds >= enough_microseconds) {
            rounds_per_microsecond = rounds / microseconds + 1;
            return;
        }
    }
}

_Noreturn void sys_start(const struct kaal_bootinfo *bootinfo)
{
    calibrate();
    user_main(bootinfo);

    /* A root task that ends stops the machine; in a release kernel this call is a fault, which stops the
     * thread. */
    for (;;) {
        own_call(KAAL_SYS_DEBUG_HALT, 0, 0);
    }
}
