#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Estimates the cycles of the kernel's part of each row on real cores, with llvm-mca.
#
#   tools/bench-cycles.sh CONSOLE ROUNDS FOLDER
#
# CONSOLE  what the benchmark root task printed;  ROUNDS: what bench/trace.c wrote in the same run
# FOLDER   for what comes between
#
# For each row the trace with the row's median of kernel instructions is disassembled and given to llvm-mca as one
# straight line, once: all branches are as they went and predicted, all loads hit the first cache. Calls and returns are
# given as plain branches, because llvm-mca takes 100 cycles for a call and stops a row at what it does not know.
# Rounds with other counts in between and very long ones have no trace and get no estimate.
# System instructions (mrs, msr, barriers, eret) cost what the model says, mostly one issue slot: real cores take more.
#
# Prints "NAME | CPU | CYCLES", and first "llvm | VERSION". Environment: LLVM_MCA, LLVM_MC.

set -u

[ $# -eq 3 ] || { sed -n '3,17s/^# \{0,1\}//p' "$0" >&2; exit 2; }
console=$1 rounds=$2 folder=$3

give_up() {
    echo "bench: $1" >&2
    exit 1
}

# The newest of the installed versions of a program of LLVM.
newest() {
    for version in 22 21 20 19 18 17 16 15 14; do
        command -v "$1-$version" && return
    done
    command -v "$1" || give_up "$1 is not installed (Debian: llvm-19)"
}

mca=${LLVM_MCA:-$(newest llvm-mca)} && mc=${LLVM_MC:-$(newest llvm-mc)} || exit 1

# "ROW NUMBER LENGTH", in the order of the rows, from the console; growth tables are left out.
awk '/^bench: .* \| round \| / { row++ }
     /^bench: .* \| kernel \| / && !/ @ / { split($0, field, " \\| "); split(field[3], value, " "); print row, value[2] }' \
    "$console" >"$folder/wanted"

# The traces that are wanted: "row NUMBER", then one hexadecimal word a line.
awk 'FNR == NR { length_of[$1] = $2; next }
     $1 == "row" { row++; next }
     (row in length_of) && $1 == length_of[row] { print "row", row; for (i = 2; i <= NF; i++) print $i; delete length_of[row] }' \
    "$folder/wanted" "$rounds" >"$folder/traces"
grep -q row "$folder/traces" || give_up "no traces in $rounds"

# Each instruction once, and its text. Words are in memory order, lowest byte first.
grep -v row "$folder/traces" | sort -u >"$folder/words"
sed 's/\(..\)\(..\)\(..\)\(..\)/0x\4 0x\3 0x\2 0x\1/' "$folder/words" |
    "$mc" --disassemble -triple=aarch64 -mattr=+v8.2a | sed '/^[[:space:]]*\.text/d' >"$folder/texts"
[ "$(wc -l <"$folder/words")" -eq "$(wc -l <"$folder/texts")" ] || give_up "instructions that $mc does not know"

paste "$folder/words" "$folder/texts" | awk '
    FNR == NR { word = $1; sub(/^[^\t]*\t[ \t]*/, ""); text[word] = $0; next }
    function close_region() { if (open) print "# LLVM-MCA-END"; open = 1 }
    $1 == "row" { close_region(); print "# LLVM-MCA-BEGIN", $2; next }
    {
        line = text[$1]
        sub(/^bl[ \t]/, "b ", line)
        sub(/^blr[ \t]/, "br ", line)
        sub(/^ret.*/, "br x30", line)
        sub(/^eret.*/, "isb", line)
        print line
    }
    END { close_region() }' - "$folder/traces" >"$folder/traces.s"

echo "llvm | $("$mca" --version | sed -n 's/.*LLVM version \([0-9.]*\).*/\1/p' | head -n 1)"
for cpu in cortex-a53 cortex-a72 neoverse-n1; do
    "$mca" -mtriple=aarch64 -mcpu=$cpu -mattr=+v8.2a -iterations=1 -instruction-info=0 -resource-pressure=0 "$folder/traces.s" \
        >"$folder/$cpu.mca" 2>"$folder/$cpu.why" || give_up "$mca: $(grep -m 1 error "$folder/$cpu.why")"
    awk -v cpu=$cpu '
        FNR == NR { if ($0 ~ /\| round \| /) { row++; split(substr($0, 8), field, " \\| "); name[row] = field[1] } next }
        /Code Region - / { region = $NF }
        /^Total Cycles:/ { print name[region] " | " cpu " | " $3 }' "$console" "$folder/$cpu.mca"
done
