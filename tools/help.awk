# SPDX-License-Identifier: BSD-2-Clause
#
# Prints the verbs and variables of the Makefile from its "## " comments.

/^[a-z_.-]+:.*## / {
    verb = $0
    sub(/:.*/, "", verb)
    text = $0
    sub(/.*## /, "", text)
    verbs = verbs sprintf("  %-12s %s\n", verb, text)
}

/^[A-Z_]+ [?]?=.*## / {
    split($0, part, / [?]?= ?/)
    value = part[2]
    sub(/## .*/, "", value)
    text = $0
    sub(/.*## /, "", text)
    variables = variables sprintf("  %-12s %s%s\n", part[1], text, value == "" ? "" : " [" value "]")
}

END {
    printf "usage: make VERB [VARIABLE=value ...]\n\nverbs:\n%s\nvariables [default]:\n%s", verbs, variables
}
