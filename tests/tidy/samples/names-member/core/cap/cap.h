/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_CAP_CAP_H
#define CORE_CAP_CAP_H

/* In cap.badge. */
struct cap {
    int word;
};
int cap_badge(const struct cap *cap);

#endif
