/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/*
 * The second of two, on the next line: registers (docs/spec/abi.md 1.1,
 * 2.1).
 */

#endif
