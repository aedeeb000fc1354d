#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs the benchmark root task on the release kernel under QEMU with -icount,
# where one cycle is one instruction, and makes the report.
#
#   tools/bench.sh IMAGE REFERENCE REPORT JSON [CHECK]
#
# IMAGE      bootable image of the release kernel and bench/root, user-pmu=on
# REFERENCE  rows `name|round|kernel|limit`: the reference kernel's instructions and the target as a factor of the round
# REPORT     Markdown table to write;  JSON: the same for machines
# CHECK      JSON of earlier figures: fails when a row has risen by more than 2 %
#
# Figures belong to a compiler version; with another one CHECK only says so.

set -u

[ $# -ge 4 ] || { sed -n '3,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
image=$1 reference=$2 report=$3 json=$4 check=${5:-}
log=build/logs/bench.log
compiler=$("${CROSS:-aarch64-linux-gnu-}gcc" -dumpfullversion)

mkdir -p build/logs "$(dirname "$report")" "$(dirname "$json")"
build/tools/watch --limit 120 --log "$log" --name "$image" --quiet \
    --end '^bench: (done|failed)' --pass '^bench: done' --fail '^kernel: ' -- \
    "${QEMU:-qemu-system-aarch64}" -machine virt -cpu cortex-a53 -m 1G -smp 1 -display none -monitor none \
    -serial stdio -nic none -no-reboot -icount shift=0,sleep=off -kernel "$image" || {
    echo "bench: the benchmark did not finish; see $log" >&2
    exit 1
}

awk -f tools/bench.awk -v compiler="$compiler" -v report="$report" -v json="$json" -v check="$check" \
    "$reference" "$log"
