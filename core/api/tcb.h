/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The two halves of the TCB decoder.
 */
#ifndef CORE_API_TCB_H
#define CORE_API_TCB_H

#include "core/api/invocation.h"

enum outcome tcb_read_registers(struct invocation *invocation, struct tcb *tcb);
enum outcome tcb_write_registers(struct invocation *invocation, struct tcb *tcb);
enum outcome tcb_copy_registers(struct invocation *invocation, struct tcb *tcb);

#endif
