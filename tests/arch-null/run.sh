#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Holds the seam between the core and an architecture: builds all of core for one
# that does not exist (this folder: other register numbers, three levels of tables,
# the hardware contract as stubs), with gcc and with clang, and links it. What the
# core says of AArch64 anywhere else than in arch_*.h does not compile here.
#
#   tests/arch-null/run.sh     one line a compiler and build, then "N passed, N failed"

set -u
cd "$(dirname "$0")/../.." || exit 2

folder=build/arch-null
mkdir -p "$folder"
flags='-std=c11 -O1 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -ffreestanding -fno-builtin -fno-pic -fno-stack-protector -nostdlib -static
    -Itests/arch-null -I. -Iinclude'
passed=0
failed=0

for compiler in gcc clang; do
    for debug in 1 0; do
        name="core for an architecture that does not exist ($compiler, KAAL_DEBUG=$debug)"
        log=$folder/$compiler-$debug.log
        # shellcheck disable=SC2086 # flags is a list of words
        if $compiler $flags -DKAAL_DEBUG=$debug -Wl,-e,core_boot -o "$folder/core-$compiler-$debug" \
            core/*.c core/*/*.c tests/arch-null/hal.c >"$log" 2>&1; then
            passed=$((passed + 1))
            echo "ok $name"
        else
            failed=$((failed + 1))
            echo "FAIL $name: $(grep -m 1 -E 'error|undefined' "$log") (all: $log)"
        fi
    done
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
