/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Large arrays of words that are mostly zero: a summary has a bit for each word
 * in use, so that clearing and walking cost what is used, not what is there.
 */
#ifndef CORE_CHECK_MARKS_H
#define CORE_CHECK_MARKS_H

#include "core/base/word.h"

/* Words with a clear summary bit are zero. */
struct marks {
    word_t *words;
    word_t *summary;
    word_t count; /* words */
};

/* Words of memory for marks of this many words. */
static inline word_t marks_size(word_t count)
{
    return count + (count + WORD_BITS - 1) / WORD_BITS;
}

/* Takes its memory, which is zero. */
static inline void marks_init(struct marks *marks, word_t *memory, word_t count)
{
    *marks = (struct marks){memory, memory + count, count};
}

/* Sets bits in word `index`. */
static inline void marks_add(struct marks *marks, word_t index, word_t bits)
{
    marks->words[index] |= bits;
    marks->summary[index / WORD_BITS] |= bit(index % WORD_BITS);
}

/* First word in use from `index` on; marks->count: none. */
word_t marks_next_word(const struct marks *marks, word_t index);

/* All words become zero. */
void marks_clear(struct marks *marks);

/* ---- One bit for each number ---- */

static inline bool mark_is_set(const struct marks *marks, word_t number)
{
    return marks->words[number / WORD_BITS] & bit(number % WORD_BITS);
}

static inline void mark_set(struct marks *marks, word_t number)
{
    marks_add(marks, number / WORD_BITS, bit(number % WORD_BITS));
}

#define MARK_NONE WORD_MAX

/* Smallest marked number that is not below `number`, or MARK_NONE. */
word_t mark_next(const struct marks *marks, word_t number);

#endif
