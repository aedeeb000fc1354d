/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the kernel image lies.
 */
#include "hal/aarch64/hardware.h"
#include "hal/aarch64/layout.h"

paddr_t image_paddr(const void *pointer)
{
    return paddr_add(hardware.image, (word_t)pointer - (word_t)image_start);
}
