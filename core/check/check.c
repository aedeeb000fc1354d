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
