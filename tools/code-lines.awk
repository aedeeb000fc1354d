# SPDX-License-Identifier: BSD-2-Clause
#
# Counts lines that hold something besides blanks and comments, of all files together.

{
    line = $0
    kept = ""
    while (line != "") {
        if (in_comment) {
            end = index(line, "*/")
            if (!end) break
            line = substr(line, end + 2)
            in_comment = 0
            continue
        }
        start = index(line, "/*")
        if (!start) { kept = kept line; break }
        kept = kept substr(line, 1, start - 1)
        line = substr(line, start + 2)
        in_comment = 1
    }
    sub(/\/\/.*/, "", kept)
    if (kept ~ /[^ \t]/) count++
}

END { print count + 0 }
