/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How many untypeds the kernel cuts a range into.
 */
#ifndef TESTS_KIT_UNTYPEDS_H
#define TESTS_KIT_UNTYPEDS_H

#include "core/boot/untypeds.h"

static inline unsigned untyped_count(struct region region)
{
    struct untyped_piece piece;
    unsigned count = 0;

    while (untyped_cut(&region, &piece)) {
        count++;
    }
    return count;
}

#endif
