#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The differential test of the fastpath: assembly and C over STATES generated
# states from SEED, in two machines at a time; that generated states keep the
# kernel's invariants; and that a broken fastpath is noticed.
#
#   tests/fastpath/run.sh STATES SEED
#
# How to see one state again: docs/debugging.md.

set -u

states=${1:-1000000} seed=${2:-1}
case $states$seed in
*[!0-9]*) echo "FAIL fastpath: STATES and SEED are numbers"; exit 2 ;;
esac
[ "$states" -ge 2 ] || { echo "FAIL fastpath: STATES is at least 2"; exit 2; }
invariant_states=2000 break_states=16000 enough=40000
half=$((states / 2))
check=1
[ "$states" -ge "$enough" ] || check=0
table='^        [A-Za-z()]* *\( [0-9]* *[0-9]* *[0-9]* *[0-9]*\|call  .*switched\).\{0,1\}$'
logs=build/logs
mkdir -p "$logs"

# Console of a machine, in the background.
machine() {
    log=$logs/fastpath-$1.log
    shift
    tests/fastpath/emulate.sh "$@" >"$log" 2>&1
    echo "status $?" >>"$log"
}

# The results of a machine; one that ended without its last line has failed.
show() {
    log=$logs/fastpath-$1.log
    grep -E "^(ok |FAIL |        )" "$log" | grep -v "$table" | sed "s|^ok |ok $1/|; s|^FAIL |FAIL $1/|"
    if ! grep -q '^fastpath: ' "$log"; then
        echo "FAIL $1: $(grep -v '^status' "$log" | tail -n 1) (console: $log)"
    fi
}

# How often which path was taken: the lines of two machines added up.
show_sums() {
    grep -h "$table" "$logs/fastpath-first.log" "$logs/fastpath-second.log" | tr -d '\r' | awk '
        !/[0-9]$/ { heading = $0; next }
        !($1 in row) { row[$1] = ++rows; name[rows] = $1 }
        { for (i = 2; i <= 5; i++) sum[$1, i] += $i }
        END {
            print heading
            for (i = 1; i <= rows; i++) {
                printf "        %-14s", name[i]
                for (k = 2; k <= 5; k++) printf "%14d", sum[name[i], k]
                printf "\n"
            }
        }'
}

{
    tests/fastpath/same_code.sh build/aarch64-release/kernel.elf build/fastpath
    machine first 900 250 build/fastpath.img "seed=$seed" "states=$half" first=0 "check=$check" &
    machine second 900 250 build/fastpath.img "seed=$seed" "states=$((states - half))" "first=$half" "check=$check"
    wait
    show_sums
    show first
    show second
    [ "$check" = 1 ] || echo "skipped checks: fewer than $enough states do not meet every condition of the fastpath"
    machine invariants --counted 300 1000 build/fastpath-debug.img "seed=$seed" "states=$invariant_states" check=0 &
    tests/fastpath/breaks.sh build/fastpath/driver.elf build/fastpath.img "$seed" "$break_states"
    wait
    show invariants
} | awk '{ print; fflush() }
    /^ok / { passed++ }
    /^FAIL / { failed++ }
    /^skipped / { skipped = ", 1 skipped" }
    END {
        printf "fastpath: %d passed, %d failed%s\n", passed, failed, skipped
        exit failed > 0 || passed == 0
    }'
