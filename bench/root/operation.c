/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/root/operation.h"

bool operation_execute(const struct operation *operation, struct stamp *stamp)
{
    struct sys_registers registers = {
        .x = {operation->service, kaal_info(operation->label, 0, operation->cap_count, operation->word_count),
              operation->words[0], operation->words[1], operation->words[2], operation->words[3], 0,
              (kaal_word_t)(int64_t)KAAL_SYS_CALL, 0}};
    kaal_word_t error;

    for (unsigned i = KAAL_MSG_REGISTERS; i < operation->word_count; i++) {
        kaal_set_word(i, i < OPERATION_WORDS ? operation->words[i] : 0);
    }
    for (unsigned i = 0; i < operation->cap_count; i++) {
        kaal_set_cap(i, operation->caps[i]);
    }
    measure_call(&registers, stamp);
    error = kaal_info_label(registers.x[1]);
    if (error) {
        kaal_print("bench: %s: the kernel answers %s\n", operation->name, kaal_error_name(error));
    }
    return !error;
}

bool operation_measure(const struct operation *operation)
{
    struct series series = {.round.count = 0};

    for (unsigned i = 0; i < MEASURE_ROUNDS; i++) {
        struct stamp stamp;

        if (operation->before) {
            operation->before();
        }
        if (!operation_execute(operation, &stamp)) {
            return false;
        }
        if (operation->after) {
            operation->after();
        }
        series_add(&series, i, stamp.before, stamp.after);
    }
    series_print(&series, operation->name);
    return true;
}

bool operations_measure(const struct operation *operations, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!operation_measure(&operations[i])) {
            return false;
        }
    }
    return true;
}
