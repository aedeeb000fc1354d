/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Shows that the differential test is able to fail: it breaks one instruction after
 * the other, and expects that some state tells the difference.
 */
#ifndef TESTS_FASTPATH_BREAKS_H
#define TESTS_FASTPATH_BREAKS_H

#include "tests/fastpath/live.h"

/*
 * Makes all breaks from number `first` on, each over at most `states` generated
 * states. Prints one line a break before it ("break NUMBER: ...") and one after it
 * ("noticed ..." or "UNNOTICED"), so that who reads them knows which break took the
 * machine down with it. Does not return.
 */
_Noreturn void breaks_test(word_t seed, word_t first, word_t states);

#endif
