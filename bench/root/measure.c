/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/root/measure.h"

/* PMCR_EL0.E, .P and .C; PMCNTENSET_EL0.C and .P0; PMEVTYPER0_EL0.U and its event (Arm ARM D13.4, D8.11). */
enum { PMCR_ENABLE_AND_RESET = 7, EVENT_INSTRUCTION_RETIRED = 8 };
#define PMCNTENSET_BOTH    ((kaal_word_t)1 << 31 | 1)
#define PMEVTYPER_KERNEL   ((kaal_word_t)1 << 30 | EVENT_INSTRUCTION_RETIRED)
#define EVENT_COUNTER_MASK ((kaal_word_t)0xffffffff)

/* bench/trace.c knows these instructions: what the kernel executes between two reads of PMCCNTR_EL0 is a
 * round. */
#define COUNT_BEFORE    "mrs %[kernel_before], pmevcntr0_el0\n\tmrs %[all_before], pmccntr_el0\n\t"
#define COUNT_AFTER     "mrs %[all_after], pmccntr_el0\n\tmrs %[kernel_after], pmevcntr0_el0"
#define ROW_IS_COMPLETE "hint #127"

#define COUNTS_OF(stamp)                                                                    \
    [all_before] "=&r"((stamp)->before.all), [kernel_before] "=&r"((stamp)->before.kernel), \
        [all_after] "=&r"((stamp)->after.all), [kernel_after] "=&r"((stamp)->after.kernel)

/* Of reading the counter of all instructions. */
static kaal_word_t reading_cost;

void measure_start(void)
{
    struct stamp stamp;

    __asm__ volatile("msr pmccfiltr_el0, xzr");
    __asm__ volatile("msr pmevtyper0_el0, %0" ::"r"(PMEVTYPER_KERNEL));
    __asm__ volatile("msr pmcntenset_el0, %0" ::"r"(PMCNTENSET_BOTH));
    __asm__ volatile("msr pmcr_el0, %0\n\tisb" ::"r"((kaal_word_t)PMCR_ENABLE_AND_RESET));
    __asm__ volatile(COUNT_BEFORE COUNT_AFTER : COUNTS_OF(&stamp)::"memory");
    reading_cost = stamp.after.all - stamp.before.all;
}

struct count measure_now(void)
{
    struct count now;

    __asm__ volatile("mrs %0, pmevcntr0_el0\n\tmrs %1, pmccntr_el0"
                     : "=r"(now.kernel), "=r"(now.all)::"memory");
    return now;
}

/* The nine registers of a system call go in and come out between the two counts, with `instructions` between.
 */
#define MEASURE_SYSTEM_CALL(instructions, registers, stamp)                                                \
    do {                                                                                                   \
        register kaal_word_t x0 __asm__("x0") = (registers)->x[0];                                         \
        register kaal_word_t x1 __asm__("x1") = (registers)->x[1];                                         \
        register kaal_word_t x2 __asm__("x2") = (registers)->x[2];                                         \
        register kaal_word_t x3 __asm__("x3") = (registers)->x[3];                                         \
        register kaal_word_t x4 __asm__("x4") = (registers)->x[4];                                         \
        register kaal_word_t x5 __asm__("x5") = (registers)->x[5];                                         \
        register kaal_word_t x6 __asm__("x6") = (registers)->x[6];                                         \
        register kaal_word_t x7 __asm__("x7") = (registers)->x[7];                                         \
        register kaal_word_t x8 __asm__("x8") = (registers)->x[8];                                         \
        struct stamp counts;                                                                               \
                                                                                                           \
        __asm__ volatile(COUNT_BEFORE instructions COUNT_AFTER                                             \
                         : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7), \
                           "+r"(x8), COUNTS_OF(&counts)                                                    \
                         :                                                                                 \
                         : "memory");                                                                      \
        *(registers) = (struct sys_registers){.x = {x0, x1, x2, x3, x4, x5, x6, x7, x8}};                  \
        *(stamp) = counts;                                                                                 \
    } while (0)

#define FPU_INSTRUCTION ".arch_extension fp\n\tfmov d0, xzr\n\t.arch_extension nofp\n\t"

void measure_call(struct sys_registers *registers, struct stamp *stamp)
{
    MEASURE_SYSTEM_CALL("svc #0\n\t", registers, stamp);
}

void measure_call_and_fpu(struct sys_registers *registers, struct stamp *stamp)
{
    MEASURE_SYSTEM_CALL("svc #0\n\t" FPU_INSTRUCTION, registers, stamp);
}

void measure_load(kaal_word_t vaddr, struct stamp *stamp)
{
    struct stamp counts;

    __asm__ volatile(COUNT_BEFORE "ldr xzr, [%[vaddr]]\n\t" COUNT_AFTER
                     : COUNTS_OF(&counts)
                     : [vaddr] "r"(vaddr)
                     : "memory");
    *stamp = counts;
}

void measure_undefined_instruction(struct stamp *stamp)
{
    struct stamp counts;

    __asm__ volatile(COUNT_BEFORE ".inst 0\n\t" COUNT_AFTER : COUNTS_OF(&counts)::"memory");
    *stamp = counts;
}

void measure_fpu(struct stamp *stamp)
{
    struct stamp counts;

    __asm__ volatile(COUNT_BEFORE FPU_INSTRUCTION COUNT_AFTER : COUNTS_OF(&counts)::"memory");
    *stamp = counts;
}

_Noreturn void measure_spin(volatile struct count *latest)
{
    __asm__ volatile("1: mrs x1, pmevcntr0_el0\n\t"
                     "mrs x0, pmccntr_el0\n\t"
                     "stp x0, x1, [%0]\n\t"
                     "b 1b" ::"r"(latest)
                     : "x0", "x1", "memory");
    __builtin_unreachable();
}

static void values_add(struct values *values, kaal_word_t value)
{
    if (values->count < MEASURE_KEPT) {
        values->value[values->count++] = value;
    }
}

void series_add_share(struct series *series, unsigned round, struct count before, struct count after,
                      kaal_word_t parts)
{
    if (round >= MEASURE_WARM_UP) {
        values_add(&series->round, (after.all - before.all - reading_cost) / parts);
        values_add(&series->kernel, ((after.kernel - before.kernel) & EVENT_COUNTER_MASK) / parts);
    }
}

void series_add(struct series *series, unsigned round, struct count before, struct count after)
{
    series_add_share(series, round, before, after, 1);
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

static void print_values(struct values *values, const char *what)
{
    sort(values->value, values->count);
    kaal_print(" | %s | %lu %lu %lu\n", what, values->value[0], values->value[values->count / 2],
               values->value[values->count - 1]);
}

static void print_name(const char *name, const char *variant, kaal_word_t size)
{
    kaal_print("bench: %s%s", name, variant);
    if (size) {
        kaal_print(" @ %lu", size);
    }
}

static void print_row(struct series *series, const char *name, const char *variant, kaal_word_t size)
{
    __asm__ volatile(ROW_IS_COMPLETE);
    print_name(name, variant, size);
    print_values(&series->round, "round");
    print_name(name, variant, size);
    print_values(&series->kernel, "kernel");
}

void series_print(struct series *series, const char *name)
{
    print_row(series, name, "", 0);
}

void series_print_variant(struct series *series, const char *name, const char *variant)
{
    print_row(series, name, variant, 0);
}

void series_print_growth(struct series *series, const char *name, kaal_word_t size)
{
    print_row(series, name, "", size);
}

void section(const char *title)
{
    kaal_print("bench: = %s\n", title);
}
