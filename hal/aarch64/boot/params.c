/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The block of boot parameters in the image. tools/mkimage finds it through its
 * symbol and fills it in.
 */
#include "hal/aarch64/boot/params.h"

#define DEFAULT(field, name, default_value, minimum, maximum, meaning) .field = (default_value),

extern const struct boot_params boot_params;

__attribute__((section(".params"), used)) const struct boot_params boot_params = {
    .magic = BOOT_PARAMS_MAGIC, .version = BOOT_PARAMS_VERSION, BOOT_PARAMETERS(DEFAULT)};

const struct boot_params *image_boot_params(void)
{
    const struct boot_params *params = &boot_params;

    /* The compiler must not believe the values that it sees here. */
    __asm__("" : "+r"(params));
    return params;
}
