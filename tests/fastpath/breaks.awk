# SPDX-License-Identifier: BSD-2-Clause
#
# Judges the log of tests/fastpath/breaks.sh. Files, in this order: the table of
# excused breaks, the disassembly, the log. One result for each label of the code.

FNR == 1 { file++ }

{ sub(/\r$/, "") }

# LABEL | INSTRUCTION | KIND | REASON
file == 1 && /^[a-z]/ {
    split($0, field, / *\| */)
    excused[field[1] "|" field[2] "|" field[3]] = 1
    next
}

file == 2 && /^[0-9a-f]+ <.*>:$/ { label = $2; gsub(/[<>:]/, "", label); next }
file == 2 && /^ *[0-9a-f]+:\t/ {
    address = $1
    sub(/:$/, "", address)
    text = $0
    sub(/^[^\t]*\t/, "", text)
    sub(/ *\/\/.*/, "", text)
    gsub(/\t/, " ", text)
    sub(/[0-9a-f]+ <[^+>]*/, "&>", text)        # branch targets: the label alone, without address and distance
    sub(/[0-9a-f]+ </, "", text)
    sub(/>.*/, "", text)
    sub(/ +$/, "", text)
    label_of["0x" address] = label
    text_of["0x" address] = text
    next
}

file == 3 && /^break / {
    address = $6
    gsub(/[(,]/, "", address)
    where = label_of[address]
    key = where "|" text_of[address] "|" $NF
    made[where]++
    total++
    if (!(where in seen)) {
        seen[where] = 1
        order[++labels] = where
    }
    next
}
file == 3 && /^noticed/ { noticed[where]++; all_noticed++; next }
file == 3 && /^UNNOTICED/ {
    if (key in excused) {
        used[key] = 1
        equivalent[where]++
    } else {
        missed[where] = missed[where] "        not noticed: " key "\n"
    }
}

END {
    failed = 0
    for (i = 1; i <= labels; i++) {
        where = order[i]
        if (noticed[where] + equivalent[where] == made[where]) {
            printf "ok breaks/%s: %d of %d noticed", where, noticed[where], made[where]
            print equivalent[where] ? ", the others change nothing" : ""
        } else {
            printf "FAIL breaks/%s: %d of %d noticed\n%s", where, noticed[where], made[where], missed[where]
            failed++
        }
    }
    for (key in excused) {
        if (!(key in used)) {
            print "FAIL breaks/excuses: tests/fastpath/equivalent.txt excuses what is noticed: " key
            failed++
        }
    }
    if (all_noticed < 20) {
        print "FAIL breaks/number: only " all_noticed + 0 " breaks noticed"
        failed++
    }
    exit failed > 0
}
