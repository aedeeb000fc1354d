/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the readers of a board's description share.
 */
#include "hal/board/machine_parts.h"

void machine_copy_text(char *to, size_t size, const char *from)
{
    size_t i = 0;

    while (i + 1 < size && from[i] != '\0') {
        to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
        i++;
    }
    to[i] = '\0';
}

const char *machine_error(struct machine *machine, const struct dt_walk *walk, const char *message)
{
    machine_copy_text(machine->error_node, sizeof(machine->error_node), dt_name(walk));
    return message;
}

bool machine_registers(const struct dt_walk *walk, uint32_t index, struct region *region)
{
    return dt_reg(walk, index, region) == DT_ADDRESS_GOOD && region->start < region->end &&
           region->end <= MACHINE_ADDRESS_END;
}
