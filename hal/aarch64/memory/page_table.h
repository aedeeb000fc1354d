/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the translation-table code (page_table.c) needs from below. page_table.c
 * itself is plain C and serves the host machine, too; its interface is in core/hal.h.
 */
#ifndef HAL_AARCH64_PAGE_TABLE_H
#define HAL_AARCH64_PAGE_TABLE_H

/* Makes table entries written so far visible to the table walker (tlb.c; host: nothing to wait for). */
void hal_table_barrier(void);

#endif
