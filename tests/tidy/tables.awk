# SPDX-License-Identifier: BSD-2-Clause
#
# Numbers that come from user space are masked before they are an index: a
# subscript in the rooms that they come into is a constant, a loop counter i, the
# result of user_index() in the same function, or listed in tables.txt with the
# reason; table_at() does the rest. hal_index_masked() has one caller.
# awk -f comments.awk -f tables.awk tables.txt FILE...

NR == FNR {
    if ($0 !~ /^#/ && NF > 2) listed[$1, $2] = 1
    next
}

FNR == 1 { split_in_comment = 0 }

function allowed(subscript) {
    return subscript ~ /^[A-Z0-9_]*$/ || subscript == "i" || (subscript in masked) || ((FILENAME, subscript) in listed)
}

{
    split_line()
    if (code ~ /^}/) split("", masked)
    if (FILENAME != "core/hal.h" && code ~ /hal_index_masked/) {
        print FILENAME ":" FNR ": hal_index_masked() is for table_at() and user_index() alone (core/hal.h)"
    }
    if (FILENAME !~ /^core\/(api|cap)\//) next
    if (match(code, /[a-z_]+ = user_index[(]/)) {
        name = substr(code, RSTART, RLENGTH)
        sub(/ = .*/, "", name)
        masked[name] = 1
    }
    rest = code
    gsub(/"([^"\\]|\\.)*"/, "", rest)
    while (match(rest, /[a-z_)\]]\[[^][]*\]/)) {
        subscript = substr(rest, RSTART + 2, RLENGTH - 3)
        rest = substr(rest, RSTART + RLENGTH - 1)
        gsub(/ /, "", subscript)
        if (!allowed(subscript)) {
            print FILENAME ":" FNR ": the subscript " subscript " may be user space's: table_at() or user_index() (core/hal.h)"
        }
    }
}
