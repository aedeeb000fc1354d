/* SPDX-License-Identifier: BSD-2-Clause */
enum { CAP_IS_ARM = __aarch64__ };
