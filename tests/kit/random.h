/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Random numbers for tests: the same for the same seed, on every machine (splitmix64).
 */
#ifndef TESTS_KIT_RANDOM_H
#define TESTS_KIT_RANDOM_H

#include "core/base/word.h"

struct random {
    word_t state; /* at first: the seed */
};

/* All 64 bits random. */
static inline word_t random_word(struct random *random)
{
    word_t x = random->state += 0x9e3779b97f4a7c15ull;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* 0 .. bound - 1; bound below 2^32. */
static inline unsigned random_below(struct random *random, word_t bound)
{
    return (unsigned)((random_word(random) >> 32) * bound >> 32);
}

static inline bool random_one_in(struct random *random, unsigned n)
{
    return random_below(random, n) == 0;
}

static inline bool random_chance(struct random *random, unsigned percent)
{
    return random_below(random, 100) < percent;
}

/* The generator of a numbered case is far from that of its neighbours. */
static inline struct random random_of_case(word_t seed, word_t number)
{
    struct random random = {seed};

    random.state = random_word(&random) ^ number * 0xd1342543de82ef95ull;
    return random;
}

#endif
