#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Breaks the fastpath instruction by instruction (tests/fastpath/breaks.c) and
# judges which breaks the differential test has noticed: all must be, but those
# that tests/fastpath/equivalent.txt excuses.
#
#   tests/fastpath/breaks.sh ELF IMAGE SEED STATES
#
# A break may take the machine down with it, and is noticed then: the rest is made
# after a new start.

set -u

elf=$1 image=$2 seed=$3 states=$4
limit=600 starts_left=6
log=build/logs/fastpath-breaks.log
run=build/logs/fastpath-breaks.run
: >"$log"

first=0
until grep -q '^breaks: [0-9]* made' "$log"; do
    tests/fastpath/emulate.sh --counted "$limit" 1000 "$image" "seed=$seed" "states=$states" breaks=1 \
        "first=$first" >"$run" 2>&1
    grep -E '^(break|noticed|UNNOTICED|FAIL)' "$run" >>"$log"
    last=$(sed -n 's/^break \([0-9]*\): .*/\1/p' "$run" | tail -n 1)
    starts_left=$((starts_left - 1))
    if [ -z "$last" ] && ! grep -q '^breaks: ' "$run"; then
        echo "FAIL breaks: the driver does not come to break $first: $(tail -n 1 "$run") (console: $run)"
        exit 1
    fi
    if [ "$starts_left" -eq 0 ]; then
        echo "FAIL breaks: too many breaks stop the machine (console: $run)"
        exit 1
    fi
    if tail -n 1 "$log" | grep -q '^break '; then
        echo "noticed: the machine stopped" >>"$log"
    fi
    first=$((${last:-0} + 1))
done

"${CROSS:-aarch64-linux-gnu-}objdump" -d --no-show-raw-insn "$elf" |
    awk -f tests/fastpath/breaks.awk tests/fastpath/equivalent.txt - "$log"
