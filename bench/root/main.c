/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The benchmark root task: instruction counts of kernel operations on the
 * release kernel, under QEMU's virt machine with -icount. It needs the boot
 * parameters user-pmu=on user-counters=on user-timer=on root-cnode-bits=16.
 * tools/bench.sh runs it and makes the report.
 */
#include "bench/root/rows.h"

enum { POOL_BITS = 17, POOL_SLOTS = 64 };

static struct kaal_allocator allocator;
static struct kaal_pool pool; /* of what lives as long as the program */

/* ---- Console: the UART of QEMU's virt machine, since release kernels have none ---- */

#define UART_PADDR ((kaal_word_t)0x09000000)
#define UART_VADDR ((kaal_word_t)0x10000000)

static void put_uart(char character)
{
    volatile uint32_t *uart = (volatile uint32_t *)UART_VADDR;

    while (uart[0x18 / 4] & 0x20) {
    }
    uart[0] = (uint8_t)character;
}

/* Cuts the device untyped that holds the UART down to its page. */
static kaal_frame_t uart_frame(const struct kaal_bootinfo *bootinfo)
{
    for (kaal_word_t i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        const struct kaal_untyped_descriptor *descriptor = &bootinfo->untyped_list[i];
        kaal_untyped_t untyped = {bootinfo->untyped.start + i};
        kaal_cptr_t slot = kaal_pool_slot(&pool);

        if (descriptor->is_device && descriptor->paddr == UART_PADDR &&
            !kaal_untyped_retype(untyped, KAAL_OBJECT_SMALL_PAGE, 0, 0, 0, slot, 1, KAAL_ROOT_CNODE).error) {
            return (kaal_frame_t){slot};
        }
    }
    return (kaal_frame_t){0};
}

static bool start_console(const struct kaal_bootinfo *bootinfo)
{
    kaal_frame_t frame = uart_frame(bootinfo);

    if (!frame.cptr || !kaal_map_frame(&pool, KAAL_ROOT_VSPACE, frame, UART_VADDR,
                                       KAAL_RIGHT_READ | KAAL_RIGHT_WRITE, KAAL_VM_EXECUTE_NEVER)) {
        return false;
    }
    kaal_print_through(put_uart);
    return true;
}

/* The root task's own time slice ends within no round either. */
static bool extend_time_slice(const struct kaal_bootinfo *bootinfo)
{
    kaal_sched_control_t control = {bootinfo->sched_control.start};

    return !kaal_sched_control_configure_flags(control, PAIR_SLICE, PAIR_SLICE, 0, 0, 0, KAAL_ROOT_SC).error;
}

static kaal_irq_handler_t timer_handler(void)
{
    kaal_cptr_t slot = kaal_pool_slot(&pool);

    if (kaal_irq_control_get_trigger(KAAL_ROOT_IRQ_CONTROL, TIMER_IRQ, 0, slot, KAAL_ROOT_DEPTH,
                                     KAAL_ROOT_CNODE)
            .error) {
        return (kaal_irq_handler_t){0};
    }
    return (kaal_irq_handler_t){slot};
}

static bool measure_all(void)
{
    kaal_irq_handler_t timer = timer_handler();

    return timer.cptr && measure_signals() && measure_ipc() && measure_faults() && measure_switches() &&
           measure_interrupts(timer) && measure_delays(&allocator, timer) && measure_threads() &&
           measure_memory() && measure_cnodes() && measure_lookups() && measure_growth(&allocator);
}

int user_main(const struct kaal_bootinfo *bootinfo)
{
    kaal_runtime_start(bootinfo);
    kaal_allocator_start(&allocator, bootinfo);
    if (!kaal_pool_create(&allocator, &pool, POOL_BITS, POOL_SLOTS) || !start_console(bootinfo)) {
        return 1;
    }
    measure_start();
    kaal_print("bench: %s\n",
               extend_time_slice(bootinfo) && pair_create(&allocator) && measure_all() ? "done" : "failed");
    kaal_tcb_suspend(KAAL_ROOT_TCB);
    return 0;
}
