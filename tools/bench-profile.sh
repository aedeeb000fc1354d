#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Shows where the kernel's instructions of one row of the report go: how many each function has (also an inlined one),
# and, in build/bench/profile, each executed instruction with its function and source line.
#
#   tools/bench-profile.sh ROW      ROW: the name of a row as in bench/report.md, such as "yield, alone"
#
# Needs what `make profile` has built. Environment: CROSS, QEMU.

set -u

[ $# -eq 1 ] && [ -n "$1" ] || { echo "profile: give ROW=name, a row of bench/report.md" >&2; exit 2; }
row=$1
folder=build/bench
kernel=build/aarch64-release/kernel.elf

tools/bench.sh trace || exit 1

# The addresses of the row's round with the median of instructions, one a line.
awk -v name="$row" '
    FNR == 1 { file++ }
    file == 1 && /\| round \| / { row++ }
    file == 1 && index($0, "bench: " name " | kernel | ") == 1 { split($0, field, " \\| "); split(field[3], value, " "); wanted = row; count = value[2] }
    file == 2 && $1 == "row" { at++ }
    file == 2 && at == wanted && $1 == "at" && $2 == count { for (i = 3; i <= NF; i++) print $i }' \
    "$folder/traced.log" "$folder/rounds" >"$folder/addresses"
[ -s "$folder/addresses" ] || { echo "bench: no trace of a row \"$row\" (the names: bench/report.md)" >&2; exit 1; }

"${CROSS:-aarch64-linux-gnu-}addr2line" -f -e "$kernel" <"$folder/addresses" |
    awk -v here="$(pwd)/" 'NR % 2 { name = $1; next } { sub(/ .*/, ""); sub(here, ""); print name, $0 }' >"$folder/places"
"${CROSS:-aarch64-linux-gnu-}objdump" -d --no-show-raw-insn "$kernel" |
    awk 'FNR == NR { place[FNR] = $0; next }
         !listed { while ((getline line < addresses) > 0) wanted[++count] = line; listed = 1 }
         match($1, /^[0-9a-f]+:$/) { address = substr($1, 1, length($1) - 1); sub(/^[^\t]*\t/, ""); text[address] = $0 }
         END { for (i = 1; i <= count; i++) { split(place[i], part, " "); printf "%4d  %-24s %-34s %s\n", i, part[1], part[2], text[wanted[i]] } }' \
        addresses="$folder/addresses" "$folder/places" - >"$folder/profile"
awk '{ count[$1]++ } END { for (name in count) printf "%6d  %s\n", count[name], name }' "$folder/places" | sort -rn
echo "$(wc -l <"$folder/places") instructions; each of them: $folder/profile"
