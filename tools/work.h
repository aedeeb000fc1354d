/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How much the processes that this one has started have worked.
 */
#ifndef KAAL_TOOLS_WORK_H
#define KAAL_TOOLS_WORK_H

/*
 * Processor time of all descendants in milliseconds, with those of them that have ended and were waited for
 * by one that has not; -1 when /proc does not say.
 */
long long work_of_descendants_ms(void);

#endif
