/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The kernel's console: output only, polled. The firmware has set the line up;
 * user space may drive the same device at the same time.
 */
#ifndef HAL_AARCH64_CONSOLE_H
#define HAL_AARCH64_CONSOLE_H

#include "core/base/word.h"

/* A kind of UART: the registers that output takes, all relative to the device's base. */
struct uart {
    const char *name;
    struct {
        uint16_t offset;
        uint16_t clear;
        uint16_t set;
    } enable[2]; /* bits that switch the transmitter on; nothing to set: not written */
    uint16_t status;
    uint16_t status_mask;
    uint16_t status_ready; /* what the masked status is when a character can be written */
    uint16_t data;
};

/* Takes the UART of the machine description into use; its registers are mapped. */
void console_initialize(void);

#endif
