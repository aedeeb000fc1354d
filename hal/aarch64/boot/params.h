/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The boot parameters of this image.
 */
#ifndef HAL_AARCH64_PARAMS_H
#define HAL_AARCH64_PARAMS_H

#include "core/boot/params.h"

/* What tools/mkimage has written into the image; to be checked before use. */
const struct boot_params *image_boot_params(void);

#endif
