# SPDX-License-Identifier: BSD-2-Clause
#
# Compares what came of device trees with a table (run.sh says what is in the rows).
#
#   awk -v table=FILE -v package="NAME VERSION" -f judge.awk FILE -
#
# The last line of the output is "N passed, N failed[, N skipped]". A table of
# /dev/null: nothing is expected, and what came of the trees is shown.

function verdict(word, text) {
    printf "%-7s %s\n", word, text
    count[word]++
}

function outcome_of(line) {
    sub(/^[^ ]+ [^ ]+ /, "", line)
    return line
}

# The table's trees, and those that were read: outcome as it is and with RAM.
function note(outcomes, names, line) {
    names[$1] = 1
    if ($2 == "both") {
        outcomes[$1, "as-is"] = outcomes[$1, "filled"] = outcome_of(line)
    } else {
        outcomes[$1, $2] = outcome_of(line)
    }
}

# "" or what is wrong.
function difference(name, mode, words) {
    if (found[name, mode] ~ /^CRASH: /) {
        return words " " found[name, mode]
    }
    if (table != "/dev/null" && found[name, mode] != expected[name, mode]) {
        return words " " found[name, mode] " -- expected: " expected[name, mode]
    }
    return ""
}

function judge(name,    why) {
    if (table != "/dev/null" && !(name in in_table)) {
        verdict(other ? "skipped" : "FAIL", name ": not in " table ", with RAM filled in " found[name, "filled"])
        return
    }
    why = difference(name, "as-is", "as it is")
    if (why == "") {
        why = difference(name, "filled", "with RAM filled in")
    }
    if (why == "") {
        verdict("ok", name ": " found[name, "filled"])
    } else {
        verdict("FAIL", name ": " why)
    }
}

BEGIN { count["ok"] = count["FAIL"] = count["skipped"] = 0 }

/^#/ || NF == 0 { next }
$1 == "package" && FILENAME == table { expected_package = substr($0, 9); next }
FILENAME == table { row[++rows] = $1; note(expected, in_table, $0); next }
{ order[++trees] = $1; note(found, read, $0) }

END {
    other = table != "/dev/null" && package != expected_package
    if (other) {
        printf "boards-dtb: these trees are from %s, the table is from %s: trees that only one has are skipped\n", \
            package, expected_package
    }
    for (i = 1; i <= trees; i++) {
        if (order[i] != order[i - 1]) {
            judge(order[i])
        }
    }
    for (i = 1; i <= rows; i++) {
        if (row[i] != row[i - 1] && !(row[i] in read)) {
            verdict(other ? "skipped" : "FAIL", row[i] ": in " table ", but there is no such tree")
        }
    }
    if (count["FAIL"] > 0 && table != "/dev/null") {
        print "boards-dtb: where the new outcome is right: make boards-dtb UPDATE=1; for other trees: tests/boards/run.sh --update FOLDER"
    }
    printf "%d passed, %d failed", count["ok"], count["FAIL"]
    print (count["skipped"] > 0 ? ", " count["skipped"] " skipped" : "")
    exit count["FAIL"] > 0 || count["ok"] == 0
}
