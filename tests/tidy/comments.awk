# SPDX-License-Identifier: BSD-2-Clause
#
# What a line says to people and what it says to the machine. Read before the
# rules that need it: awk -f comments.awk -f RULE.awk. Call split_line() once for
# each line; then
#   comment        the words of its comments; of a document, all of it
#   code           the rest, with the contents of string literals
#   comment_opens  nonzero: these words do not continue those of the line before

# "c": /* */ and //; "hash": # to the end of the line; "text": a document; "": none of them.
function kind_of(path) {
    if (path ~ /\.(c|h|S|ld|dts)$/) return "c"
    if (path ~ /\.(sh|awk|txt|gdb|mk)$/ || path ~ /(^|\/)(Makefile|run)$/) return "hash"
    if (path ~ /\.md$/) return "text"
    return ""
}

# Length of the literal that `text` begins with; 0: it begins with none.
function literal_length(text) {
    if (match(text, /^"([^"\\]|\\.)*"/) || match(text, /^'([^'\\]|\\.)'/)) return RLENGTH
    return 0
}

function split_c_line(text,    at, literal) {
    while (text != "") {
        if (split_in_comment) {
            at = index(text, "*/")
            comment = comment (at ? substr(text, 1, at - 1) : text) " "
            text = at ? substr(text, at + 2) : ""
            split_in_comment = !at
        } else if (!match(text, /["']|\/\*|\/\//)) {
            code = code text
            text = ""
        } else {
            code = code substr(text, 1, RSTART - 1)
            text = substr(text, RSTART)
            if (substr(text, 1, 2) == "//") {
                comment = comment substr(text, 3)
                text = ""
            } else if (substr(text, 1, 2) == "/*") {
                split_in_comment = 1
                text = substr(text, 3)
            } else {
                literal = literal_length(text)
                if (!literal) literal = 1
                code = code substr(text, 1, literal)
                text = substr(text, literal + 1)
            }
        }
    }
    sub(/^[ \t]*\*+/, "", comment)
}

function split_hash_line(text) {
    if (text ~ /^#!/) return
    if (match(text, /(^|[ \t])#/)) {
        code = substr(text, 1, RSTART - 1)
        comment = substr(text, RSTART + RLENGTH)
    } else {
        code = text
    }
}

function split_line(    kind) {
    if (FNR == 1) split_in_comment = split_comment_above = 0
    kind = kind_of(FILENAME)
    comment = code = ""
    comment_opens = kind == "c" ? !split_in_comment : !split_comment_above
    if (kind == "c") split_c_line($0)
    else if (kind == "hash") split_hash_line($0)
    else comment = $0
    split_comment_above = comment ~ /[^ \t]/
}
