/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The instructions under test: the fastpath, and before it the vector and what
 * follows it up to the C path. They are numbered, the fastpath's from 0 on.
 */
#ifndef TESTS_FASTPATH_TEXT_H
#define TESTS_FASTPATH_TEXT_H

#include "core/base/word.h"

enum {
    MAX_INSTRUCTIONS = 1024,
    INSTRUCTION_BYTES = 4,
    INSTRUCTION_NONE = MAX_INSTRUCTIONS,
    NOP = 0xd503201f,
    ERET = 0xd69f03e0,
};

/* Where system calls begin: the vector "synchronous, from a lower level, AArch64". */
word_t text_vector(void);

/* How many instructions there are, and how many of them belong to the fastpath. */
unsigned text_count(void);
unsigned text_fastpath_count(void);

/* Number of the instruction at an address; INSTRUCTION_NONE: it is not under test. */
unsigned text_number(word_t address);

word_t text_address(unsigned number);
uint32_t text_instruction(unsigned number);

/* Prints "fastpath + 0x10 (0xffffffff80001000, 0xd503201f)". */
void text_print(unsigned number);

/* b.cond, cbz, cbnz, tbz or tbnz. */
bool text_is_branch(uint32_t instruction);

/* Reads the flags as a condition: ccmp, csel, ... */
bool text_is_conditional(uint32_t instruction);

/* An instruction that does nothing, or a barrier behind an eret, which is never reached. */
bool text_is_idle(unsigned number);

#endif
