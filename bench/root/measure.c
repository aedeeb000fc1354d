/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/root/measure.h"

/* PMCR_EL0.E and .C, PMCNTENSET_EL0.C, PMCCFILTR_EL0.U (Arm ARM D13.4). */
enum { PMCR_ENABLE = 1, PMCR_RESET_CYCLES = 4 };
#define PMCNTENSET_CYCLES ((kaal_word_t)1 << 31)
#define PMCCFILTR_NO_EL0  ((kaal_word_t)1 << 30)

static kaal_word_t reading_cost;

void measure_start(enum count_mode mode)
{
    kaal_word_t filter = mode == COUNT_KERNEL ? PMCCFILTR_NO_EL0 : 0;
    kaal_word_t first, second;

    __asm__ volatile("msr pmccfiltr_el0, %0" ::"r"(filter));
    __asm__ volatile("msr pmcntenset_el0, %0" ::"r"(PMCNTENSET_CYCLES));
    __asm__ volatile("msr pmcr_el0, %0\n\tisb" ::"r"((kaal_word_t)(PMCR_ENABLE | PMCR_RESET_CYCLES)));
    __asm__ volatile("mrs %0, pmccntr_el0\n\tmrs %1, pmccntr_el0" : "=r"(first), "=r"(second)::"memory");
    reading_cost = second - first;
}

kaal_word_t measure_between(kaal_word_t before, kaal_word_t after)
{
    return after - before - reading_cost;
}

void measure_call(struct sys_registers *registers, struct stamp *stamp)
{
    register kaal_word_t x0 __asm__("x0") = registers->x[0];
    register kaal_word_t x1 __asm__("x1") = registers->x[1];
    register kaal_word_t x2 __asm__("x2") = registers->x[2];
    register kaal_word_t x3 __asm__("x3") = registers->x[3];
    register kaal_word_t x4 __asm__("x4") = registers->x[4];
    register kaal_word_t x5 __asm__("x5") = registers->x[5];
    register kaal_word_t x6 __asm__("x6") = registers->x[6];
    register kaal_word_t x7 __asm__("x7") = registers->x[7];
    register kaal_word_t x8 __asm__("x8") = registers->x[8];
    kaal_word_t before, after;

    __asm__ volatile("mrs %[before], pmccntr_el0\n\t"
                     "svc #0\n\t"
                     "mrs %[after], pmccntr_el0"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7),
                       "+r"(x8), [before] "=&r"(before), [after] "=&r"(after)
                     :
                     : "memory");
    registers->x[0] = x0;
    registers->x[1] = x1;
    registers->x[2] = x2;
    registers->x[3] = x3;
    registers->x[4] = x4;
    registers->x[5] = x5;
    registers->x[6] = x6;
    registers->x[7] = x7;
    registers->x[8] = x8;
    stamp->before = before;
    stamp->after = after;
}

void series_add(struct series *series, unsigned round, kaal_word_t value)
{
    if (round >= MEASURE_WARM_UP && series->count < MEASURE_ROUNDS) {
        series->value[series->count++] = value;
    }
}

static void sort(kaal_word_t *value, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        for (unsigned j = i; j > 0 && value[j - 1] > value[j]; j--) {
            kaal_word_t larger = value[j - 1];

            value[j - 1] = value[j];
            value[j] = larger;
        }
    }
}

void series_print_values(struct series *series, enum count_mode mode)
{
    sort(series->value, series->count);
    kaal_print(" | %s | %lu %lu %lu\n", mode == COUNT_ALL ? "round" : "kernel", series->value[0],
               series->value[series->count / 2], series->value[series->count - 1]);
}

void series_print(struct series *series, const char *name, enum count_mode mode)
{
    kaal_print("bench: %s", name);
    series_print_values(series, mode);
}
