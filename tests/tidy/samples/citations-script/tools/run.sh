#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Registers as docs/spec/abi.md 4 has them.
