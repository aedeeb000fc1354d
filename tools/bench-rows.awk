# SPDX-License-Identifier: BSD-2-Clause
#
# Reads rows of bench/report.json for the other bench-*.awk: read_row() fills the array `row` from a line.

function text_of(line, key) {
    return match(line, "\"" key "\": \"[^\"]*\"") ? substr(line, RSTART + length(key) + 5, RLENGTH - length(key) - 6) : ""
}

function number_of(line, key) {
    return match(line, "\"" key "\": [0-9]+") ? substr(line, RSTART + length(key) + 4, RLENGTH - length(key) - 4) + 0 : ""
}

# "round": [minimum, median, maximum] into row["round", 1..3].
function read_list(line, key, part) {
    delete_list(key)
    if (match(line, "\"" key "\": \\[[^\\]]*\\]")) {
        split(substr(line, RSTART + length(key) + 5, RLENGTH - length(key) - 6), part, ", ")
        row[key, 1] = part[1] + 0
        row[key, 2] = part[2] + 0
        row[key, 3] = part[3] + 0
    }
}

function delete_list(key, i) {
    for (i = 1; i <= 3; i++) {
        row[key, i] = ""
    }
}

# False for the lines that are not rows.
function read_row(line) {
    if (line !~ /"name": /) {
        return 0
    }
    row["section"] = text_of(line, "section")
    row["name"] = text_of(line, "name")
    row["size"] = number_of(line, "size")
    row["longest"] = number_of(line, "longest")
    row["steps"] = number_of(line, "steps")
    row["cortex-a53"] = number_of(line, "cortex-a53")
    row["cortex-a72"] = number_of(line, "cortex-a72")
    row["neoverse-n1"] = number_of(line, "neoverse-n1")
    read_list(line, "round")
    read_list(line, "kernel")
    return 1
}

# The file name of a growth table's picture.
function plot_name(section) {
    section = tolower(section)
    gsub(/[^a-z0-9]+/, "-", section)
    return section ".svg"
}
