# SPDX-License-Identifier: BSD-2-Clause
#
# Prints the verbs and variables of makefiles from their "## " comments: the verbs under the headings of the files
# ("# ---- Build ----"), in the order in which these first come.

/^# ---- .* ----$/ {
    heading = $0
    gsub(/^# ---- | ----$/, "", heading)
}

/^[a-z_.-]+:.*## / {
    verb = $0
    sub(/:.*/, "", verb)
    text = $0
    sub(/.*## /, "", text)
    if (!(heading in verbs)) group[++groups] = heading
    verbs[heading] = verbs[heading] sprintf("  %-12s %s\n", verb, text)
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
    printf "usage: make VERB [VARIABLE=value ...]\n"
    for (i = 1; i <= groups; i++) printf "\n%s:\n%s", tolower(group[i]), verbs[group[i]]
    printf "\nvariables [default]:\n%s", variables
}
