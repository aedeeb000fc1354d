/* SPDX-License-Identifier: BSD-2-Clause
 *
 * watch: runs a command (an emulator, a test program) with a time limit, shows
 * its output as it comes, keeps it in a log, and judges the line that says how
 * it went. Nothing that it starts survives it.
 *
 * The limit is in seconds of an idle machine. On a busy one a command comes to
 * less, so what counts is its processor time and that of all that it has
 * started; where it does not want to run, because it waits, the clock counts.
 * In any case it is stopped after CLOCK_FACTOR times the limit.
 *
 *   watch [--limit SECONDS] [--log FILE] [--quiet] [--name NAME]
 *         [--end REGEX --pass REGEX] [--fail REGEX] [--optional] -- COMMAND [ARGUMENT...]
 *
 * A line that matches --end is the result: good when it matches --pass, too. A
 * line that matches --fail is a failure at once. After either, the command has
 * GRACE_SECONDS to end by itself, as a machine does that powers itself off.
 *
 * Exit status: 0 good; 1 bad result, or the command itself failed; 2 usage, or
 * the command cannot be started; 3 the command ended without a result line (not
 * with --optional); 124 time limit; 128 + N on signal N.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

enum { PERIOD_MS = 1000, CLOCK_FACTOR = 20 };
enum { GRACE_SECONDS = 5, LINE_BYTES = 4096, STATUS_USAGE = 2, STATUS_NO_RESULT = 3, STATUS_LIMIT = 124 };

struct pattern {
    regex_t regex;
    bool set;
};

enum verdict { VERDICT_NONE, VERDICT_GOOD, VERDICT_BAD };

struct watch {
    const char *name;
    long limit_seconds;
    FILE *log;
    bool quiet;
    bool optional;
    struct pattern end;
    struct pattern pass;
    struct pattern fail;
    char **command;

    pid_t child;
    int child_handle; /* becomes readable when the child has ended */
    bool killed;      /* by us, so its status says nothing */
    int output;       /* read end of the pipe from the command's stdout and stderr */
    long long start_ms;
    long long sample_ms; /* when the command was looked at last, and how it had worked by then */
    struct work work;
    long long spent_ms; /* of the limit */
    long long grace_ms; /* when the time after the verdict ends */
    enum verdict verdict;
    bool limit_reached;
    char line[LINE_BYTES];
    size_t line_length;
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void usage_error(const char *what, const char *detail)
{
    fprintf(stderr, "watch: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
    exit(STATUS_USAGE);
}

static void compile_pattern(struct pattern *pattern, const char *text)
{
    if (regcomp(&pattern->regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
        usage_error("not a regular expression", text);
    }
    pattern->set = true;
}

static long parse_seconds(const char *text)
{
    char *rest;
    long value = strtol(text, &rest, 10);

    if (*text == '\0' || *rest != '\0' || value < 1 || value > 24 * 3600) {
        usage_error("--limit takes 1 to 86400 seconds", text);
    }
    return value;
}

static void set_option(struct watch *watch, const char *option, const char *value)
{
    if (strcmp(option, "--limit") == 0) {
        watch->limit_seconds = parse_seconds(value);
    } else if (strcmp(option, "--name") == 0) {
        watch->name = value;
    } else if (strcmp(option, "--end") == 0) {
        compile_pattern(&watch->end, value);
    } else if (strcmp(option, "--pass") == 0) {
        compile_pattern(&watch->pass, value);
    } else if (strcmp(option, "--fail") == 0) {
        compile_pattern(&watch->fail, value);
    } else if (strcmp(option, "--log") == 0) {
        watch->log = fopen(value, "w");
        if (watch->log == NULL) {
            usage_error("cannot write the log", value);
        }
    } else {
        usage_error("unknown option", option);
    }
}

static void parse_arguments(struct watch *watch, int argc, char **argv)
{
    int i = 1;

    while (i < argc && strcmp(argv[i], "--") != 0) {
        if (strcmp(argv[i], "--quiet") == 0) {
            watch->quiet = true;
            i += 1;
        } else if (strcmp(argv[i], "--optional") == 0) {
            watch->optional = true;
            i += 1;
        } else if (i + 1 < argc) {
            set_option(watch, argv[i], argv[i + 1]);
            i += 2;
        } else {
            usage_error("option without a value, or unknown", argv[i]);
        }
    }
    if (i + 1 >= argc) {
        usage_error("no command after --", NULL);
    }
    if (watch->end.set != watch->pass.set) {
        usage_error("--end and --pass go together", NULL);
    }
    watch->command = &argv[i + 1];
    if (watch->name == NULL) {
        watch->name = watch->command[0];
    }
}

/* Starts the command with its output in a pipe and its input empty. It dies with us. */
static void start(struct watch *watch)
{
    int pipe_ends[2];

    if (pipe2(pipe_ends, O_CLOEXEC) != 0) {
        usage_error("cannot make a pipe", strerror(errno));
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    watch->child = fork();
    if (watch->child < 0) {
        usage_error("cannot start a process", strerror(errno));
    }
    if (watch->child == 0) {
        int empty = open("/dev/null", O_RDONLY);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(empty, STDIN_FILENO);
        dup2(pipe_ends[1], STDOUT_FILENO);
        dup2(pipe_ends[1], STDERR_FILENO);
        execvp(watch->command[0], watch->command);
        fprintf(stderr, "watch: cannot start %s: %s\n", watch->command[0], strerror(errno));
        _exit(127);
    }
    watch->child_handle = (int)syscall(SYS_pidfd_open, watch->child, 0);
    if (watch->child_handle < 0) {
        kill(watch->child, SIGKILL);
        usage_error("cannot watch a process", strerror(errno));
    }
    close(pipe_ends[1]);
    watch->output = pipe_ends[0];
    watch->start_ms = watch->sample_ms = now_ms();
}

/* How much of the time since the last look counts: all of it when the command ran for less than a fiftieth
 * and did not want to. */
static long long part_that_counts(struct watch *watch, long long passed_ms)
{
    struct work now;

    if (!work_of_descendants(&now)) {
        return passed_ms;
    }
    long long worked_ms = now.milliseconds - watch->work.milliseconds;
    bool idle = worked_ms * 50 < passed_ms && !now.wanted && !watch->work.wanted;

    watch->work = now;
    if (idle || worked_ms > passed_ms) {
        return passed_ms;
    }
    return worked_ms > 0 ? worked_ms : 0;
}

/* Counts the time since the last look; true when none is left. */
static bool is_time_over(struct watch *watch)
{
    long long now = now_ms(), passed = now - watch->sample_ms;

    if (watch->verdict != VERDICT_NONE && now >= watch->grace_ms) {
        return true;
    }
    if (passed >= PERIOD_MS) {
        watch->spent_ms += part_that_counts(watch, passed);
        watch->sample_ms = now;
    }
    if (watch->spent_ms < watch->limit_seconds * 1000 &&
        now - watch->start_ms < watch->limit_seconds * 1000 * CLOCK_FACTOR) {
        return false;
    }
    watch->limit_reached = watch->verdict == VERDICT_NONE;
    return true;
}

static bool matches(const struct pattern *pattern, const char *line)
{
    return pattern->set && regexec(&pattern->regex, line, 0, NULL, 0) == 0;
}

/* Judges a complete line. The first verdict stays, except that a failure overrules it. */
static void judge_line(struct watch *watch)
{
    enum verdict verdict = VERDICT_NONE;

    watch->line[watch->line_length] = '\0';
    watch->line_length = 0;
    if (matches(&watch->fail, watch->line)) {
        verdict = VERDICT_BAD;
    } else if (matches(&watch->end, watch->line)) {
        verdict = matches(&watch->pass, watch->line) ? VERDICT_GOOD : VERDICT_BAD;
    }
    if (verdict == VERDICT_NONE) {
        return;
    }
    if (watch->verdict == VERDICT_NONE) {
        watch->grace_ms = now_ms() + GRACE_SECONDS * 1000;
    }
    if (watch->verdict != VERDICT_BAD) {
        watch->verdict = verdict;
    }
}

static void take_output(struct watch *watch, const char *bytes, size_t count)
{
    if (!watch->quiet) {
        fwrite(bytes, 1, count, stdout);
        fflush(stdout);
    }
    if (watch->log != NULL) {
        fwrite(bytes, 1, count, watch->log);
        fflush(watch->log);
    }
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n' || watch->line_length == LINE_BYTES - 1) {
            judge_line(watch);
        }
        if (bytes[i] != '\n' && bytes[i] != '\r') {
            watch->line[watch->line_length] = bytes[i] == '\0' ? '?' : bytes[i];
            watch->line_length += 1;
        }
    }
}

/* Reads until the command closes its output, its time is over, or a signal comes. */
static void follow(struct watch *watch)
{
    char bytes[4096];

    while (stop_signal == 0 && !is_time_over(watch)) {
        struct pollfd poll_output = {.fd = watch->output, .events = POLLIN};

        if (poll(&poll_output, 1, PERIOD_MS) <= 0) {
            continue;
        }
        ssize_t count = read(watch->output, bytes, sizeof(bytes));
        if (count > 0) {
            take_output(watch, bytes, (size_t)count);
        } else if (count == 0) {
            judge_line(watch);
            return;
        }
    }
}

/* Waits for the child at most so long; true when it has ended. */
static bool wait_for(struct watch *watch, int milliseconds, int *status)
{
    struct pollfd poll_child = {.fd = watch->child_handle, .events = POLLIN};

    poll(&poll_child, 1, milliseconds);
    return waitpid(watch->child, status, WNOHANG) == watch->child;
}

/* Ends the command, politely first so that an emulator restores the terminal. Returns its wait status. */
static int finish(struct watch *watch)
{
    int status = 0;
    bool ended = wait_for(watch, 0, &status);

    while (!ended && stop_signal == 0 && !is_time_over(watch)) {
        ended = wait_for(watch, PERIOD_MS, &status);
    }
    if (ended) {
        return status;
    }
    watch->killed = true;
    kill(watch->child, SIGTERM);
    if (!wait_for(watch, 2000, &status)) {
        kill(watch->child, SIGKILL);
        waitpid(watch->child, &status, 0);
    }
    return status;
}

/* Processor time of the command, which has ended. */
static long processor_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static int report(const struct watch *watch, int status)
{
    if (stop_signal != 0) {
        return 128 + stop_signal;
    }
    if (watch->verdict == VERDICT_BAD) {
        return 1;
    }
    if (watch->verdict == VERDICT_GOOD && watch->killed) {
        return 0; /* a machine that does not power itself off */
    }
    if (watch->limit_reached) {
        fprintf(stderr, "watch: %s: stopped at the time limit of %ld s, after %ld ms of processor time\n",
                watch->name, watch->limit_seconds, processor_ms());
        return STATUS_LIMIT;
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "watch: %s: ended by signal %d\n", watch->name, WTERMSIG(status));
        return 1;
    }
    if (WEXITSTATUS(status) != 0) {
        fprintf(stderr, "watch: %s: ended with status %d\n", watch->name, WEXITSTATUS(status));
        return WEXITSTATUS(status) == 127 ? STATUS_USAGE : 1;
    }
    if (watch->end.set && watch->verdict == VERDICT_NONE && !watch->optional) {
        fprintf(stderr, "watch: %s: ended without a result line\n", watch->name);
        return STATUS_NO_RESULT;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static struct watch watch = {.limit_seconds = 60};
    struct sigaction action = {.sa_handler = on_signal};

    parse_arguments(&watch, argc, argv);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    start(&watch);
    follow(&watch);
    int status = finish(&watch);
    kill_descendants();
    if (watch.log != NULL) {
        fclose(watch.log);
    }
    return report(&watch, status);
}
