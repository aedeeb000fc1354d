# SPDX-License-Identifier: BSD-2-Clause
#
# The floors of the house, from the ground up (docs/architecture.md). Read before
# the rules that need them: awk -f floors.awk -f RULE.awk.

# The floor of a file; 0 when it is in none.
function floor_of(path) {
    if (path ~ /^include\/kaal\// || path ~ /^core\/base\// || path ~ /^core\/config\.h$/) return 1
    if (path ~ /^core\/[^\/]*$/) return 2
    if (path ~ /^core\/cap\//) return 3
    if (path ~ /^core\/sched\//) return 4
    if (path ~ /^core\/ipc\//) return 5
    if (path ~ /^core\/(api|boot|check)\//) return 6
    if (path ~ /^hal\//) return 7
    return 0
}
