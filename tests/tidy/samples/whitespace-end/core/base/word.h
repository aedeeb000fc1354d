/* SPDX-License-Identifier: BSD-2-Clause */
extern int word;