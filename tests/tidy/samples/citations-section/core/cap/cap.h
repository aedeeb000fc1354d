/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* A section that is not there (docs/spec/abi.md 1.2). */

#endif
