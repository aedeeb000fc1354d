# SPDX-License-Identifier: BSD-2-Clause
#
# From a table of expected outcomes (run.sh says what is in its rows) the tables of
# docs/boards.md: boards by console, boards that are refused, and every board.
#
#   awk -f report.awk FILE

function outcome_of(line) {
    sub(/^[^ ]+ [^ ]+ /, "", line)
    return line
}

# "PL011" or "none: ...", from ", timer 27, PL011 0x9000000, 4 CPUs, ".
function console_of(outcome) {
    sub(/^.*, timer [0-9]+, /, "", outcome)
    if (outcome ~ /^no console/) {
        sub(/^no console \(/, "none: ", outcome)
        sub(/\), [0-9]+ CPU.*$/, "", outcome)
        return outcome
    }
    sub(/ 0x[0-9a-f]+, .*$/, "", outcome)
    return outcome
}

function controller_of(outcome) {
    return substr(outcome, index(outcome, "GICv"), 5)
}

function reason_of(outcome) {
    sub(/^refused: /, "", outcome)
    sub(/ \(node [^)]*\)$/, "", outcome)
    return outcome
}

# Appends a name to list[key]; the keys are kept in the order of their first names.
function add(list, keys, count, key, name) {
    if (!(key in list)) {
        keys[++keys[0]] = key
    }
    list[key] = list[key] (list[key] == "" ? "" : ", ") name
    count[key]++
}

# The places of the keys from the largest number on.
function by_number(keys, count, order,    i, j, moved) {
    for (i = 1; i <= keys[0]; i++) {
        for (j = i; j > 1 && count[keys[order[j - 1]]] < count[keys[i]]; j--) {
            order[j] = order[j - 1]
        }
        order[j] = i
    }
}

function print_numbers(title, keys, count,    order, i, total) {
    by_number(keys, count, order)
    print "| " title " | boards |"
    print "|---|---:|"
    for (i = 1; i <= keys[0]; i++) {
        print "| " keys[order[i]] " | " count[keys[order[i]]] " |"
        total += count[keys[order[i]]]
    }
    print "| all | " total " |\n"
}

function with_ram(name, outcome,    parts) {
    boards++
    split(name, parts, "/")
    if (outcome ~ /^refused: /) {
        refused++
        add(refused_names, refused_keys, refused_count, reason_of(outcome), name)
        add(names, rows, row_count, parts[1] " | refused | ", parts[2])
        return
    }
    add(console_names, console_keys, console_count, console_of(outcome), name)
    add(names, rows, row_count, parts[1] " | " controller_of(outcome) " | " console_of(outcome), parts[2])
    driven += console_of(outcome) !~ /^none/
}

function as_it_is(name, outcome) {
    complete += outcome ~ /^boots: /
    if (outcome ~ /^refused: /) {
        add(bare_names, bare_keys, bare_count, reason_of(outcome), name)
    }
}

/^#/ || NF == 0 { next }
$1 == "package" { package = $2 " " $3; next }
$2 == "both" || $2 == "as-is" { as_it_is($1, outcome_of($0)) }
$2 == "both" || $2 == "filled" { with_ram($1, outcome_of($0)) }

END {
    printf "Of the %d device trees in %s, %d boot when the boot loader has filled in how much RAM there is: %d with a\n", \
        boards, package, boards - refused, driven
    printf "console, %d without. As they are in the package, %d boot: most leave the RAM to the boot loader.\n\n", \
        boards - refused - driven, complete
    print_numbers("console of a board that boots", console_keys, console_count)
    print "| refused with RAM filled in | boards | which |\n|---|---:|---|"
    for (i = 1; i <= refused_keys[0]; i++) {
        print "| " refused_keys[i] " | " refused_count[refused_keys[i]] " | " refused_names[refused_keys[i]] " |"
    }
    print ""
    print_numbers("refused as in the package", bare_keys, bare_count)
    print "| maker | interrupts | console | boards |\n|---|---|---|---|"
    for (i = 1; i <= rows[0]; i++) {
        print "| " rows[i] " | " row_count[rows[i]] ": " names[rows[i]] " |"
    }
}
