# SPDX-License-Identifier: BSD-2-Clause

EVENTS = 1
