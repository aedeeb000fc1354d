# SPDX-License-Identifier: BSD-2-Clause
#
# Layering by symbols: what core calls is in core, on the caller's floor or below,
# or is the hardware layer's (core/hal.h). No libc: only the four memory functions
# that a compiler may call by itself.
#
# Input: "object type symbol" for each symbol of each object of core.

$2 == "U" { count++; caller[count] = $1; wanted[count] = $3; next }
$2 ~ /^[A-Z]$/ { home[$3] = $1 }

END {
    for (i = 1; i <= count; i++) {
        symbol = wanted[i]
        if (symbol in home) {
            if (floor_of(home[symbol]) > floor_of(caller[i])) {
                print caller[i] ".c: uses " symbol " of the higher " home[symbol] ".c"
            }
        } else if (symbol !~ /^hal_/ && symbol !~ /^mem(cpy|set|move|cmp)$/) {
            print caller[i] ".c: uses " symbol ", which is neither in core nor in core/hal.h"
        }
    }
}
