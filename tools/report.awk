# SPDX-License-Identifier: BSD-2-Clause
#
# Turns the output of one test program into one line a test, and its counts.
#
#   awk -v prefix=KIND -v mode=tap|lines -v counts=FILE -f report.awk
#
# lines: "ok NAME", "FAIL NAME: why", "skipped NAME: why", and at the end
#        "[PREFIX: ]N passed, N failed[, N skipped]", which must agree.
# tap:   what CMocka prints with CMOCKA_MESSAGE_OUTPUT=TAP.
#
# The file `counts` receives: passed failed skipped, and "complete" when the
# program said itself how many tests it had, and that many were seen.

BEGIN { passed = failed = skipped = announced = 0; closed = 0 }

{ sub(/\r$/, "") }

function result(word, name) {
    printf "%-7s %s/%s\n", word, prefix, name
    fflush()
}

mode == "tap" && /^1\.\.[0-9]+$/ { announced += substr($0, 4); closed = 1 }
mode == "tap" && /^ok [0-9]+ - / { sub(/^ok [0-9]+ - /, ""); passed++; result("ok", $0); next }
mode == "tap" && /^not ok [0-9]+ # SKIP / { sub(/^not ok [0-9]+ # SKIP /, ""); skipped++; result("skipped", $0); next }
mode == "tap" && /^not ok [0-9]+ - / { sub(/^not ok [0-9]+ - /, ""); failed++; result("FAIL", $0); next }
mode == "tap" && failed > 0 && /^# / { print "        " $0 }

mode == "lines" && /^ok +[^ ]/ { sub(/^ok +/, ""); passed++; result("ok", $0); next }
mode == "lines" && /^FAIL +[^ ]/ {
    sub(/^FAIL +/, "")
    test = $0
    sub(/ [^ ]*\.c:[0-9]+ .*/, "", test) # several checks of one test may fail
    failed += !(test in seen)
    seen[test] = 1
    result("FAIL", $0)
    next
}
mode == "lines" && /^        / { print }
mode == "lines" && /^skipped +[^ ]/ { sub(/^skipped +/, ""); skipped++; result("skipped", $0); next }
mode == "lines" && /^([a-z]+: )?[0-9]+ passed, [0-9]+ failed/ {
    sub(/^[a-z]+: /, "")
    announced = $1 + $3 + ($6 == "skipped" ? $5 : 0)
    closed = ($1 == passed && $3 == failed)
}

END {
    complete = closed && announced == passed + failed + skipped
    print passed, failed, skipped, (complete ? "complete" : "incomplete") > counts
}
