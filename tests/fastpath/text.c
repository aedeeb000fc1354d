/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The instructions under test (text.h). Encodings: Arm ARM C6.2.
 */
#include "tests/fastpath/text.h"

#include "core/log.h"
#include "hal/aarch64/traps/traps.h"
#include "tests/fastpath/run.h"

enum {
    VECTOR_OFFSET = 0x400, /* from the start of the table */
    VECTOR_BYTES = 0x80,
    TABLE_BYTES = 0x800,
    DSB_NSH = 0xd503379f,
    ISB = 0xd5033fdf,
    PARTS = 3,
};

struct part {
    const char *name;
    word_t start;
    word_t end;
};

static struct part part_of(unsigned part)
{
    word_t table = (word_t)exception_vectors;

    switch (part) {
    case 0: return (struct part){"fastpath", (word_t)run_labels[0], (word_t)run_labels[1]};
    case 1: return (struct part){"vector", text_vector(), text_vector() + VECTOR_BYTES};
    default: return (struct part){"dispatch", table + TABLE_BYTES, (word_t)run_labels[2]};
    }
}

static unsigned part_count(unsigned part)
{
    return (unsigned)(part_of(part).end - part_of(part).start) / INSTRUCTION_BYTES;
}

word_t text_vector(void)
{
    return (word_t)exception_vectors + VECTOR_OFFSET;
}

unsigned text_count(void)
{
    unsigned count = 0;

    for (unsigned part = 0; part < PARTS; part++) {
        count += part_count(part);
    }
    return count;
}

unsigned text_fastpath_count(void)
{
    return part_count(0);
}

unsigned text_number(word_t address)
{
    unsigned number = 0;

    for (unsigned part = 0; part < PARTS; part++) {
        struct part in = part_of(part);

        if (address >= in.start && address < in.end) {
            return number + (unsigned)(address - in.start) / INSTRUCTION_BYTES;
        }
        number += part_count(part);
    }
    return INSTRUCTION_NONE;
}

/* The part with an instruction, and where in it. */
static unsigned find_part(unsigned number, word_t *offset)
{
    unsigned part = 0;

    while (number >= part_count(part)) {
        number -= part_count(part);
        part++;
    }
    *offset = (word_t)number * INSTRUCTION_BYTES;
    return part;
}

word_t text_address(unsigned number)
{
    word_t offset;
    unsigned part = find_part(number, &offset);

    return part_of(part).start + offset;
}

uint32_t text_instruction(unsigned number)
{
    return *(const uint32_t *)text_address(number);
}

void text_print(unsigned number)
{
    word_t offset;
    unsigned part = find_part(number, &offset);

    console_printf("%s + 0x%lx (0x%lx, 0x%x)", part_of(part).name, offset, text_address(number),
                   text_instruction(number));
}

bool text_is_branch(uint32_t instruction)
{
    return (instruction & 0xff000010) == 0x54000000 || /* b.cond */
           (instruction & 0x7c000000) == 0x34000000;   /* cbz, cbnz, tbz, tbnz */
}

bool text_is_conditional(uint32_t instruction)
{
    return (instruction & 0x1fe00000) == 0x1a400000 || (instruction & 0x1fe00000) == 0x1a800000;
}

bool text_is_idle(unsigned number)
{
    uint32_t instruction = text_instruction(number);

    if (instruction == NOP) {
        return true;
    }
    if (instruction != DSB_NSH && instruction != ISB) {
        return false;
    }
    while (number > 0 && (instruction == DSB_NSH || instruction == ISB)) {
        instruction = text_instruction(--number);
    }
    return instruction == ERET;
}
