# SPDX-License-Identifier: BSD-2-Clause
#
# Decoders name the arguments that they read (core/api/arguments.h): no literal
# position. Read behind comments.awk; looks at whole statements.

BEGIN {
    reader = "(argument|extra_cap|extra_slot|extra_number|fail_argument|fail_extra|fail_capability)"
    position = "[0-9]+u?"
}

function trimmed(text) {
    gsub(/^[^a-z>.-]+/, "", text)
    return text
}

function report(what) {
    print FILENAME ":" FNR ": a literal position in " what ", which arguments.h has a name for"
}

# The arguments of the call that `text` begins behind the parenthesis of, without what is in parentheses itself.
function own_arguments(text,    i, c, depth, own) {
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == ")" && depth-- == 0) return own
        if (c == "(") depth++
        else if (depth == 0) own = own c
    }
    return own
}

function look(statement,    rest, name) {
    if (match(statement, "(^|[^a-z_])" reader "[(]([a-z_]+, *)?" position " *[,)]")) {
        report(trimmed(substr(statement, RSTART, RLENGTH)))
    }
    if (match(statement, /(->|[.])extra\[[0-9]+u?\]/)) report(trimmed(substr(statement, RSTART, RLENGTH)))
    rest = statement
    while (match(rest, /lookup_[a-z_]*[(]/)) {
        name = substr(rest, RSTART, RLENGTH - 1)
        rest = substr(rest, RSTART + RLENGTH)
        if (own_arguments(rest) ~ ", *" position " *(,|$)") report("a call of " name)
    }
}

FNR == 1 { split_in_comment = 0; statement = "" }

{
    split_line()
    statement = statement " " code
    if (code ~ /[;{}][ ]*$/) {
        gsub(/ +/, " ", statement)
        gsub(/[(] /, "(", statement)
        look(statement)
        statement = ""
    }
}
