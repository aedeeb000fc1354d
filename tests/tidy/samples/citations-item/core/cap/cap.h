/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* The numbers of items are no sections, the one behind them is (docs/spec/abi.md 3 no. 7, 5.6). */

#endif
