/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state of the hardware layer.
 */
#include "hal/aarch64/hardware.h"

struct hardware hardware;

bool hardware_is_ram(paddr_t start, word_t bytes)
{
    const struct region_list *ram = &hardware.machine.ram;

    for (unsigned i = 0; i < ram->count; i++) {
        const struct region *region = &ram->region[i];

        if (start.raw >= region->start && start.raw < region->end) {
            return bytes <= region->end - start.raw;
        }
    }
    return false;
}
