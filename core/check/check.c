/* SPDX-License-Identifier: BSD-2-Clause */
#include "core/check/checker.h"
#include "core/log.h"

/* ---- Scratch memory ---- */

static word_t words_for(word_t ram_bytes, unsigned unit_bits, unsigned bits_per_unit)
{
    return ((ram_bytes >> unit_bits) * bits_per_unit + WORD_BITS - 1) / WORD_BITS;
}

static word_t header_words(void)
{
    return (sizeof(struct checker) + sizeof(word_t) - 1) / sizeof(word_t);
}

word_t check_scratch_bytes(word_t ram_bytes)
{
    word_t slots = marks_size(words_for(ram_bytes, KAAL_SLOT_BITS, 1));
    word_t kinds = marks_size(words_for(ram_bytes, GRANULE_BITS, KIND_BITS));
    word_t entries = marks_size(words_for(ram_bytes, ENTRY_BITS, 1));

    return (header_words() + 3 * slots + kinds + entries) * sizeof(word_t);
}

static word_t *give(struct marks *marks, word_t *memory, word_t words)
{
    marks_init(marks, memory, words);
    return memory + marks_size(words);
}

void check_init(paddr_t ram_start, word_t ram_bytes, void *scratch)
{
    struct checker *checker = scratch;
    word_t *memory = scratch;
    word_t words = check_scratch_bytes(ram_bytes) / sizeof(word_t);

    for (word_t i = 0; i < words; i++) {
        memory[i] = 0;
    }
    checker->start = ram_start.raw;
    checker->bytes = ram_bytes;
    checker->window = hal_window(ram_start);
    memory += header_words();
    memory = give(&checker->linked, memory, words_for(ram_bytes, KAAL_SLOT_BITS, 1));
    memory = give(&checker->followed, memory, words_for(ram_bytes, KAAL_SLOT_BITS, 1));
    memory = give(&checker->homed, memory, words_for(ram_bytes, KAAL_SLOT_BITS, 1));
    memory = give(&checker->kinds, memory, words_for(ram_bytes, GRANULE_BITS, KIND_BITS));
    give(&checker->entries, memory, words_for(ram_bytes, ENTRY_BITS, 1));
    kernel.checker = checker;
}

static void clear_array(word_t *words, word_t count)
{
    for (word_t i = 0; i < count; i++) {
        words[i] = 0;
    }
}

/* Forgets what the last check found. */
static void start_over(struct checker *checker)
{
    marks_clear(&checker->linked);
    marks_clear(&checker->followed);
    marks_clear(&checker->homed);
    marks_clear(&checker->kinds);
    marks_clear(&checker->entries);
    checker->place = 0;
    checker->anchor_bytes = 0;
    checker->types_seen = 0;
    checker->work_count = 0;
    checker->work_dropped = false;
    checker->counts = (struct check_counts){0};
    clear_array(checker->irqs_seen, sizeof(checker->irqs_seen) / sizeof(word_t));
    clear_array(checker->pools_seen, sizeof(checker->pools_seen) / sizeof(word_t));
}

const char *broken_address(struct checker *checker, word_t address, const char *what)
{
    checker->place = address;
    return what;
}

/* ---- The map of objects ---- */

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

/* ---- The check ---- */

const char *kernel_check(void)
{
    static const char *(*const passes[])(struct checker *) = {check_slots, check_spaces, check_ipc_objects,
                                                              check_threads};
    struct checker *checker = checker_state();
    const char *error;

    start_over(checker);
    error = find_slots(checker);
    for (unsigned i = 0; i < sizeof(passes) / sizeof(passes[0]) && !error; i++) {
        error = passes[i](checker);
    }
    return error;
}

word_t check_place(void)
{
    return checker_state()->place;
}

void check_kernel(void)
{
    const char *error = kernel_check();

    if (error) {
        console_printf("kaal: broken invariant: %s (at 0x%lx)\n", error, check_place());
        hal_panic(error, __FILE__, __LINE__);
    }
}
