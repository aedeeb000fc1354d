# SPDX-License-Identifier: BSD-2-Clause
#
# Length of functions, from the line of the opening brace to that of the closing
# one. Over 50 lines: a warning. Over 70: a violation.

FNR == 1 { start = 0 }

/^[A-Za-z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }

/^\{/ { start = FNR }

/^\}/ && start > 0 {
    lines = FNR - start + 1
    if (lines > 70) {
        print FILENAME ":" start ": " name " has " lines " lines (limit 70)"
    } else if (lines > 50) {
        print "warning: " FILENAME ":" start ": " name " has " lines " lines (better: 50)"
    }
    start = 0
}
