# SPDX-License-Identifier: BSD-2-Clause
#
# Makes docs/errors.md: which test shows which error of which invocation. First
# file: tests/conformance/errors.txt; second: the output of the conformance
# program at log level 3, where the kernel says why each operation failed.
# Exit status 1 when a cell is empty or an error shows up that is not listed.

function short(test) { return "`" test "`" }

# Failures that do not depend on the method: the object has no such method, or cannot be invoked at all.
function generic(reason) {
    if (reason ~ /has no such method/) return "any method that the object does not have"
    if (reason ~ /first phase/) return "TCB, CNode, domain or scheduling objects in a first phase"
    if (reason ~ /no capability that can be invoked/) return "empty slot or object being deleted"
    if (reason ~ /lacks the send right/) return "endpoint or notification without the send right"
    return ""
}

{ sub(/\r$/, "") }

FNR == 1 { file++ }

file == 1 && !/^#/ && NF {
    method[++methods] = $1
    for (i = 2; i <= NF; i++) {
        listed[$1, $i] = 1
    }
    next
}

# kaal: thread 'NAME': METHOD: ERROR: REASON
file == 2 && /^kaal: thread '.*': [a-z_ ]+: [A-Z_]+: / {
    line = $0
    sub(/^kaal: thread '[^']*': /, "", line)
    split(line, part, ": ")
    reason = substr(line, length(part[1]) + length(part[2]) + 5)
    row = generic(reason)
    pending[++pendings] = (row == "" ? part[1] : row) SUBSEP part[2]
    is_generic[pending[pendings]] = row != ""
    next
}

# ok AREA/NAME ends the test that caused the failures since the one before.
file == 2 && /^ok / {
    test = substr($0, 4)
    for (i = 1; i <= pendings; i++) {
        if (!(pending[i] in shown)) {
            shown[pending[i]] = test
        }
    }
    pendings = 0
}

# One cell; notes what is missing and what should not be there.
function cell(name, error, key) {
    key = name SUBSEP error
    if (key in listed && !(key in shown)) {
        printf "%s: no test shows %s\n", name, error > "/dev/stderr"
        bad = 1
        return ""
    }
    if (key in shown && !(key in listed)) {
        printf "%s: %s is shown by %s but not listed\n", name, error, shown[key] > "/dev/stderr"
        bad = 1
    }
    return key in listed ? short(shown[key]) : "–"
}

END {
    columns = split("TRUNCATED_MESSAGE INVALID_ARGUMENT INVALID_CAPABILITY ILLEGAL_OPERATION RANGE_ERROR ALIGNMENT_ERROR FAILED_LOOKUP DELETE_FIRST REVOKE_FIRST NOT_ENOUGH_MEMORY", column, " ")
    print "# Errors and the tests that show them"
    print ""
    print "Written by `make errors` from a run of the conformance program: each cell names a test in which the kernel answered"
    print "this error to this invocation. – : the specification lists no such error (tests/conformance/errors.txt)."
    print ""
    heading = "| invocation |"
    rule = "|---|"
    for (c = 1; c <= columns; c++) {
        heading = heading " " column[c] " |"
        rule = rule "---|"
    }
    print heading "\n" rule
    for (i = 1; i <= methods; i++) {
        row = "| " method[i] " |"
        for (c = 1; c <= columns; c++) {
            row = row " " cell(method[i], column[c]) " |"
        }
        print row
    }
    print ""
    print "## What any invocation can meet\n\n| situation | error | shown by |\n|---|---|---|"
    for (key in shown) {
        if (is_generic[key]) {
            split(key, part, SUBSEP)
            printf "| %s | %s | %s |\n", part[1], part[2], short(shown[key]) | "sort"
        }
    }
    close("sort")
    exit bad
}
