/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_SCHED_THREAD_H
#define CORE_SCHED_THREAD_H
#endif
