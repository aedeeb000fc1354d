#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What takes too long for each change, or does not end by itself: the canaries, every
# board, the models and the fastpath from a seed of this day, and each fuzz target
# for a time, on from what earlier nights found. One line a part, whole outputs in
# build/logs/nightly-*.log, and "N passed, N failed" at the end.
#
#   tools/nightly.sh SECONDS      how long each fuzz target runs
#
# A failure is seen again with the command in its line, which holds the seed.
# Environment: FUZZ_TARGETS.

set -u

seconds=${1:-600}
logs=build/logs
seed=$(date +%Y%m%d)
passed=0 failed=0
mkdir -p "$logs"

# part COMMAND...: a verb of the Makefile with its variables; its last line says how it went.
part() {
    log=$logs/nightly-$(echo "$*" | tr -c 'A-Za-z0-9\n' '-').log
    if env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s "$@" >"$log" 2>&1; then
        echo "ok      make $*: $(grep -vE '^(make|stat::)' "$log" | tail -n 1)"
        passed=$((passed + 1))
    else
        grep -E '^(FAIL|CRASH) ' "$log" | sed 's/^/        /'
        echo "FAIL    make $*: $(grep -vE '^(make|stat::)' "$log" | tail -n 1) (whole output: $log)"
        failed=$((failed + 1))
    fi
}

# has VERB: is it one of the Makefile's?
has() {
    grep -q "^$1:.*## " Makefile
}

# Two runs from one seed try the same inputs, wherever the stack begins: then the gate is the same everywhere.
gate_is_the_same() {
    for length in 1 5000; do
        FILLER=$(printf "%${length}s" '') tools/fuzz.sh --seed 1 --runs 2000 "$1" >"$logs/nightly-gate-$1.log" 2>&1 ||
            return 1
        (cd "build/fuzz/$1/gate" && ls) >"build/fuzz/$1/gate-$length"
    done
    cmp -s "build/fuzz/$1/gate-1" "build/fuzz/$1/gate-5000"
}

part canaries
part boards
for verb in boards-dtb fresh; do
    ! has "$verb" || part "$verb"
done
part test KINDS=model "SEED=$seed"
part test KINDS=fastpath "SEED=$seed" STATES=4000000
for target in $FUZZ_TARGETS; do
    part fuzz "TARGET=$target" "TIME=$seconds"
    if gate_is_the_same "$target"; then
        echo "ok      two runs of fuzz/$target from one seed try the same inputs"
        passed=$((passed + 1))
    else
        echo "FAIL    two runs of fuzz/$target from one seed try different inputs, or fail (build/fuzz/$target/gate-*," \
            "whole output: $logs/nightly-gate-$target.log)"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
