/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The map of objects: what the checker knows to be where.
 */
#include "core/check/checker.h"

const char *broken_address(struct checker *checker, word_t address, const char *what)
{
    checker->place = address;
    return what;
}

enum { KINDS_PER_WORD = WORD_BITS / KIND_BITS };

static const word_t all_inside = 0x1111111111111111ull * OBJECT_INSIDE;

/* Bits of those kinds in word `index` that belong to granules [first, end). */
static word_t kinds_mask(word_t index, word_t first, word_t end)
{
    word_t start = index * KINDS_PER_WORD;
    unsigned low = first > start ? (unsigned)(first - start) * KIND_BITS : 0;
    unsigned high = end - start < KINDS_PER_WORD ? (unsigned)(end - start) * KIND_BITS : WORD_BITS;

    return mask(high) & ~mask(low);
}

static word_t granule_of(const struct checker *checker, word_t address)
{
    return (address - checker->start) >> GRANULE_BITS;
}

enum object_kind kind_at(const struct checker *checker, word_t address)
{
    word_t granule = granule_of(checker, address);
    word_t word = checker->kinds.words[granule / KINDS_PER_WORD];

    return (enum object_kind)(word >> (granule % KINDS_PER_WORD) * KIND_BITS & mask(KIND_BITS));
}

bool region_is_free(const struct checker *checker, word_t address, word_t bytes)
{
    word_t first = granule_of(checker, address);
    word_t end = first + (bytes >> GRANULE_BITS);
    word_t index = marks_next_word(&checker->kinds, first / KINDS_PER_WORD);

    while (index < checker->kinds.count && index * KINDS_PER_WORD < end) {
        if (checker->kinds.words[index] & kinds_mask(index, first, end)) {
            return false;
        }
        index = marks_next_word(&checker->kinds, index + 1);
    }
    return true;
}

bool claim_object(struct checker *checker, word_t address, word_t bytes, enum object_kind kind)
{
    word_t first = granule_of(checker, address);
    word_t end = first + (bytes >> GRANULE_BITS);

    if (!region_is_free(checker, address, bytes)) {
        return false;
    }
    marks_add(&checker->kinds, first / KINDS_PER_WORD, (word_t)kind << (first % KINDS_PER_WORD) * KIND_BITS);
    first++;
    for (word_t index = first / KINDS_PER_WORD; index * KINDS_PER_WORD < end; index++) {
        marks_add(&checker->kinds, index, all_inside & kinds_mask(index, first, end));
    }
    return true;
}

static unsigned least_size_bits(enum object_kind kind)
{
    switch (kind) {
    case OBJECT_NOTIFICATION: return KAAL_NOTIFICATION_BITS;
    case OBJECT_REPLY: return KAAL_REPLY_BITS;
    case OBJECT_SCHED_CONTEXT: return KAAL_SCHED_CONTEXT_MIN_BITS;
    case OBJECT_TCB: return KAAL_TCB_BITS;
    case OBJECT_PAGE_TABLE:
    case OBJECT_VSPACE:
    case OBJECT_ASID_POOL: return KAAL_SMALL_PAGE_BITS;
    default: return GRANULE_BITS;
    }
}

bool is_object_at(const struct checker *checker, word_t address, enum object_kind kind)
{
    unsigned size_bits = least_size_bits(kind);

    if (!is_known_ram(checker, address, bit(size_bits)) || !is_aligned(address, size_bits)) {
        return false;
    }
    return kind_at(checker, address) == kind ||
           (!checker->complete && region_is_free(checker, address, bit(size_bits)));
}
