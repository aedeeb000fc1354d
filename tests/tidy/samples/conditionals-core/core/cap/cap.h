/* SPDX-License-Identifier: BSD-2-Clause */
#if defined(SMP)
extern int cap;
#endif
