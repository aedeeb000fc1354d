/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Console output: formats against the host's own printf, levels, and the lines that
 * explain failed operations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/log.h"
#include "tests/unit/fixture_caps.h"

/* The same text as printf would print. */
#define EXPECT_LIKE_PRINTF(...)                              \
    do {                                                     \
        char expected[256];                                  \
        snprintf(expected, sizeof(expected), __VA_ARGS__);   \
        machine_console_clear();                             \
        console_printf(__VA_ARGS__);                         \
        assert_string_equal(host_machine.console, expected); \
    } while (0)

static void numbers_are_printed_as_printf_does(void **state)
{
    static const int values[] = {0, 1, -1, 9, 10, 255, 65536, INT32_MAX, INT32_MIN};
    static const word_t words[] = {0, 1, 9, 10, 0xffff, 0x123456789abcdef, WORD_MAX};

    (void)state;
    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        EXPECT_LIKE_PRINTF("%d|%u|%x", values[i], (unsigned)values[i], (unsigned)values[i]);
        EXPECT_LIKE_PRINTF("%04u|%08x|%012u", (unsigned)values[i], (unsigned)values[i], (unsigned)values[i]);
    }
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        EXPECT_LIKE_PRINTF("%lu|%lx|%016lx|%020lu", (unsigned long)words[i], (unsigned long)words[i],
                           (unsigned long)words[i], (unsigned long)words[i]);
    }
}

static void text_and_percent(void **state)
{
    (void)state;
    EXPECT_LIKE_PRINTF("%s and x%%, nothing: '%s'", "text", "");
    machine_console_clear();
    console_puts("as it is: %d %s\n");
    assert_string_equal(host_machine.console, "as it is: %d %s\n");
}

/* A format that ends in the middle of a conversion prints what comes before; an unknown letter is printed. */
static void unfinished_and_unknown_conversions(void **state)
{
    /* Compilers refuse such formats when they see them. */
    void (*const volatile print)(const char *format, ...) = console_printf;

    (void)state;
    machine_console_clear();
    print("abc%08l");
    assert_string_equal(host_machine.console, "abc");
    machine_console_clear();
    print("%yz");
    assert_string_equal(host_machine.console, "yz");
}

static void levels_decide_what_is_printed(void **state)
{
    (void)state;
    for (unsigned level = LOG_OFF; level <= LOG_ERROR; level++) {
        kernel.log_level = level;
        for (unsigned line = LOG_FATAL; line <= LOG_ERROR; line++) {
            machine_console_clear();
            log_at(line, "line %u\n", line);
            assert_int_equal(host_machine.console[0] != '\0', line <= level);
        }
    }
}

static void arguments_of_silent_lines_are_not_evaluated(void **state)
{
    unsigned evaluated = 0;

    (void)state;
    kernel.log_level = LOG_FATAL;
    log_at(LOG_ERROR, "%u\n", ++evaluated);
    assert_int_equal(evaluated, 0);
}

/* ---- Why an operation failed ---- */

static const char *explanation(struct fixture_answer answer)
{
    assert_int_not_equal(answer.error, KAAL_NO_ERROR);
    return host_machine.console;
}

static int explaining(void **state)
{
    caps_setup(state);
    kernel.log_level = LOG_ERROR;
    machine_console_clear();
    return 0;
}

static void failure_names_thread_operation_error_and_reason(void **state)
{
    (void)state;
    assert_string_equal(
        explanation(caps_copy(KAAL_BOOT_TCB, KAAL_BOOT_TCB, ALL)),
        "kaal: thread 'rootserver': cnode_copy: DELETE_FIRST: the destination slot is occupied\n");
}

static void failed_lookup_is_told_in_words_with_its_bits(void **state)
{
    const char *text;
    kaal_cptr_t cnode = fixture_object(KAAL_OBJECT_CNODE, 4);

    (void)state;
    machine_console_clear();
    text = explanation(fixture_invoke(cnode, kaal_label_cnode_delete, FIXTURE_LIST(0, 6), FIXTURE_NONE));
    assert_non_null(strstr(text, "FAILED_LOOKUP"));
    assert_non_null(strstr(text, "the bits do not end at a slot (2 bits left"));
    machine_console_clear();
    text = explanation(
        fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(bit(63), 64), FIXTURE_NONE));
    assert_non_null(strstr(text, "the guard does not match (64 bits left"));
    machine_console_clear();
    text = explanation(caps_copy(fixture_new_slot(), fixture_new_slot(), ALL));
    assert_non_null(strstr(text, "no such capability"));
    machine_console_clear();
    text = explanation(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_copy,
                                      FIXTURE_LIST(fixture_new_slot(), 64, 0, 64, ALL),
                                      FIXTURE_LIST(KAAL_BOOT_TCB)));
    assert_non_null(strstr(text, "the root is not a CNode"));
}

static void unknown_methods_are_called_unknown(void **state)
{
    static const kaal_word_t labels[] = {0, KAAL_LABEL_COUNT, 1000, ((kaal_word_t)1 << 52) - 1};

    (void)state;
    for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        machine_console_clear();
        assert_non_null(strstr(explanation(fixture_invoke(KAAL_BOOT_TCB, (enum kaal_label)labels[i],
                                                          FIXTURE_NONE, FIXTURE_NONE)),
                               "unknown method"));
    }
}

static void silence_is_a_boot_parameter(void **state)
{
    (void)state;
    kernel.log_level = LOG_NOTICE;
    assert_string_equal(explanation(caps_copy(KAAL_BOOT_TCB, KAAL_BOOT_TCB, ALL)), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, explaining, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_are_printed_as_printf_does),
        TEST(text_and_percent),
        TEST(unfinished_and_unknown_conversions),
        TEST(levels_decide_what_is_printed),
        TEST(arguments_of_silent_lines_are_not_evaluated),
        TEST(failure_names_thread_operation_error_and_reason),
        TEST(failed_lookup_is_told_in_words_with_its_bits),
        TEST(unknown_methods_are_called_unknown),
        TEST(silence_is_a_boot_parameter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
