/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How much the processes that this one has started have worked.
 */
#ifndef KAAL_TOOLS_WORK_H
#define KAAL_TOOLS_WORK_H

#include <stdbool.h>

struct work {
    /* Processor time of all descendants, and of those ended ones that a descendant has waited for. */
    long long milliseconds;
    /* One of them is running, or waits for a processor or a disk. */
    bool wanted;
};

/* False when /proc does not say. */
bool work_of_descendants(struct work *work);

/* Also those whose parents have ended, when this process is a "child subreaper" (prctl(2)). */
void kill_descendants(void);

#endif
