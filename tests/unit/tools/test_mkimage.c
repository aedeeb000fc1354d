/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The image builder, run as a program (KAAL_MKIMAGE names it): what is in the
 * image, and one clear line for everything that it refuses.
 */
#define _GNU_SOURCE /* mkdtemp(), popen() */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <kaal/objects.h>

#include "core/boot/params.h"
#include "tests/kit/made_elf.h"

#define KERNEL_BASE 0xffffffff80000000ull

enum {
    KERNEL_TEXT_BYTES = 0x1800,
    KERNEL_DATA_OFFSET = 0x3000,
    KERNEL_DATA_BYTES = 0x234,
    KERNEL_DATA_MEMORY = 0x2001, /* the kernel ends in the page at 0x5000 */
    KERNEL_PAGES_END = 0x6000,
    PARAMS_OFFSET = 0x1100,
    IMAGE_SIZE_OFFSET = 0x10,
};

/* The first segment of a kernel: image header, boot parameters with nonsense in them. */
static uint8_t kernel_text[KERNEL_TEXT_BYTES];

static const struct made_program good_kernel = {
    .segment = {{PT_LOAD, KERNEL_BASE, KERNEL_TEXT_BYTES, KERNEL_TEXT_BYTES, kernel_text},
                {PT_LOAD, KERNEL_BASE + KERNEL_DATA_OFFSET, KERNEL_DATA_BYTES, KERNEL_DATA_MEMORY, NULL}},
    .entry = KERNEL_BASE,
    .symbol = "boot_params",
    .symbol_value = KERNEL_BASE + PARAMS_OFFSET,
    .symbol_size = sizeof(struct boot_params),
};

/* Begins and ends inside pages; zeros far above the bytes of the file. */
static const struct made_program good_root = {
    .segment = {{PT_LOAD, 0x400100, 0x800, 0x800, NULL},
                {PT_LOAD, 0x402ff0, 0x20, 0x2000, NULL},
                {PT_LOAD, 0x40a000, 0, 0x1001, NULL}},
    .entry = 0x400104,
};

static void make_kernel_text(void)
{
    struct boot_params params = {
        .magic = BOOT_PARAMS_MAGIC, .version = BOOT_PARAMS_VERSION, .root_size = 0x7777};

    for (size_t i = 0; i < sizeof(kernel_text); i++) {
        kernel_text[i] = made_byte(9, i);
    }
    memcpy(kernel_text + 0x38, "ARM\x64", 4);
    memcpy(kernel_text + PARAMS_OFFSET, &params, sizeof(params));
}

/* ---- A folder for each test ---- */

struct folder {
    char path[64];
    char output[8192]; /* what the last run printed, both streams */
};

static int enter_folder(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));

    make_kernel_text();
    strcpy(folder->path, "/tmp/mkimage-test-XXXXXX");
    if (mkdtemp(folder->path) == NULL) {
        return -1;
    }
    *state = folder;
    return 0;
}

static int leave_folder(void **state)
{
    struct folder *folder = *state;
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder->path);
    int status = system(command);

    free(folder);
    return status;
}

static void write_bytes(const struct folder *folder, const char *name, const void *bytes, size_t size)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static uint8_t *read_bytes(const struct folder *folder, const char *name, size_t *size)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);

    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void write_program(const struct folder *folder, const char *name, const struct made_program *program)
{
    struct made_elf made = make_elf(program);

    write_bytes(folder, name, made.bytes, made.size);
    free(made.bytes);
}

/* Runs mkimage in the folder with these arguments; answers its exit status. */
static int run(struct folder *folder, const char *arguments)
{
    const char *program = getenv("KAAL_MKIMAGE");
    char path[4096];
    char command[8192];

    assert_non_null(realpath(program != NULL ? program : "build/tools/mkimage", path));
    snprintf(command, sizeof(command), "cd '%s' && '%s' %s 2>&1", folder->path, path, arguments);
    FILE *pipe = popen(command, "r");

    assert_non_null(pipe);
    size_t length = fread(folder->output, 1, sizeof(folder->output) - 1, pipe);

    folder->output[length] = '\0';
    int status = pclose(pipe);

    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static unsigned files_in(const struct folder *folder)
{
    DIR *directory = opendir(folder->path);
    unsigned count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count - 2;
}

#define ALL_FILES "--kernel kernel.elf --root root.elf --output image"

static void assert_built(struct folder *folder, const char *arguments)
{
    if (run(folder, arguments) != 0) {
        fail_msg("%s: %s", arguments, folder->output);
    }
    assert_string_equal(folder->output, "");
}

/* Exactly this line, status 1, and no file but the inputs (with what was there before). */
static void assert_refused(struct folder *folder, const char *arguments, const char *line)
{
    unsigned files = files_in(folder);
    int status = run(folder, arguments);
    char expected[512];

    snprintf(expected, sizeof(expected), "mkimage: %s\n", line);
    assert_string_equal(folder->output, expected);
    assert_int_equal(status, 1);
    assert_int_equal(files_in(folder), files);
}

/* ---- What is in an image ---- */

static struct boot_params params_of(const uint8_t *image)
{
    struct boot_params params;

    memcpy(&params, image + PARAMS_OFFSET, sizeof(params));
    return params;
}

static void assert_kernel_part(const uint8_t *image)
{
    for (size_t i = 0; i < KERNEL_PAGES_END; i++) {
        uint8_t expected = 0;

        if ((i >= IMAGE_SIZE_OFFSET && i < IMAGE_SIZE_OFFSET + 8) ||
            (i >= PARAMS_OFFSET && i < PARAMS_OFFSET + sizeof(struct boot_params))) {
            continue;
        }
        if (i < KERNEL_TEXT_BYTES) {
            expected = kernel_text[i];
        } else if (i >= KERNEL_DATA_OFFSET && i < KERNEL_DATA_OFFSET + KERNEL_DATA_BYTES) {
            expected = made_byte(1, i - KERNEL_DATA_OFFSET);
        }
        assert_int_equal(image[i], expected);
    }
}

static void assert_root_part(const uint8_t *root, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        uint64_t address = 0x400000 + i;
        uint8_t expected = 0;

        if (address >= 0x400100 && address < 0x400900) {
            expected = made_byte(0, address - 0x400100);
        } else if (address >= 0x402ff0 && address < 0x403010) {
            expected = made_byte(1, address - 0x402ff0);
        }
        assert_int_equal(root[i], expected);
    }
}

static void the_image_holds_kernel_parameters_and_root_task(void **state)
{
    struct folder *folder = *state;
    uint64_t image_size;
    size_t size;

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    assert_built(folder, ALL_FILES);
    uint8_t *image = read_bytes(folder, "image", &size);
    struct boot_params params = params_of(image);

    assert_int_equal(size, KERNEL_PAGES_END + 0x4000);
    assert_kernel_part(image);
    assert_root_part(image + KERNEL_PAGES_END, 0x4000);
    memcpy(&image_size, image + IMAGE_SIZE_OFFSET, sizeof(image_size));
    assert_true(image_size == KERNEL_PAGES_END + 0xc000);
    assert_true(params.magic == BOOT_PARAMS_MAGIC && params.version == BOOT_PARAMS_VERSION);
    assert_true(params.root_offset == KERNEL_PAGES_END);
    assert_true(params.root_file_bytes == 0x4000);
    assert_true(params.root_size == 0xc000);
    assert_true(params.root_vaddr == 0x400000);
    assert_true(params.root_entry == 0x400104);
#define CHECK_DEFAULT(field, name, default_value, minimum, maximum, meaning) \
    assert_true(params.field == (default_value));
    BOOT_PARAMETERS(CHECK_DEFAULT)
#undef CHECK_DEFAULT
    free(image);
}

static void nothing_but_the_image_is_left_behind(void **state)
{
    struct folder *folder = *state;
    struct stat status;
    char path[128];

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    assert_built(folder, ALL_FILES);
    assert_built(folder, ALL_FILES);
    assert_int_equal(files_in(folder), 3);
    snprintf(path, sizeof(path), "%s/image", folder->path);
    assert_int_equal(stat(path, &status), 0);
    mode_t mask = umask(0);

    umask(mask);
    assert_int_equal(status.st_mode & 0777, 0666 & ~mask);
}

static void a_root_task_may_be_zeros_above_its_first_page(void **state)
{
    struct folder *folder = *state;
    static const struct made_program mostly_zeros = {.segment = {{PT_LOAD, 0x10000, 4, 0x100000, NULL}},
                                                     .entry = 0x10000};
    struct boot_params params;
    size_t size;

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &mostly_zeros);
    assert_built(folder, ALL_FILES);
    uint8_t *image = read_bytes(folder, "image", &size);

    params = params_of(image);
    assert_int_equal(size, KERNEL_PAGES_END + 0x1000);
    assert_true(params.root_file_bytes == 0x1000 && params.root_size == 0x100000);
    free(image);
}

/* ---- Parameters ---- */

static struct boot_params built_with(struct folder *folder, const char *settings)
{
    char arguments[512];
    size_t size;

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    snprintf(arguments, sizeof(arguments), ALL_FILES " %s", settings);
    assert_built(folder, arguments);
    uint8_t *image = read_bytes(folder, "image", &size);
    struct boot_params params = params_of(image);

    free(image);
    return params;
}

static void parameters_are_set_by_name(void **state)
{
    struct folder *folder = *state;
    struct boot_params params;

    params = built_with(folder, "--params 'root-cnode-bits=15 user-counters=on'");
    assert_true(params.root_cnode_bits == 15 && params.user_counters == 1 && params.user_timer == 0);
    params = built_with(folder, "--params ' domains=0x2,\tlog-level=0  ' --params 'user-timer=1 domains=3'");
    assert_true(params.domains == 3 && params.log_level == 0 && params.user_timer == 1);
    params = built_with(folder, "--params 'halt-on-fault=on' --params 'halt-on-fault=off' --params ''");
    assert_true(params.halt_on_fault == 0 && params.domains == 4);
}

static void both_ends_of_each_range_are_accepted(void **state)
{
    struct folder *folder = *state;
    char settings[128];

#define TRY(field, name, value)                                                                    \
    snprintf(settings, sizeof(settings), "--params '%s=%llu'", name, (unsigned long long)(value)); \
    assert_true(built_with(folder, settings).field == (value));
#define TRY_BOTH(field, name, default_value, minimum, maximum, meaning) \
    TRY(field, name, minimum) TRY(field, name, maximum)
    BOOT_PARAMETERS(TRY_BOTH)
#undef TRY_BOTH
#undef TRY
}

static void wrong_parameters_are_refused(void **state)
{
    struct folder *folder = *state;
    static const char *const cases[][2] = {
        {"root-cnode-bits=17", "parameter root-cnode-bits: '17' is not a number from 8 to 16"},
        {"root-cnode-bits=7", "parameter root-cnode-bits: '7' is not a number from 8 to 16"},
        {"root-cnode-bits=", "parameter root-cnode-bits: '' is not a number from 8 to 16"},
        {"root-cnode-bits=-9", "parameter root-cnode-bits: '-9' is not a number from 8 to 16"},
        {"root-cnode-bits=9x", "parameter root-cnode-bits: '9x' is not a number from 8 to 16"},
        {"root-cnode-bits=18446744073709551625",
         "parameter root-cnode-bits: '18446744073709551625' is not a number from 8 to 16"},
        {"root-cnode-bits=on", "parameter root-cnode-bits: 'on' is not a number from 8 to 16"},
        {"user-pmu=yes", "parameter user-pmu: 'yes' is neither on nor off"},
        {"user-pmu=2", "parameter user-pmu: '2' is neither on nor off"},
        {"colour=red", "unknown parameter 'colour' (mkimage --list-params shows all)"},
        {"domains", "parameter 'domains': must be name=value"},
    };

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char arguments[256];

        snprintf(arguments, sizeof(arguments), ALL_FILES " --params '%s'", cases[i][0]);
        assert_refused(folder, arguments, cases[i][1]);
    }
}

static void all_parameters_are_listed(void **state)
{
    struct folder *folder = *state;

    assert_int_equal(run(folder, "--list-params"), 0);
#define CHECK_LISTED(field, name, default_value, minimum, maximum, meaning) \
    assert_non_null(strstr(folder->output, "\n" name " "));                 \
    assert_non_null(strstr(folder->output, meaning));
    BOOT_PARAMETERS(CHECK_LISTED)
#undef CHECK_LISTED
}

/* ---- Root tasks that are refused ---- */

static void files_that_are_no_programs_are_refused_by_name(void **state)
{
    struct folder *folder = *state;
    struct made_elf foreign = make_elf(&good_root);

    foreign.header->e_machine = EM_X86_64;
    write_bytes(folder, "foreign", foreign.bytes, foreign.size);
    free(foreign.bytes);
    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    write_bytes(folder, "empty", "", 0);
    write_bytes(folder, "text", "#!/bin/sh\n", 10);
    assert_refused(folder, "--kernel kernel.elf --root empty --output image", "empty: not an ELF file");
    assert_refused(folder, "--kernel kernel.elf --root text --output image", "text: not an ELF file");
    assert_refused(folder, "--kernel text --root root.elf --output image", "text: not an ELF file");
    assert_refused(folder, "--kernel kernel.elf --root foreign --output image", "foreign: not for AArch64");
    assert_refused(folder, "--kernel kernel.elf --root missing --output image",
                   "missing: cannot be read: No such file or directory");
    assert_refused(folder, "--kernel kernel.elf --root . --output image",
                   ".: cannot be read: Is a directory");
}

static void refused_root(struct folder *folder, struct made_program program, const char *options,
                         const char *line)
{
    char arguments[256];

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &program);
    snprintf(arguments, sizeof(arguments), ALL_FILES " %s", options);
    assert_refused(folder, arguments, line);
}

static void root_tasks_that_reach_beyond_user_space_are_refused(void **state)
{
    struct folder *folder = *state;
    const uint64_t top = (uint64_t)KAAL_USER_TOP + 1;
    struct made_program program = {.segment = {{PT_LOAD, KERNEL_BASE, 16, 16, NULL}}, .entry = KERNEL_BASE};

    write_bytes(folder, "image", "", 0);
    refused_root(
        folder, program, "",
        "root.elf: overlaps the kernel: a segment at 0xffffffff80000000 reaches beyond the end of user "
        "space, 0x7fffffffffff");
    program.segment[0] = (struct made_segment){PT_LOAD, 0x400000, 16, top - 0x400000 + 1, NULL};
    program.entry = 0x400000;
    refused_root(folder, program, "",
                 "root.elf: overlaps the kernel: a segment at 0x400000 reaches beyond the end of user space, "
                 "0x7fffffffffff");
    program.segment[0] = (struct made_segment){PT_LOAD, top - 0x3000, 16, 0x1001, NULL};
    program.entry = top - 0x3000;
    refused_root(folder, program, "",
                 "root.elf: leaves no room for IPC buffer and boot information below the end of user space");
    program.segment[0].memory_bytes = 0x1000;
    write_program(folder, "root.elf", &program);
    assert_built(folder, ALL_FILES);
}

static void what_does_not_fit_in_ram_is_refused(void **state)
{
    struct folder *folder = *state;
    struct made_program program = good_root;

    write_bytes(folder, "image", "", 0);
    program.segment[2].memory_bytes = 1024u << 20;
    refused_root(
        folder, program, "",
        "root.elf: needs 1057088 KiB of memory with all that belongs to it; that does not fit in 1048576 KiB "
        "of RAM (--ram)");
    write_program(folder, "root.elf", &program);
    assert_refused(folder, ALL_FILES " --ram 2G",
                   "root.elf: root-cnode-bits: too few slots for the root task's pages");
    program.segment[2].vaddr = 0x600000000000;
    refused_root(
        folder, program, "--ram 64G",
        "root.elf: needs 103080268056 KiB of memory with all that belongs to it; that does not fit in "
        "67108864 KiB of RAM (--ram)");
    refused_root(
        folder, good_root, "--ram 8M",
        "kernel.elf: needs 8212 KiB of memory with all that belongs to it; that does not fit in 8192 KiB of "
        "RAM (--ram)");
    write_program(folder, "root.elf", &good_root);
    assert_built(folder, ALL_FILES " --ram 9M");
    assert_built(folder, ALL_FILES " --ram 16");
}

static void the_root_cnode_must_have_room_for_the_pages(void **state)
{
    struct folder *folder = *state;
    struct made_program program = good_root;

    write_bytes(folder, "image", "", 0);
    program.segment[2].memory_bytes = 256u << 12;
    refused_root(folder, program, "--params root-cnode-bits=8",
                 "root.elf: root-cnode-bits: too few slots for the root task's pages");
    write_program(folder, "root.elf", &program);
    assert_built(folder, ALL_FILES " --params root-cnode-bits=9");
}

/* ---- Kernels that are refused ---- */

static void refused_kernel(struct folder *folder, struct made_program program, const char *line)
{
    write_program(folder, "kernel.elf", &program);
    write_program(folder, "root.elf", &good_root);
    assert_refused(folder, ALL_FILES, line);
}

static void what_is_no_kernel_is_refused(void **state)
{
    struct folder *folder = *state;
    struct made_program program = good_kernel;

    write_bytes(folder, "image", "", 0);
    refused_kernel(folder, good_root, "kernel.elf: does not begin at a page boundary");
    program.segment[0].file_bytes = 0x30;
    program.segment[0].memory_bytes = 0x30;
    refused_kernel(folder, program,
                   "kernel.elf: not a kernel: it does not begin with a Linux arm64 image header");
    program = good_kernel;
    program.symbol = NULL;
    refused_kernel(folder, program,
                   "kernel.elf: not a kernel with boot parameters (symbol boot_params): no symbol table");
    program.symbol = "boot_param";
    refused_kernel(folder, program,
                   "kernel.elf: not a kernel with boot parameters (symbol boot_params): no such symbol");
}

static void other_boot_parameters_are_refused(void **state)
{
    struct folder *folder = *state;
    static const char other[] =
        "kernel.elf: its boot parameters (symbol boot_params) are not those that this "
        "mkimage knows";
    static const char version[] =
        "kernel.elf: its boot parameters are of another version than those of this mkimage";
    static const uint64_t addresses[] = {KERNEL_BASE - 8, 0, UINT64_MAX,
                                         KERNEL_BASE + KERNEL_PAGES_END - sizeof(struct boot_params) + 8};
    struct made_program program = good_kernel;

    write_bytes(folder, "image", "", 0);
    program.symbol_size += 8;
    refused_kernel(folder, program, other);
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        program = good_kernel;
        program.symbol_value = addresses[i];
        refused_kernel(folder, program, other);
    }
    kernel_text[PARAMS_OFFSET]++;
    refused_kernel(folder, good_kernel, version);
    kernel_text[PARAMS_OFFSET]--;
    kernel_text[PARAMS_OFFSET + 8]++;
    refused_kernel(folder, good_kernel, version);
}

/* ---- Output ---- */

static void a_refused_run_leaves_the_old_image_alone(void **state)
{
    struct folder *folder = *state;
    size_t size;

    write_program(folder, "kernel.elf", &good_kernel);
    write_bytes(folder, "root.elf", "nothing", 7);
    write_bytes(folder, "image", "old", 3);
    assert_refused(folder, ALL_FILES, "root.elf: not an ELF file");
    uint8_t *image = read_bytes(folder, "image", &size);

    assert_int_equal(size, 3);
    assert_memory_equal(image, "old", 3);
    free(image);
}

static void outputs_that_cannot_be_written_are_refused(void **state)
{
    struct folder *folder = *state;

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    assert_refused(folder, "--kernel kernel.elf --root root.elf --output no/where",
                   "no/where: cannot be written: No such file or directory");
    assert_refused(folder, "--kernel kernel.elf --root root.elf --output .",
                   ".: cannot be written: not a regular file");
    assert_refused(folder, "--kernel kernel.elf --root root.elf --output /dev/null",
                   "/dev/null: cannot be written: not a regular file");
    assert_refused(folder, "--kernel kernel.elf --root root.elf --output ./root.elf",
                   "./root.elf: is an input, it cannot be the output, too");
    assert_refused(folder, "--kernel kernel.elf --root root.elf --output kernel.elf",
                   "kernel.elf: is an input, it cannot be the output, too");
}

/* ---- Command line ---- */

static void wrong_usage_is_status_two(void **state)
{
    struct folder *folder = *state;
    static const char *const cases[] = {
        "",
        "--kernel kernel.elf --root root.elf",
        "--kernel kernel.elf --output image",
        "--root root.elf --output image",
        ALL_FILES " more",
        "--kernel",
        "--colour",
        ALL_FILES " --ram x",
        ALL_FILES " --ram 1T",
        ALL_FILES " --ram 1Gi",
        ALL_FILES " --ram -1",
        ALL_FILES " --ram 99999999999999999",
    };

    write_program(folder, "kernel.elf", &good_kernel);
    write_program(folder, "root.elf", &good_root);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(run(folder, cases[i]), 2);
        assert_non_null(strstr(folder->output, "mkimage"));
        assert_ptr_equal(strchr(folder->output, '\n'), folder->output + strlen(folder->output) - 1);
    }
    assert_int_equal(files_in(folder), 2);
}

static void help_is_given(void **state)
{
    struct folder *folder = *state;

    assert_int_equal(run(folder, "--help"), 0);
    assert_memory_equal(folder->output, "usage: ", 7);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(the_image_holds_kernel_parameters_and_root_task),
        in_folder(nothing_but_the_image_is_left_behind),
        in_folder(a_root_task_may_be_zeros_above_its_first_page),
        in_folder(parameters_are_set_by_name),
        in_folder(both_ends_of_each_range_are_accepted),
        in_folder(wrong_parameters_are_refused),
        in_folder(all_parameters_are_listed),
        in_folder(files_that_are_no_programs_are_refused_by_name),
        in_folder(root_tasks_that_reach_beyond_user_space_are_refused),
        in_folder(what_does_not_fit_in_ram_is_refused),
        in_folder(the_root_cnode_must_have_room_for_the_pages),
        in_folder(what_is_no_kernel_is_refused),
        in_folder(other_boot_parameters_are_refused),
        in_folder(a_refused_run_leaves_the_old_image_alone),
        in_folder(outputs_that_cannot_be_written_are_refused),
        in_folder(wrong_usage_is_status_two),
        in_folder(help_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
