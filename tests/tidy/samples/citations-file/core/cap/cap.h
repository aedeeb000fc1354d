/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* A file that is not there (docs/spec/ipc.md 1). */

#endif
