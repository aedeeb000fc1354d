/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of machine_from_device_tree(): what its files share.
 */
#ifndef HAL_BOARD_MACHINE_PARTS_H
#define HAL_BOARD_MACHINE_PARTS_H

#include "hal/board/fdt.h"
#include "hal/board/machine.h"

/* Copies what is printable of a string into an array that it need not fit. */
void machine_copy_text(char *to, size_t size, const char *from);

/* Notes the node that an error is about; answers the message. */
const char *machine_error(struct machine *machine, const struct dt_walk *walk, const char *message);

/* Entry `index` of the node's registers; false when there is none, or it is empty or not usable by the CPU.
 */
bool machine_registers(const struct dt_walk *walk, uint32_t index, struct region *region);

/* Fills in machine->console or machine->console_missing. */
void machine_find_console(struct machine *machine, const struct device_tree *tree);

/* Each fills in its part of *machine. NULL on success, else what is missing or damaged. */
const char *machine_find_interrupts(struct machine *machine, const struct device_tree *tree);
const char *machine_find_memory(struct machine *machine, const struct device_tree *tree);

#endif
