/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Costs with 1, 10, 100, 1,000 and 10,000 threads in a queue.
 */
#ifndef BENCH_ROOT_GROWTH_H
#define BENCH_ROOT_GROWTH_H

#include "bench/root/measure.h"

/* Measures all growth rows; `done` is an endpoint that nobody else uses. False: not enough memory or slots.
 */
bool measure_growth(struct kaal_allocator *allocator, kaal_endpoint_t done);

#endif
