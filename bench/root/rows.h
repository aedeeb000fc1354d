/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The groups of rows. Each function measures and prints its rows, and answers
 * false when something could not be made or a measured operation failed.
 */
#ifndef BENCH_ROOT_ROWS_H
#define BENCH_ROOT_ROWS_H

#include "bench/root/pair.h"

/* ipc.c: Call and ReplyRecv by length, space and use of the FPU; capabilities; the other sends and receives.
 */
bool measure_ipc(void);

/* signals.c: notifications, Yield, interrupts to a waiting thread. */
bool measure_signals(void);
bool measure_switches(void);
bool measure_interrupts(kaal_irq_handler_t timer);

/* faults.c: to the handler and back, and what the FPU costs who uses it first. */
bool measure_faults(void);

/* delays.c: how long an interrupt waits while the kernel works for somebody else. */
bool measure_delays(struct kaal_allocator *allocator, kaal_irq_handler_t timer);

/* invocations of kernel objects by the root task */
bool measure_memory(void);  /* memory.c: Untyped_Retype, frames and tables */
bool measure_cnodes(void);  /* cnodes.c */
bool measure_threads(void); /* threads.c: TCBs and scheduling contexts */
bool measure_lookups(void); /* lookups.c: capability lookup by depth */

/* growth.c: costs with 1 to 10,000 threads in a queue, and with so many capabilities to one object. */
bool measure_growth(struct kaal_allocator *allocator);

/* The physical timer of EL1, which root tasks may use. */
enum { TIMER_IRQ = 30 };

#endif
