/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The check of the boot parameters.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <kaal/objects.h>

#include "core/boot/boot.h"

static struct boot_params good_params(void)
{
    struct boot_params params = {.magic = BOOT_PARAMS_MAGIC,
                                 .version = BOOT_PARAMS_VERSION,
                                 .root_offset = 0x40000,
                                 .root_file_bytes = 0x5000,
                                 .root_size = 0x8000,
                                 .root_vaddr = 0x400000,
                                 .root_entry = 0x400100,
#define DEFAULT(field, name, default_value, minimum, maximum, meaning) .field = (default_value),
                                 BOOT_PARAMETERS(DEFAULT)
#undef DEFAULT
    };

    return params;
}

static void assert_refused(const struct boot_params *params, const char *expected)
{
    const char *error = boot_params_check(params);

    assert_non_null(error);
    assert_non_null(strstr(error, expected));
    assert_null(strchr(error, '\n'));
}

static void the_defaults_are_accepted(void **state)
{
    struct boot_params params = good_params();

    (void)state;
    assert_null(boot_params_check(&params));
}

static void magic_and_version_are_checked(void **state)
{
    struct boot_params params = good_params();

    (void)state;
    assert_memory_equal(&params.magic, "Kaalrams", 8);
    params.magic ^= 1;
    assert_refused(&params, "missing");
    params = good_params();
    params.version++;
    assert_refused(&params, "version");
}

/* One test for all parameters: both limits are good, one beyond is refused by the parameter's name. */
static void each_parameter_is_held_to_its_range(void **state)
{
    struct boot_params params;

    (void)state;
#define CHECK_LIMITS(field, name, default_value, minimum, maximum, meaning)    \
    assert_true((minimum) <= (default_value) && (default_value) <= (maximum)); \
    params = good_params();                                                    \
    params.field = (minimum);                                                  \
    assert_null(boot_params_check(&params));                                   \
    params.field = (maximum);                                                  \
    assert_null(boot_params_check(&params));                                   \
    params.field = (word_t)(maximum) + 1;                                      \
    assert_refused(&params, name " must be from " #minimum " to " #maximum);   \
    params.field = (word_t)(minimum)-1;                                        \
    assert_refused(&params, name " must be from " #minimum " to " #maximum);
    BOOT_PARAMETERS(CHECK_LIMITS)
#undef CHECK_LIMITS
}

static void an_image_without_root_task_is_refused(void **state)
{
    struct boot_params params = good_params();

    (void)state;
    params.root_size = 0;
    params.root_file_bytes = 0;
    assert_refused(&params, "no root task");
}

static void everything_about_the_root_task_is_whole_pages(void **state)
{
    struct boot_params params;
    word_t *fields[] = {&params.root_offset, &params.root_file_bytes, &params.root_size, &params.root_vaddr};

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        params = good_params();
        *fields[i] += 8;
        assert_refused(&params, "page size");
    }
    params = good_params();
    params.root_file_bytes = params.root_size;
    assert_null(boot_params_check(&params));
    params.root_file_bytes = params.root_size + 0x1000;
    assert_refused(&params, "more bytes");
}

static void the_root_task_stays_below_the_end_of_user_space(void **state)
{
    const word_t top = (word_t)KAAL_USER_TOP + 1;
    struct boot_params params = good_params();

    (void)state;
    params.root_vaddr = top - 0x2000 - params.root_size;
    params.root_entry = params.root_vaddr;
    assert_null(boot_params_check(&params));
    params.root_vaddr += 0x1000;
    params.root_entry = params.root_vaddr;
    assert_refused(&params, "user space");

    params = good_params();
    params.root_vaddr = ~(word_t)0xfff;
    assert_refused(&params, "user space");

    params = good_params();
    params.root_size = ~(word_t)0xfff;
    assert_refused(&params, "user space");

    params = good_params();
    params.root_offset = ~(word_t)0xfff;
    assert_refused(&params, "offset");
}

static void the_entry_point_lies_in_the_image(void **state)
{
    struct boot_params params = good_params();

    (void)state;
    params.root_entry = params.root_vaddr + params.root_size - 4;
    assert_null(boot_params_check(&params));
    params.root_entry = params.root_vaddr + params.root_size;
    assert_refused(&params, "entry");
    params.root_entry = params.root_vaddr - 4;
    assert_refused(&params, "entry");
}

static void the_root_cnode_must_hold_the_image_pages(void **state)
{
    struct boot_params params = good_params();

    (void)state;
    params.root_cnode_bits = 8;
    params.root_size = (word_t)(256 - 16 - 5) << 12;
    assert_null(boot_params_check(&params));
    params.root_size += 0x1000;
    assert_refused(&params, "root-cnode-bits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_accepted),
        cmocka_unit_test(magic_and_version_are_checked),
        cmocka_unit_test(each_parameter_is_held_to_its_range),
        cmocka_unit_test(an_image_without_root_task_is_refused),
        cmocka_unit_test(everything_about_the_root_task_is_whole_pages),
        cmocka_unit_test(the_root_task_stays_below_the_end_of_user_space),
        cmocka_unit_test(the_entry_point_lies_in_the_image),
        cmocka_unit_test(the_root_cnode_must_hold_the_image_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
