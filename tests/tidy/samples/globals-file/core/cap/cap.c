/* SPDX-License-Identifier: BSD-2-Clause */
int cap_limit = 7;
