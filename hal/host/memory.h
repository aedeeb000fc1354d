/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RAM of the simulated machine, for its snapshots.
 */
#ifndef HAL_HOST_MEMORY_H
#define HAL_HOST_MEMORY_H

#include <stdbool.h>

/* An anonymous file of the size of RAM, all zeros; -1. */
int memory_new_file(void);

/* RAM becomes a private mapping of this file: it has the file's contents, and writes do not reach the file.
 */
bool memory_map_file(int file);

#endif
