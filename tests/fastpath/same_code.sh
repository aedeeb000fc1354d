#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Shows that the differential test tests the release kernel: the parts that it is
# made of (tests/fastpath/hook.sh) are, linked again, the kernel byte by byte; and
# with the driver's hooks in them no other instruction differs.
#
#   tests/fastpath/same_code.sh KERNEL-ELF FOLDER

set -u

kernel=$1 folder=$2
cross=${CROSS:-aarch64-linux-gnu-}

for elf in "$kernel" "$folder/plain.elf"; do
    "${cross}objcopy" -O binary "$elf" "$folder/$(basename "$elf" .elf).bin" || exit 1
done
if ! cmp -s "$folder/$(basename "$kernel" .elf).bin" "$folder/plain.bin"; then
    echo "FAIL code: the parts under test are not those of $kernel"
    exit 1
fi

# How often the compiler has made each of the instructions that hooks.sed looks for.
hooks=0
for place in trap_leave core_interrupt cntfrq_el0; do
    times=$(cat "$folder"/parts/*.plain.s | grep -cE "^	(bl	$place|mrs x[0-9]+, $place)\$")
    [ "$times" -gt 0 ] || { echo "FAIL code: no place for the hook at $place (tests/fastpath/hooks.sed)"; exit 1; }
    hooks=$((hooks + times))
done

# Instructions with what they refer to, without addresses in the file.
disassemble() {
    for part in "$folder"/parts/*."$1".o; do
        "${cross}objdump" -dr --no-show-raw-insn "$part" | grep -v 'file format'
    done
}

disassemble plain >"$folder/plain.txt"
disassemble hooked >"$folder/hooked.txt"
instructions=$(grep -c "^ *[0-9a-f]*:	[a-z]" "$folder/plain.txt")
diff "$folder/plain.txt" "$folder/hooked.txt" >"$folder/difference.txt"
hooked=$(grep -c '^>.*:	\(bl\|mov\)	' "$folder/difference.txt")
other=$(grep '^[<>]' "$folder/difference.txt" |
    grep -cvE 'trap_leave|driver_start|core_interrupt|cntfrq_el0|mov	x[0-9]+, #0x3d090000')
if [ "$hooked" -ne "$hooks" ] || [ "$other" -ne 0 ]; then
    echo "FAIL code: $hooked hooks, not $hooks, and $other other differences ($folder/difference.txt)"
    exit 1
fi
echo "ok code: $((instructions - hooks)) of $instructions compiled instructions are the release kernel's, $hooks are hooks"
