# SPDX-License-Identifier: BSD-2-Clause
#
# Written only here: a member named in owners.txt is stored into by its owners
# alone. awk -f comments.awk -f owners.awk owners.txt FILE...

FNR == 1 { split_in_comment = 0 }

NR == FNR {
    if ($0 !~ /^#/ && NF > 1) {
        owned[$1] = 1
        for (i = 2; i <= NF; i++) owner[$1, ++owners[$1]] = $i
    }
    next
}

function may_write(member,    i) {
    for (i = 1; i <= owners[member]; i++) {
        if (index(FILENAME, owner[member, i]) == 1) return 1
    }
    return 0
}

{
    split_line()
    rest = code
    while (match(rest, /(->|\.)[a-z_0-9]+(\[[^]]*\])?[ ]*([-+|&^*]|<<|>>)?=[^=]/)) {
        member = substr(rest, RSTART, RLENGTH)
        is_designator = substr(rest, 1, RSTART - 1) ~ /[{,(][ ]*$/ || substr(rest, 1, RSTART - 1) ~ /^[ ]*$/
        rest = substr(rest, RSTART + RLENGTH - 1)
        sub(/^(->|\.)/, "", member)
        sub(/[^a-z_0-9].*/, "", member)
        if (owned[member] && !is_designator && !may_write(member)) {
            print FILENAME ":" FNR ": writes " member ", which belongs to " owner[member, 1]
        }
    }
}
