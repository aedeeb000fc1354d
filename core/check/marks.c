/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/marks.h"

word_t marks_next_word(const struct marks *marks, word_t index)
{
    word_t place = index / WORD_BITS;
    word_t used;

    if (index >= marks->count) {
        return marks->count;
    }
    used = marks->summary[place] & ~mask(index % WORD_BITS);
    while (used == 0) {
        place++;
        if (place * WORD_BITS >= marks->count) {
            return marks->count;
        }
        used = marks->summary[place];
    }
    return place * WORD_BITS + lowest_bit(used);
}

void marks_clear(struct marks *marks)
{
    word_t index = marks_next_word(marks, 0);

    while (index < marks->count) {
        marks->words[index] = 0;
        marks->summary[index / WORD_BITS] &= ~bit(index % WORD_BITS);
        index = marks_next_word(marks, index + 1);
    }
}

word_t mark_next(const struct marks *marks, word_t number)
{
    word_t index = number / WORD_BITS;
    word_t word = index < marks->count ? marks->words[index] & ~mask(number % WORD_BITS) : 0;

    if (word == 0) {
        index = marks_next_word(marks, index + 1);
        if (index == marks->count) {
            return MARK_NONE;
        }
        word = marks->words[index];
    }
    return index * WORD_BITS + lowest_bit(word);
}
