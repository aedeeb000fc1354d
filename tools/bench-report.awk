# SPDX-License-Identifier: BSD-2-Clause
#
# Writes the report for people from the figures.
#
#   awk -f bench-rows.awk -f bench-report.awk reference.txt report.json
#
# reference.txt: `name|round|kernel|limit|reason` (bench/reference.txt); the reason is shown when the limit is missed.
# The pictures of the growth tables (bench-plot.awk) are beside the report.

FNR == 1 { file++ }

file == 1 && !/^#/ && NF {
    split($0, field, "|")
    known[field[1]] = 1
    reference["round", field[1]] = field[2]
    reference["kernel", field[1]] = field[3]
    limit[field[1]] = field[4]
    reason[field[1]] = field[5] == "" ? "" : " (" field[5] ")"
    next
}

function introduce(compiler, llvm) {
    print "# What operations cost"
    print ""
    print "Written by `make bench`: release kernel, aarch64-linux-gnu-gcc " compiler ", QEMU virt, cortex-a53, `-icount shift=0`, one domain,"
    print "where the counters count executed instructions exactly. Round: from the instruction before the system call (or the"
    print "fault) to the first user instruction after it, also when that is another thread's: minimum, median and maximum of 32"
    print "rounds. Kernel: what is executed at EL1, from the exception to `eret`, median. Reference: seL4 MCS, release, measured"
    print "the same way (README.md). Ratio and target: of the kernel alone where the reference's figure for it is known,"
    print "otherwise of the round."
    print ""
    print "A53, A72, N1: cycles of the kernel's part on these cores, **estimated** by `llvm-mca` " llvm " from the executed"
    print "instructions (tools/bench-cycles.sh): no cache misses, no mispredicted branches, system instructions as cheap as others:"
    print "good for comparisons, not as times."
}

function ratio_of(which, figure) {
    return reference[which, row["name"]] == "" ? "" : figure / reference[which, row["name"]]
}

# " reference | ratio | target |"
function compared(ratio) {
    if (!(row["name"] in known)) {
        return " | | |"
    }
    ratio = ratio_of("kernel", row["kernel", 2])
    if (ratio == "") {
        ratio = ratio_of("round", row["round", 2])
    }
    judged++
    met += ratio <= limit[row["name"]] + 0
    return sprintf(" %s%s | %.2f | %s %s |", reference["round", row["name"]], \
        reference["kernel", row["name"]] == "" ? "" : " (kernel " reference["kernel", row["name"]] ")", ratio, \
        ratio <= limit[row["name"]] + 0 ? "met: <=" : "**missed**: <=", \
        limit[row["name"]] (ratio <= limit[row["name"]] + 0 ? "" : reason[row["name"]]))
}

function plain_row() {
    if (row["longest"] != "") {
        printf "| %s, longest | | | %s | | | | | | | |\n", row["name"], row["longest"]
    } else {
        printf "| %s | %s | %s | %s | %s |%s %s | %s | %s |\n", row["name"], row["round", 1], row["round", 2], \
            row["round", 3], row["kernel", 2], compared(), row["cortex-a53"], row["cortex-a72"], row["neoverse-n1"]
    }
}

# A growth table is complete when its section ends.
function collect() {
    if (!(row["name"] in line)) {
        names[++name_count] = row["name"]
    }
    if (!(row["size"] in size_seen)) {
        size_seen[row["size"]] = 1
        sizes[++size_count] = row["size"]
    }
    line[row["name"]] = line[row["name"]] " " (row["steps"] != "" ? row["steps"] : row["round", 2]) " |"
}

function print_growth(i) {
    if (name_count == 0) {
        return
    }
    printf "| |"
    for (i = 1; i <= size_count; i++) {
        printf " %s |", sizes[i]
    }
    printf "\n|---|"
    for (i = 1; i <= size_count; i++) {
        printf "---:|"
    }
    print ""
    for (i = 1; i <= name_count; i++) {
        printf "| %s |%s\n", names[i], line[names[i]]
        delete line[names[i]]
    }
    for (i = 1; i <= size_count; i++) {
        delete size_seen[sizes[i]]
    }
    printf "\n![%s](%s)\n", section, plot_name(section)
    name_count = size_count = 0
}

function begin_section() {
    print_growth()
    section = row["section"]
    printf "\n## %s\n\n", section
    if (row["size"] != "") {
        print row["steps"] != "" ? \
            "Most steps (basic blocks of core, executed on the host machine) of one operation, of 1,000 tries.\n" : \
            "Instructions of a round, median.\n"
    } else {
        print "| operation | round: min | median | max | kernel | reference: round | ratio | target | A53 | A72 | N1 |"
        print "|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|"
    }
}

file == 2 && /^  "compiler": / { compiler = text_of($0, "compiler") }
file == 2 && /^  "llvm": / { introduce(compiler, text_of($0, "llvm")) }

file == 2 && read_row($0) {
    if (row["section"] != section) {
        begin_section()
    }
    if (row["size"] != "") {
        collect()
    } else {
        plain_row()
    }
}

END {
    print_growth()
    printf "\n%d of %d rows with a reference meet their target.\n", met, judged
}
