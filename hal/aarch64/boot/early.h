/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first translation tables, built while the MMU is off (called by start.S).
 */
#ifndef HAL_AARCH64_EARLY_H
#define HAL_AARCH64_EARLY_H

#include "core/base/word.h"

/*
 * Fills early_tables: the image at its link address with the permissions of its
 * sections, the device tree at BOOT_TREE_OFFSET behind it, and the first page of
 * the image where it lies, for the switch. All memory involved is zero before.
 * Returns the size of the device tree in bytes; 0 when there is none at `tree`.
 */
word_t early_map(word_t tree, word_t link_address);

#endif
