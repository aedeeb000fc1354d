#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs kinds of tests that the Makefile has built, prints one line a test, and
# ends with "N passed, N failed" (", N skipped" may follow). Each program has a
# time limit; whole outputs are in build/logs. Called by the Makefile, which
# exports UNIT_TESTS, MODELS, STEP_TESTS, SEED, EVENTS, STATES, FUZZ_TARGETS, FUZZ_RUNS, ONLY and CROSS.
#
#   tools/test.sh KIND...       kinds: tools tidy unit model steps compile conformance fastpath bench system boards fuzz
#                               fresh first (the first commands of fresh)

set -u

logs=build/logs
mkdir -p "$logs" build/images
totals=$logs/totals.$$
: >"$totals"
trap 'rm -f "$totals" "$totals".*' EXIT
trap 'exit 130' INT TERM HUP

# One result that no program printed itself.
verdict() {
    printf '%-7s %s\n' "$1" "$2"
    case $1 in
    ok) echo 1 0 0 ;;
    FAIL) echo 0 1 0 ;;
    skipped) echo 0 0 1 ;;
    esac >>"$totals"
}

# program MODE PREFIX LIMIT COMMAND...: runs a test program and counts its results.
program() {
    mode=$1 prefix=$2 limit=$3
    shift 3
    log=$logs/$(echo "$prefix" | tr '/ ' '--').log
    {
        build/tools/watch --limit "$limit" --log "$log" --name "$prefix" -- "$@" 2>"$totals.why"
        echo $? >"$totals.status"
    } | awk -v prefix="$prefix" -v mode="$mode" -v counts="$totals.counts" -f tools/report.awk
    status=$(cat "$totals.status")
    read -r passed failed skipped complete <"$totals.counts"
    echo "$passed $failed $skipped" >>"$totals"
    if [ "$failed" -gt 0 ]; then
        echo "        whole output: $log"
    elif [ "$status" -ne 0 ]; then
        verdict FAIL "$prefix: $(sed -n 's/^watch: [^:]*: //p' "$totals.why" | tail -n 1) (whole output: $log)"
    elif [ "$complete" != complete ]; then
        verdict FAIL "$prefix: results do not agree with the announced number (whole output: $log)"
    elif [ "$((passed + failed + skipped))" -eq 0 ]; then
        verdict FAIL "$prefix: no tests in it"
    fi
}

run_tools() {
    program lines tools 120 tests/tidy/tools.sh
}

run_tidy() {
    program lines tidy 300 tests/tidy/tidy.sh
    program lines tidy/self-test 300 tests/tidy/selftest.sh
}

run_unit() {
    export CMOCKA_MESSAGE_OUTPUT=TAP KAAL_DTB_DIR=build/dts KAAL_MKIMAGE=build/tools/mkimage
    for test in $UNIT_TESTS; do
        case $test in
        *"$ONLY"*) program tap "unit/$test" 300 "build/host-asan/unit/$test" ;;
        esac
    done
    case ipc-tables in
    *"$ONLY"*)
        # shellcheck disable=SC2086 # a list
        program lines unit 300 tools/ipc-tables.sh --check $IPC_TESTS ;;
    esac
}

run_steps() {
    for test in $STEP_TESTS; do
        program lines "steps/$test" 300 "build/host-step/steps/$test"
    done
}

# A model test is started as NAME SEED [EVENTS].
run_model() {
    for model in $MODELS; do
        # shellcheck disable=SC2086 # no argument when EVENTS is empty
        program lines "model/$model" 300 "build/host-gcc/model/$model" "${SEED:-1}" $EVENTS
    done
}

run_compile() {
    program lines compile 300 tests/compile/run.sh
    program lines compile 300 tests/arch-null/run.sh
}

# docs/errors.md is what the conformance program shows now, and has no empty cell.
errors_table() {
    build/host-asan/program/conformance --log-level=3 --unchecked >"$logs/errors.log" 2>&1
    if ! awk -f tools/errors.awk tests/conformance/errors.txt "$logs/errors.log" >"$totals.errors" 2>"$logs/errors.why"; then
        verdict FAIL "conformance/errors: $(head -n 1 "$logs/errors.why") (all: $logs/errors.why)"
    elif ! cmp -s "$totals.errors" docs/errors.md; then
        verdict FAIL "conformance/errors: docs/errors.md is not up to date: make errors"
    else
        verdict ok "conformance/errors: every invocation and error has a test"
    fi
}

# conformance_in_qemu NAME BUILD PARAMS
conformance_in_qemu() {
    image=build/images/conformance-$2.img
    if build/tools/mkimage --kernel "build/aarch64-$2/kernel.elf" --root build/user/conformance.elf \
        --output "$image" --params "$3" >"$logs/mkimage.log" 2>&1; then
        program lines "conformance/$1" 300 tools/run.sh --limit 290 "$image" -icount shift=0,sleep=off
    else
        verdict FAIL "conformance/$1: $(tail -n 1 "$logs/mkimage.log")"
    fi
}

# The release kernel prints nothing: the program drives the UART itself.
run_conformance() {
    program lines conformance/host 300 build/host-asan/program/conformance
    errors_table
    conformance_in_qemu qemu debug log-level=1
    conformance_in_qemu release release ""
}

run_fastpath() {
    program lines fastpath 3600 tests/fastpath/run.sh "${STATES:-1000000}" "${SEED:-1}"
}

run_bench() {
    program lines bench 300 tools/bench.sh check
}

run_system() {
    program lines system 900 tests/system/run.sh "$ONLY"
}

run_boards() {
    program lines boards/trees 120 tests/boards/run.sh build/dts
    program lines boards 900 tests/system/boards.sh --cover
}


run_first() {
    program lines fresh 3600 tools/fresh.sh --first
}

run_fresh() {
    program lines fresh 7200 tools/fresh.sh
}

# So many inputs, not so many seconds: the verdict does not depend on how fast the machine is.
run_fuzz() {
    for target in $FUZZ_TARGETS; do
        log=$logs/fuzz-$target.log seed=${SEED:-1}
        runs=${FUZZ_RUNS:-$(awk -v target="$target" '$1 == target { print $2 }' tests/fuzz/runs.txt)}
        if build/tools/watch --limit 3600 --log "$log" --quiet --name "fuzz $target" -- \
            tools/fuzz.sh --seed "$seed" --runs "${runs:-unknown}" "$target" 2>"$totals.why" &&
            done=$(sed -n 's/^Done \([0-9]*\) runs in.*/\1/p' "$log") && [ "${done:-0}" -ge "$runs" ]; then
            verdict ok "fuzz/$target: $runs inputs from seed $seed"
        else
            why=$(grep -m 1 -E 'ERROR|panic|assertion|does not hold|No such|fuzz.sh:' "$log")
            verdict FAIL "fuzz/$target: ${why:-$(tail -n 1 "$totals.why")} (whole output: $log)"
        fi
    done
}

for kind in "$@"; do
    case $kind in
    tools | tidy | unit | model | steps | compile | conformance | fastpath | bench | system | boards | fuzz | fresh | first) "run_$kind" ;;
    *) echo "test.sh: unknown kind of tests: $kind" >&2; exit 2 ;;
    esac
done

awk '{ passed += $1; failed += $2; skipped += $3 }
     END {
         printf "%d passed, %d failed", passed, failed
         if (skipped > 0) {
             printf ", %d skipped", skipped
         }
         printf "\n"
         exit !(failed == 0 && passed > 0)
     }' "$totals"
