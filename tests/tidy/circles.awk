# SPDX-License-Identifier: BSD-2-Clause
#
# No circles of calls: a file that uses a symbol of another one is above it.
#
# Input: "object type symbol" for each symbol of each object. What does not count: the
# kernel's state, which is everybody's; a panic, which does not come back; assembly
# files, the two halves of one path.

$3 == "kernel" || $3 == "hal_panic" || $1 ~ /\.S$/ { next }
$2 == "U" { count++; caller[count] = $1; wanted[count] = $3; next }
$2 ~ /^[A-Z]$/ { home[$3] = $1 }

# Depth-first search; state 1: on the way, 2: done.
function visit(file, trail,    i, callee) {
    if (state[file] == 2) return
    trail = trail (trail == "" ? "" : " -> ") file
    if (state[file] == 1) {
        print file ".c: calls itself: " trail
        return
    }
    state[file] = 1
    for (i = 1; i <= edges[file]; i++) visit(edge[file, i], trail)
    state[file] = 2
}

END {
    for (i = 1; i <= count; i++) {
        callee = home[wanted[i]]
        if (callee != "" && callee != caller[i] && !((caller[i], callee) in known)) {
            known[caller[i], callee] = 1
            edge[caller[i], ++edges[caller[i]]] = callee
            file[++files] = caller[i]
        }
    }
    for (i = 1; i <= files; i++) visit(file[i], "")
}
