/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capabilities (docs/spec/abi.md 1, 1.3; 62.5 MHz and QEMU 7.2 are no sections), as
 * docs/errors.md, `core/kernel.h`, cap.c and core/*.h say. CAP_* and cap_*() are
 * patterns, kernel.word is a member (docs/spec/abi.md
 * 1.1 to 1.3, 3 no. 7).
 */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* The word of the kernel: word_limit at least. Not more than cap_word() says; struct kernel. */
unsigned long cap_word(void);

#endif
