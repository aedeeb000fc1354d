# SPDX-License-Identifier: BSD-2-Clause
#
# Reads what the benchmarks have printed and writes the figures as JSON, one row a line.
#
#   awk -v compiler=VERSION -v host=VERSION -f bench.awk kind=log FILE kind=steps FILE kind=cycles FILE ...
#
# kind=log     bench/root:  "bench: = SECTION", "bench: NAME[ @ SIZE] | round or kernel | minimum median maximum",
#              "bench: NAME | longest | NUMBER". A NAME that ends with ", by THINGS" belongs to the table of THINGS.
# kind=steps   bench/growth.c: "by THINGS", then a table with the sizes in its first line
# kind=cycles  tools/bench-cycles.sh: "llvm | VERSION", "NAME | CPU | NUMBER", estimates
#
# A row has a section, a name, and for growth tables a size, and one of: round and kernel (minimum, median, maximum),
# longest, steps. tools/bench-report.awk and tools/bench-check.awk read it again.

{ sub(/\r$/, "") }

function new_row(key, section) {
    if (!(section in rows_of)) {
        sections[++section_count] = section
    }
    if (!(key in section_of)) {
        order[section, ++rows_of[section]] = key
        section_of[key] = section
        rows++
    }
}

# "1 2 3" as "[1, 2, 3]".
function list(text) {
    gsub(/ /, ", ", text)
    return "[" text "]"
}

kind == "log" && /^bench: = / {
    section = substr($0, 10)
    next
}

kind == "log" && /^bench: .* \| (round|kernel|longest) \| [0-9 ]+$/ {
    split(substr($0, 8), field, " \\| ")
    name = field[1]
    size = ""
    if (match(name, / @ [0-9]+$/)) {
        size = substr(name, RSTART + 3)
        name = substr(name, 1, RSTART - 1)
    }
    table = section
    if (match(name, /, by .*/)) {
        table = "Growth by " substr(name, RSTART + 5)
        name = substr(name, 1, RSTART - 1)
    }
    key = "\"name\": \"" name "\"" (size == "" ? "" : ", \"size\": " size)
    new_row(key, table)
    name_of[key] = name
    figures[key] = figures[key] ", \"" field[2] "\": " (field[2] == "longest" ? field[3] : list(field[3]))
}

kind == "steps" && /^by / {
    section = "Steps by " substr($0, 4)
    next
}

kind == "steps" && /^\| most steps / {
    sizes = split($0, size_of, " *\\| *") - 1
    next
}

kind == "steps" && /^\| / && !/---/ {
    split($0, field, " *\\| *")
    for (i = 3; i < sizes; i++) {
        key = "\"name\": \"" field[2] "\", \"size\": " size_of[i]
        new_row(key, section)
        figures[key] = ", \"steps\": " field[i]
    }
}

kind == "cycles" {
    split($0, field, " \\| ")
    if (field[1] == "llvm") {
        llvm = field[2]
        next
    }
    cycles[field[1]] = cycles[field[1]] (cycles[field[1]] == "" ? "" : ", ") "\"" field[2] "\": " field[3]
}

function print_row(key) {
    printf "%s\n    {\"section\": \"%s\", %s%s", printed++ ? "," : "", section_of[key], key, figures[key]
    if (name_of[key] in cycles && key !~ /"size"/) {
        printf ", \"cycles\": {%s}", cycles[name_of[key]]
    }
    printf "}"
}

END {
    printf "{\n  \"compiler\": \"%s\",\n  \"host-compiler\": \"%s\",\n  \"llvm\": \"%s\",\n  \"rows\": [", compiler, host, llvm
    for (i = 1; i <= section_count; i++) {
        for (j = 1; j <= rows_of[sections[i]]; j++) {
            print_row(order[sections[i], j])
        }
    }
    print "\n  ]\n}"
    exit rows == 0
}
