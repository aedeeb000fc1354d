# SPDX-License-Identifier: BSD-2-Clause
#
# A hardware layer uses of the core only what hal_uses.txt lists.
#
# Input: hal_uses.txt, then "object type symbol" for each symbol of each object.

NR == FNR { if ($0 !~ /^#/) allowed[$1] = 1; next }
$2 == "U" {
    if ($1 ~ /^hal\//) {
        caller[++count] = $1
        wanted[count] = $3
    }
    next
}
$2 ~ /^[A-Z]$/ && $1 ~ /^core\// { home[$3] = $1 }

END {
    for (i = 1; i <= count; i++) {
        if (wanted[i] in home && !(wanted[i] in allowed)) {
            print caller[i] ".c: uses " wanted[i] " of " home[wanted[i]] ".c, which is not for hardware layers (hal_uses.txt)"
        }
    }
}
