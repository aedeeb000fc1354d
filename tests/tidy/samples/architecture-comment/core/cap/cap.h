/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* As TTBR0_EL1 takes it. */
unsigned long cap_word(void);

#endif
