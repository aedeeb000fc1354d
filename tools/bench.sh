#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Measures, and reports or compares.
#
#   tools/bench.sh report    measures everything; writes bench/report.json, report.md and the pictures beside them; with
#                            another compiler than theirs only build/bench/report.json and report.md
#   tools/bench.sh adopt     report, whatever the compiler
#   tools/bench.sh check     measures and compares with bench/report.json: one line a section, and one for each row that
#                            has risen by more than 2 % or is not measured any more
#   tools/bench.sh trace     only writes what the kernel executes in each row: build/bench/rounds
#
# The counts come from the benchmark root task (build/bench/bench.img) on the release kernel under QEMU with -icount,
# where one cycle is one instruction, the steps from the host program build/host-step/steps/growth. What is measured is
# kept in build/bench. Figures belong to a compiler version; those of another one are shown and not compared.
# Environment: CROSS, QEMU.

set -u

folder=build/bench
log=$folder/console.log
mkdir -p "$folder"

give_up() {
    echo "bench: $1" >&2
    exit 1
}

# emulate LOG END PASS QEMU-OPTION...: runs a machine until a line matches END; then its console is in LOG.
emulate() {
    console=$1 end=$2 pass=$3
    shift 3
    build/tools/watch --limit 900 --log "$console.raw" --name bench --quiet --end "$end" --pass "$pass" \
        --fail '^kernel: ' -- "${QEMU:-qemu-system-aarch64}" -machine virt -cpu cortex-a53 -m 1G -smp 1 \
        -display none -monitor none -serial stdio -nic none -no-reboot -icount shift=0,sleep=off "$@" ||
        return 1
    tr -d '\r' <"$console.raw" >"$console"
}

count_instructions() {
    emulate "$log" '^bench: (done|failed)' '^bench: done' -kernel "$folder/bench.img" ||
        give_up "the benchmark did not finish; see $log.raw"
}

# The same rows but the growth tables once more, with traces of what the kernel executes.
trace_rounds() {
    emulate "$folder/traced.log" '^bench: (= End of the rows with estimates|failed)' '^bench: =' \
        -kernel "$folder/bench.img" -plugin "$folder/trace.so,rounds=$folder/rounds" ||
        give_up "the traced benchmark did not finish; see $folder/traced.log.raw"
}

estimate_cycles() {
    trace_rounds
    tools/bench-cycles.sh "$folder/traced.log" "$folder/rounds" "$folder" >"$folder/cycles" || exit 1
}

address_of() {
    "${CROSS:-aarch64-linux-gnu-}nm" build/aarch64-measured/first.elf | awk -v name="$1" '$3 == name { print "0x" $1 }'
}

# The conformance suite needs the system calls of a debug kernel; this one has no assertions, as a release kernel.
# Its entries that write to the console are left out.
find_longest_stretch() {
    emulate "$folder/conformance.log" '[0-9]+ passed, [0-9]+ failed' '[1-9][0-9]* passed, 0 failed' \
        -kernel "$folder/conformance.img" -plugin "$folder/trace.so,stretch=$folder/stretches,$(
            )vectors=$(address_of exception_vectors),poll=$(address_of hal_irq_pending),$(
            )skip=$(address_of hal_console_write)" ||
        give_up "the conformance suite did not finish; see $folder/conformance.log.raw"
    [ -s "$folder/stretches" ] || give_up "no entries of the kernel in the conformance suite"
    {
        echo "bench: = Longest delay of an interrupt"
        tail -n 1 "$folder/stretches" | while read -r count first last; do
            echo "bench: interrupts masked, conformance suite, debug kernel | longest | $count"
            echo "        from $first to $last"
        done
    } >"$folder/stretch.log"
}

count_steps() {
    build/tools/watch --limit 300 --log "$folder/steps.log" --name growth --quiet -- build/host-step/steps/growth ||
        give_up "a cost grows with the number of threads; see $folder/steps.log"
}

# write_figures FILE [KIND=... FILE]...
write_figures() {
    output=$1
    shift
    awk -v compiler="$("${CROSS:-aarch64-linux-gnu-}gcc" -dumpfullversion)" -v host="$(gcc -dumpfullversion)" \
        -f tools/bench.awk kind=log "$log" "$folder/stretch.log" kind=steps "$folder/steps.log" "$@" >"$output" ||
        give_up "no figures in $log"
}

# The compiler of a file of figures.
compiler_of() {
    sed -n 's/^  "compiler": "\(.*\)",$/\1/p' "$1"
}

measure_all() {
    count_instructions
    count_steps
    find_longest_stretch
    estimate_cycles
    write_figures "$folder/report.json" kind=cycles "$folder/cycles"
}

# write_report FOLDER: from the figures in it.
write_report() {
    awk -f tools/bench-rows.awk -f tools/bench-report.awk bench/reference.txt "$1/report.json" >"$1/report.md"
}

adopt() {
    cp "$folder/report.json" bench/report.json
    write_plots
    write_report bench
    cat bench/report.md
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
    measure_all
    now=$(compiler_of "$folder/report.json") before=$(compiler_of bench/report.json)
    if [ "$now" = "$before" ]; then
        adopt
    else
        write_report "$folder"
        cat "$folder/report.md"
        echo
        echo "skipped: bench/ has the figures of gcc $before, these are of gcc $now: kept in $folder, not compared" \
            "(tools/bench.sh adopt makes them the ones of bench/)"
    fi
    ;;
adopt)
    measure_all
    adopt
    ;;
trace)
    trace_rounds
    ;;
check)
    count_instructions
    count_steps
    find_longest_stretch
    write_figures "$folder/report.json"
    awk -f tools/bench-rows.awk -f tools/bench-check.awk bench/report.json "$folder/report.json"
    ;;
*)
    sed -n '3,20s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
