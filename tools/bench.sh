#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Measures, and reports or compares.
#
#   tools/bench.sh report    measures everything; writes bench/report.json, report.md and the pictures beside them
#   tools/bench.sh check     measures and compares with bench/report.json: one line a section, and one for each row that
#                            has risen by more than 2 % or is not measured any more
#
# The counts come from the benchmark root task (build/bench/bench.img) on the release kernel under QEMU with -icount,
# where one cycle is one instruction, the steps from the host program build/host-step/steps/growth. What is measured is
# kept in build/bench. Figures belong to a compiler version; with another one `check` only says so.
# Environment: CROSS, QEMU.

set -u

folder=build/bench
log=$folder/console.log
mkdir -p "$folder"

give_up() {
    echo "bench: $1" >&2
    exit 1
}

count_instructions() {
    build/tools/watch --limit 120 --log "$log" --name bench --quiet \
        --end '^bench: (done|failed)' --pass '^bench: done' --fail '^kernel: ' -- \
        "${QEMU:-qemu-system-aarch64}" -machine virt -cpu cortex-a53 -m 1G -smp 1 -display none -monitor none \
        -serial stdio -nic none -no-reboot -icount shift=0,sleep=off "$@" -kernel "$folder/bench.img" ||
        give_up "the benchmark did not finish; see $log"
}

count_steps() {
    build/tools/watch --limit 120 --log "$folder/steps.log" --name growth --quiet -- build/host-step/steps/growth ||
        give_up "a cost grows with the number of threads; see $folder/steps.log"
}

# write_figures FILE [KIND=... FILE]...
write_figures() {
    output=$1
    shift
    awk -v compiler="$("${CROSS:-aarch64-linux-gnu-}gcc" -dumpfullversion)" -v host="$(gcc -dumpfullversion)" \
        -f tools/bench.awk kind=log "$log" kind=steps "$folder/steps.log" "$@" >"$output" ||
        give_up "no figures in $log"
}

plot() {
    awk "$@" -f tools/bench-rows.awk -f tools/bench-plot.awk bench/report.json
}

write_plots() {
    rm -f bench/*.svg
    plot -v list=1 >"$folder/plots" && [ -s "$folder/plots" ] || give_up "no growth tables in bench/report.json"
    while read -r file section; do
        plot -v section="$section" >"bench/$file" || give_up "no picture of the table $section"
    done <"$folder/plots"
}

case ${1:-} in
report)
    count_instructions
    count_steps
    write_figures "$folder/report.json"
    cp "$folder/report.json" bench/report.json
    write_plots
    awk -f tools/bench-rows.awk -f tools/bench-report.awk bench/reference.txt bench/report.json >bench/report.md
    ;;
check)
    count_instructions
    count_steps
    write_figures "$folder/report.json"
    awk -f tools/bench-rows.awk -f tools/bench-check.awk bench/report.json "$folder/report.json"
    ;;
*)
    sed -n '3,15s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
