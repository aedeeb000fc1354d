/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A plugin for QEMU's translator that watches the kernel's instructions. Built
 * as build/bench/trace.so and loaded with
 *
 *   -plugin build/bench/trace.so,rounds=FILE
 *       Writes what the kernel executed in the rounds of bench/root. A round
 *       lies between the instructions with which bench/root/measure.c counts.
 *       FILE gets a line `row` for each row, and after it for each number of
 *       instructions a round of the row had two lines about the first such
 *       round: the number, and the instructions as hexadecimal words; `at`, the
 *       number, and the addresses of the instructions.
 *
 *   -plugin build/bench/trace.so,stretch=FILE,vectors=ADDRESS,poll=ADDRESS,skip=ADDRESS
 *       Finds the longest stretch that the kernel executes with interrupts
 *       masked: from its entry, from a look at the pending interrupts (the
 *       function at ADDRESS is called) or from a wait for them, to the next of
 *       these or its exit. Entries that call the function skip are left out, and
 *       what does not begin at the exception vectors: the boot.
 *       FILE gets a line for each stretch that is longer than all before it:
 *       its instructions, and the addresses where it began and ended.
 *
 * What is used of the plugin interface is declared here, for versions 1 (as in
 * QEMU 7.2) to 4 (QEMU 10): qemu.org, "QEMU TCG Plugins". A QEMU takes plugins
 * of some versions only, and its version tells what its functions mean.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- QEMU's side ---- */

enum { CALLBACK_READS_NO_REGISTERS = 0, FIRST_VERSION_THAT_COPIES_DATA = 3 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info {
    const char *target;
    struct {
        int lowest;
        int current;
    } version;
};

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
/* From FIRST_VERSION_THAT_COPIES_DATA on: copies the instruction. Before: returns where it is, and takes no
 * other argument. */
uintptr_t qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction, void *copy, size_t bytes);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t plugin,
                                           void (*translated)(uint64_t plugin, struct qemu_plugin_tb *block));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            void (*executed)(unsigned cpu, void *data), int flags,
                                            void *data);

/* What QEMU looks for in the plugin. */
extern __attribute__((visibility("default"))) int qemu_plugin_version;
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t plugin, const struct qemu_info *info,
                                                               int count, char **arguments);

/* Only there from version 2 on. */
__attribute__((weak)) int qemu_plugin_num_vcpus(void);

/* QEMU looks at it after the constructors. */
int qemu_plugin_version = 1;

__attribute__((constructor)) static void choose_version(void)
{
    if (qemu_plugin_num_vcpus != NULL) {
        qemu_plugin_version = 2;
    }
}

static bool data_is_copied;

static uint32_t word_of(const struct qemu_plugin_insn *instruction)
{
    uint32_t word = 0;
    uintptr_t answer = qemu_plugin_insn_data(instruction, &word, sizeof(word));

    if (!data_is_copied) {
        memcpy(&word, (const void *)answer, sizeof(word));
    }
    return word;
}

/* ---- Instructions that mean something (Arm ARM C6.2); the masks leave the register out ---- */

enum {
    READ_OF_COUNTER = 0xd53b9d00,       /* mrs xN, pmccntr_el0 */
    READ_OF_EVENT_COUNTER = 0xd53be800, /* mrs xN, pmevcntr0_el0 */
    ANY_REGISTER = 0x1f,
    ROW_IS_COMPLETE = 0xd5032fff, /* hint #127 */
    WAIT_FOR_INTERRUPT = 0xd503207f,
};

static FILE *output;

static bool is_kernel(uint64_t vaddr)
{
    return vaddr >> 48 == 0xffff;
}

/* ---- Rounds ---- */

enum { MOST_INSTRUCTIONS = 1 << 14, MOST_LENGTHS = 64, TEXT_WORDS = 1 << 16 };

/* The kernel's code; an address tells its place by its low bits, which is right for 256 KiB. */
static uint32_t text[TEXT_WORDS];

static uint32_t *word_at(uint64_t vaddr)
{
    return &text[vaddr / sizeof(uint32_t) % TEXT_WORDS];
}

static struct {
    bool recording;
    bool event_counter_read; /* by the user instruction before; the order of the two reads tells begin from
                                end */
    bool row_written;        /* the next round belongs to another row */
    unsigned count;
    uint64_t instructions[MOST_INSTRUCTIONS]; /* their addresses */
    unsigned lengths;
    unsigned length[MOST_LENGTHS];
    uint64_t *kept[MOST_LENGTHS]; /* the first round of each length */
} rounds;

static void forget_row(void)
{
    for (unsigned i = 0; i < rounds.lengths; i++) {
        free(rounds.kept[i]);
    }
    rounds.lengths = 0;
    rounds.row_written = false;
}

static void keep_round(void)
{
    size_t bytes = rounds.count * sizeof(rounds.instructions[0]);

    rounds.recording = false;
    if (rounds.count == 0 || rounds.count > MOST_INSTRUCTIONS) {
        return;
    }
    if (rounds.row_written) {
        forget_row();
    }
    for (unsigned i = 0; i < rounds.lengths; i++) {
        if (rounds.length[i] == rounds.count) {
            return;
        }
    }
    if (rounds.lengths < MOST_LENGTHS) {
        rounds.kept[rounds.lengths] = malloc(bytes);
        memcpy(rounds.kept[rounds.lengths], rounds.instructions, bytes);
        rounds.length[rounds.lengths++] = rounds.count;
    }
}

static void write_row(void)
{
    fprintf(output, "row\n");
    for (unsigned i = 0; i < rounds.lengths; i++) {
        fprintf(output, "%u", rounds.length[i]);
        for (unsigned j = 0; j < rounds.length[i]; j++) {
            fprintf(output, " %08x", (unsigned)*word_at(rounds.kept[i][j]));
        }
        fprintf(output, "\nat %u", rounds.length[i]);
        for (unsigned j = 0; j < rounds.length[i]; j++) {
            fprintf(output, " %llx", (unsigned long long)rounds.kept[i][j]);
        }
        fprintf(output, "\n");
    }
    fflush(output);
    rounds.row_written = true;
}

static void kernel_instruction_of_round(unsigned cpu, void *vaddr)
{
    (void)cpu;
    rounds.event_counter_read = false;
    if (rounds.recording && rounds.count++ < MOST_INSTRUCTIONS) {
        rounds.instructions[rounds.count - 1] = (uintptr_t)vaddr;
    }
}

static void counter_is_read(unsigned cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    if (rounds.event_counter_read) {
        rounds.recording = true;
        rounds.count = 0;
    } else if (rounds.recording) {
        keep_round();
    }
    rounds.event_counter_read = false;
}

static void event_counter_is_read(unsigned cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    rounds.event_counter_read = true;
}

static void row_is_complete(unsigned cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    write_row();
}

static void watch_rounds(struct qemu_plugin_insn *instruction, uint32_t word, bool kernel)
{
    uint64_t vaddr = qemu_plugin_insn_vaddr(instruction);
    void (*executed)(unsigned, void *) = NULL;

    if (kernel) {
        *word_at(vaddr) = word;
        executed = kernel_instruction_of_round;
    } else if ((word & ~(uint32_t)ANY_REGISTER) == READ_OF_COUNTER) {
        executed = counter_is_read;
    } else if ((word & ~(uint32_t)ANY_REGISTER) == READ_OF_EVENT_COUNTER) {
        executed = event_counter_is_read;
    } else if (word == ROW_IS_COMPLETE) {
        executed = row_is_complete;
    }
    if (executed) {
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, CALLBACK_READS_NO_REGISTERS,
                                               (void *)(uintptr_t)vaddr);
    }
}

/* ---- Stretches with interrupts masked ---- */

enum { VECTORS_BYTES = 2048 };

static struct {
    uint64_t vectors, poll, skip; /* addresses */
    bool inside;
    uint64_t count;
    uint64_t first, last; /* addresses of instructions */
    uint64_t longest_of_entry, first_of_longest, last_of_longest;
    bool skipped;
    uint64_t longest;
} stretch;

static void end_stretch(void)
{
    if (stretch.count > stretch.longest_of_entry) {
        stretch.longest_of_entry = stretch.count;
        stretch.first_of_longest = stretch.first;
        stretch.last_of_longest = stretch.last;
    }
    stretch.count = 0;
}

static void end_entry(void)
{
    end_stretch();
    if (!stretch.skipped && stretch.longest_of_entry > stretch.longest) {
        stretch.longest = stretch.longest_of_entry;
        fprintf(output, "%llu 0x%llx 0x%llx\n", (unsigned long long)stretch.longest,
                (unsigned long long)stretch.first_of_longest, (unsigned long long)stretch.last_of_longest);
        fflush(output);
    }
    stretch.longest_of_entry = 0;
    stretch.inside = false;
}

static void kernel_instruction_of_stretch(unsigned cpu, void *vaddr)
{
    (void)cpu;
    stretch.last = (uintptr_t)vaddr;
    if (stretch.count++ == 0) {
        stretch.first = stretch.last;
    }
    if (!stretch.inside) {
        stretch.inside = true;
        stretch.skipped = stretch.first - stretch.vectors >= VECTORS_BYTES;
    }
}

static void kernel_polls(unsigned cpu, void *vaddr)
{
    end_stretch();
    kernel_instruction_of_stretch(cpu, vaddr);
}

static void kernel_skips(unsigned cpu, void *vaddr)
{
    kernel_instruction_of_stretch(cpu, vaddr);
    stretch.skipped = true;
}

/* Every block of user instructions begins here. */
static void user_runs(unsigned cpu, void *unused)
{
    (void)cpu;
    (void)unused;
    if (stretch.inside) {
        end_entry();
    }
}

static void watch_stretches(struct qemu_plugin_insn *instruction, uint32_t word, bool kernel, bool first)
{
    uint64_t vaddr = qemu_plugin_insn_vaddr(instruction);
    void (*executed)(unsigned, void *) = NULL;

    if (!kernel) {
        executed = first ? user_runs : NULL;
    } else if (vaddr == stretch.poll || word == WAIT_FOR_INTERRUPT) {
        executed = kernel_polls;
    } else {
        executed = vaddr == stretch.skip ? kernel_skips : kernel_instruction_of_stretch;
    }
    if (executed) {
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, CALLBACK_READS_NO_REGISTERS,
                                               (void *)(uintptr_t)vaddr);
    }
}

/* ---- Start ---- */

static void translated(uint64_t plugin, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);

    (void)plugin;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        bool kernel = is_kernel(qemu_plugin_insn_vaddr(instruction));
        uint32_t word = word_of(instruction);

        if (stretch.poll) {
            watch_stretches(instruction, word, kernel, i == 0);
        } else {
            watch_rounds(instruction, word, kernel);
        }
    }
}

/* The value of an argument KEY=VALUE, or NULL. */
static const char *value_of(int count, char **arguments, const char *key)
{
    size_t length = strlen(key);

    for (int i = 0; i < count; i++) {
        if (strncmp(arguments[i], key, length) == 0 && arguments[i][length] == '=') {
            return arguments[i] + length + 1;
        }
    }
    return NULL;
}

/* The address that an argument KEY=ADDRESS gives, or 0. */
static uint64_t address_of(int count, char **arguments, const char *key)
{
    const char *value = value_of(count, arguments, key);

    return value ? strtoull(value, NULL, 0) : 0;
}

int qemu_plugin_install(uint64_t plugin, const struct qemu_info *info, int count, char **arguments)
{
    const char *path = value_of(count, arguments, "rounds");

    data_is_copied = info->version.current >= FIRST_VERSION_THAT_COPIES_DATA;
    if (!path) {
        path = value_of(count, arguments, "stretch");
        stretch.vectors = address_of(count, arguments, "vectors");
        stretch.poll = address_of(count, arguments, "poll");
        stretch.skip = address_of(count, arguments, "skip");
        path = stretch.vectors && stretch.poll && stretch.skip ? path : NULL;
    }
    if (!path || !(output = fopen(path, "w"))) {
        fprintf(stderr,
                "trace: rounds=FILE or stretch=FILE,vectors=ADDRESS,poll=ADDRESS,skip=ADDRESS is missing, or "
                "FILE cannot be written\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(plugin, translated);
    return 0;
}
