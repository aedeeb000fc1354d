/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Runs a user program (user_main) as the root task of a kernel on the simulated
 * machine. Exit status: 0 when the machine halted without failure, 1 when it
 * failed, hung or idled forever, 2 when the command line is wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "hal/host/machine.h"
#include "hal/host/threads.h"
#include "user/sys/sys.h"

static const uint64_t default_limit = 100000000;

struct options {
    struct machine_config config;
    uint64_t limit;
};

static void usage(void)
{
    puts("options:\n"
         "  --ram=SIZE     RAM, bytes, with K, M or G (64M)\n"
         "  --seed=N       0: programs run in no time; else each step takes a pseudo-random time (0)\n"
         "  --limit=N      steps after which the machine counts as hanging (100000000)\n"
         "  --unchecked    do not check the invariants of the kernel state after each kernel entry\n"
         "  --quiet        no console output\n"
         "boot parameters (default, range):");
#define PARAMETER_USAGE(field, name, default_value, minimum, maximum, meaning) \
    printf("  --%s=N  %s (%d, %d to %d)\n", name, meaning, default_value, minimum, maximum);
    BOOT_PARAMETERS(PARAMETER_USAGE)
#undef PARAMETER_USAGE
}

/* A decimal number, with a unit K, M or G; on and off are 1 and 0. */
static bool parse_number(const char *text, word_t *value)
{
    static const char units[] = "KMG";
    if (strcmp(text, "on") == 0 || strcmp(text, "off") == 0) {
        *value = text[1] == 'n';
        return true;
    }
    char *end = NULL;
    if (*text < '0' || *text > '9') {
        return false;
    }
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end == '\0' ? NULL : strchr(units, *end);
    unsigned shift = unit == NULL ? 0 : 10 * (unsigned)(unit - units + 1);
    *value = (word_t)number << shift;
    return *value >> shift == number && (*end == '\0' || (unit != NULL && end[1] == '\0'));
}

/* The text after "--name=", or NULL when the argument is another one. */
static const char *value_of(const char *argument, const char *name)
{
    size_t length = strlen(name);
    bool match = strncmp(argument, "--", 2) == 0 && strncmp(argument + 2, name, length) == 0 &&
                 argument[2 + length] == '=';
    return match ? argument + length + 3 : NULL;
}

static bool parse_argument(struct options *options, const char *argument)
{
    struct {
        const char *name;
        word_t *value;
    } numbers[] = {{"ram", &options->config.ram_bytes},
                   {"seed", &options->config.seed},
                   {"limit", &options->limit},
#define PARAMETER_ROW(field, name, default_value, minimum, maximum, meaning) \
    {name, &options->config.params.field},
                   BOOT_PARAMETERS(PARAMETER_ROW)
#undef PARAMETER_ROW
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const char *text = value_of(argument, numbers[i].name);
        if (text != NULL) {
            return parse_number(text, numbers[i].value);
        }
    }
    if (strcmp(argument, "--unchecked") == 0) {
        options->config.after_entry = NULL;
        return true;
    }
    if (strcmp(argument, "--quiet") == 0) {
        options->config.echo = false;
        return true;
    }
    return false;
}

static void root_task(word_t bootinfo)
{
    int status = user_main(machine_user_pointer(bootinfo));
    machine_user_registers()[REG_X0] = (word_t)(status != 0);
    machine_user_instruction(USER_EXIT);
}

/* Judges the end of a run and says what was wrong with it. */
static int verdict(enum machine_stop stop, uint64_t limit)
{
    const struct machine_state *state = &host_machine.state;
    fflush(stdout);
    if (stop == STOP_IDLE) {
        fputs("machine: all threads wait and nothing will wake them\n", stderr);
        machine_threads_dump();
        return 1;
    }
    if (stop == STOP_LIMIT) {
        fprintf(stderr, "machine: hanging: not finished after %llu steps\n", (unsigned long long)limit);
        machine_threads_dump();
        return 1;
    }
    if (state->counters.tlb_stale_hits > 0) {
        fprintf(stderr, "machine: %llu accesses used translations that the kernel should have invalidated\n",
                (unsigned long long)state->counters.tlb_stale_hits);
        return 1;
    }
    return state->failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    struct options options = {.config = machine_default_config(), .limit = default_limit};
    options.config.echo = true;
    options.config.after_entry = check_kernel;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            usage();
            return 0;
        }
        if (!parse_argument(&options, argv[i])) {
            fprintf(stderr, "%s: wrong option or value: %s (--help lists them)\n", argv[0], argv[i]);
            return 2;
        }
    }
    const char *error = machine_create(&options.config);
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", argv[0], error);
        return 2;
    }
    error = machine_boot();
    if (error == NULL && !machine_register_entry(options.config.params.root_entry, root_task)) {
        error = "no room for the entry of the root task";
    }
    if (error != NULL) {
        fprintf(stderr, "%s: %s\n", argv[0], error);
        return 1;
    }
    int status = verdict(machine_run(options.limit), options.limit);
    machine_destroy();
    return status;
}
