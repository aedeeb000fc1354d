/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the console of a debug kernel says when a thread stops and nobody is told.
 */
#ifndef CORE_IPC_REPORT_H
#define CORE_IPC_REPORT_H

#include "core/kernel.h"

/*
 * One line: which thread stops, what it was doing (its pending fault, a Call, a receive) and why nobody can
 * be told. To be called while state and fault are still those of what it was doing.
 */
void report_stopped(const struct tcb *tcb, const char *why);

/* The registers of a thread, several lines. */
void report_registers(const struct tcb *tcb);

#endif
