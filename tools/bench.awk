# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the benchmark report: first file the reference rows, second the log of
# the benchmark. Variables: compiler, report, json, check (earlier JSON or empty).

function number(text, key) {
    return match(text, "\"" key "\": [0-9]+") ? substr(text, RSTART + length(key) + 4, RLENGTH - length(key) - 4) + 0 : -1
}

function read_earlier(line, name) {
    while ((getline line < check) > 0) {
        if (match(line, /"compiler": "[^"]*"/)) {
            earlier_compiler = substr(line, RSTART + 13, RLENGTH - 14)
        }
        if (match(line, /"name": "[^"]*"/)) {
            name = substr(line, RSTART + 9, RLENGTH - 10)
            earlier[name] = number(line, "round")
        }
    }
    close(check)
}

BEGIN {
    if (check != "") {
        read_earlier()
    }
}

{ sub(/\r$/, "") }

FNR == 1 { file++ }

file == 1 && !/^#/ && NF {
    split($0, field, "|")
    reference_round[field[1]] = field[2]
    reference_kernel[field[1]] = field[3]
    limit[field[1]] = field[4]
    next
}

file == 2 && /^bench: .* \| (round|kernel) \| / {
    split(substr($0, 8), field, " \\| ")
    split(field[3], value, " ")
    if (!(field[1] in seen)) {
        seen[field[1]] = 1
        order[++rows] = field[1]
    }
    low[field[1], field[2]] = value[1]
    median[field[1], field[2]] = value[2]
    high[field[1], field[2]] = value[3]
}

function judge(name, ratio) {
    if (!(name in limit)) {
        return ""
    }
    return ratio <= limit[name] + 0 ? sprintf("<= %s: met", limit[name]) : sprintf("<= %s: missed", limit[name])
}

END {
    print "# Instruction counts" > report
    print "" > report
    print "Written by `make bench`: release kernel, aarch64-linux-gnu-gcc " compiler ", QEMU virt, cortex-a53, `-icount shift=0`. Round: from the" > report
    print "instruction before `svc` to the first user instruction after; kernel: executed at EL1. Minimum, median and maximum of" > report
    print "32 rounds; the rows marked longest: of 200 interrupts, from the timer to the first user instruction. Reference: seL4 MCS, release, its C fastpath where it has one, measured the same way." > report
    print "" > report
    print "| operation | round: min | median | max | kernel: median | reference: round | ratio | target |" > report
    print "|---|---:|---:|---:|---:|---:|---:|---|" > report
    printf "{\n  \"compiler\": \"%s\",\n  \"unit\": \"instructions\",\n  \"rows\": [\n", compiler > json
    for (i = 1; i <= rows; i++) {
        name = order[i]
        round = median[name, "round"]
        known = (name in reference_round) && reference_round[name] != ""
        ratio = known ? round / reference_round[name] : 0
        printf "| %s | %d | %d | %d | %s | %s | %s | %s |\n", name, low[name, "round"], round, high[name, "round"], \
            median[name, "kernel"], known ? reference_round[name] : "", known ? sprintf("%.2f", ratio) : "", \
            known ? judge(name, ratio) : "" > report
        printf "    {\"name\": \"%s\", \"round\": %d, \"kernel\": %d}%s\n", name, round, median[name, "kernel"] + 0, \
            i < rows ? "," : "" > json
        if (check != "" && earlier_compiler == compiler && (name in earlier) && round > earlier[name] * 1.02) {
            printf "bench: %s: %d instructions, %d before\n", name, round, earlier[name]
            risen++
        }
    }
    print "  ]\n}" > json
    if (rows == 0) {
        print "bench: no rows in the log"
        exit 1
    }
    if (check != "" && earlier_compiler != compiler) {
        printf "bench: figures of gcc %s, this is gcc %s: not compared\n", earlier_compiler, compiler
    }
    exit risen > 0
}
