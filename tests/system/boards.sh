#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# One image on every board: boots the conformance program on the machines that
# QEMU models and prints a table with one row each. A board that the installed
# QEMU does not have runs in the newer one of tools/newer-qemu.sh if it is there,
# and is reported as skipped otherwise. Consoles: build/logs/board-*.log.
#
#   tests/system/boards.sh [--cover]
#
# --cover: of the virt machines only a set in which each pair of interrupt
# controller, exception level, CPU and RAM size occurs as far as eight boots allow.
# Environment: PROGRAM, the root task (an ELF file); QEMU, the emulator.

set -u

cover=${1:-}
program=${PROGRAM:-build/user/conformance.elf}
qemu=${QEMU:-qemu-system-aarch64}
limit=300
logs=build/logs
image=build/images/boards.img
serial=0
passed=0 failed=0 skipped=0
mkdir -p "$logs" build/images
newer_qemu=build/qemu/qemu-system-aarch64
machines=$("$qemu" -machine help)
newer_machines=$([ ! -x $newer_qemu ] || $newer_qemu -machine help)

row() {
    printf '%-7s %-18s %-6s %-4s %-11s %5s  %s\n' "$@"
}

# board MACHINE GIC LEVEL CPU RAM QEMU-OPTION...: one boot; the first four describe, the options make it so.
board() {
    name=$1 gic=$2 level=$3 cpu=$4 ram=$5
    shift 5
    if echo "$machines" | grep -q "^$name "; then
        emulator=$qemu from=
    elif echo "$newer_machines" | grep -q "^$name "; then
        emulator=$newer_qemu from=", newer QEMU"
    else
        row skipped "$name" "$gic" "$level" "$cpu" "$ram" "this QEMU has no such machine; make newer-qemu may get one"
        skipped=$((skipped + 1))
        return
    fi
    log=$logs/board-$name-$gic-$level-$cpu-$ram.log
    QEMU=$emulator tools/run.sh --machine "$name" --cpu "$cpu" --ram "$ram" --limit "$limit" --log "$log" --quiet --serial "$serial" \
        "$image" -icount shift=0,sleep=off "$@" >"$log.out" 2>&1
    status=$?
    counts=$(tr -d '\r' <"$log" | sed -nE 's/.*(^|[ :])([0-9]+ passed, [0-9]+ failed).*/\2/p' | tail -n 1)
    found=$(tr -d '\r' <"$log" | grep -E 'entered at EL|interrupts:' | tr '\n' ' ')
    if [ "$status" -eq 0 ] && echo "$found" | grep -q "$level.*$gic "; then
        row ok "$name" "$gic" "$level" "$cpu" "$ram" "$counts$from"
        passed=$((passed + 1))
    else
        row FAIL "$name" "$gic" "$level" "$cpu" "$ram" "status $status, ${counts:-no result}; console: $log"
        failed=$((failed + 1))
    fi
}

# virt GIC LEVEL CPU RAM
virt() {
    options=virt,gic-version=${1#GICv}
    [ "$2" = EL1 ] || options=$options,virtualization=on
    board virt "$1" "$2" "$3" "$4" -machine "$options"
}

all_virt() {
    for gic in GICv2 GICv3; do
        for level in EL1 EL2; do
            for cpu in cortex-a53 cortex-a57 cortex-a72 max; do
                for ram in 1G 64M 8G; do
                    virt $gic $level $cpu $ram
                done
            done
        done
    done
}

some_virt() {
    virt GICv2 EL1 cortex-a53 1G
    virt GICv3 EL2 cortex-a53 64M
    virt GICv3 EL1 cortex-a57 8G
    virt GICv2 EL2 cortex-a57 1G
    virt GICv2 EL2 cortex-a72 8G
    virt GICv3 EL1 cortex-a72 64M
    virt GICv3 EL2 max 1G
    virt GICv2 EL1 max 64M
}

# Boards for which QEMU makes no device tree get one of ours. The console is the one that the tree names.
other_boards() {
    board xlnx-zcu102 GICv2 EL1 cortex-a53 2G -dtb build/dts/xlnx-zcu102.dtb
    board xlnx-zcu102 GICv2 EL2 cortex-a53 2G -machine xlnx-zcu102,virtualization=on -dtb build/dts/xlnx-zcu102.dtb
    board xlnx-versal-virt GICv3 EL2 cortex-a72 2G -smp 4
    serial=1
    board raspi4b GICv2 EL2 cortex-a72 2G -smp 4 -dtb build/dts/raspi4b.dtb
    board imx8mp-evk GICv3 EL2 cortex-a53 2G -dtb build/dts/imx8mm-evk.dtb
}

build/tools/mkimage --kernel build/aarch64-debug/kernel.elf --root "$program" --output "$image" \
    --params "log-level=2" || exit 1
[ "$cover" = --cover ] && some_virt || all_virt
other_boards
printf '%d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ]
