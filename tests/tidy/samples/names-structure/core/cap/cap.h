/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* A struct cap_slot. */

#endif
