/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORE_BASE_WORD_H 
#define CORE_BASE_WORD_H
#endif
