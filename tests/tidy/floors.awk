# SPDX-License-Identifier: BSD-2-Clause
#
# The floors of the house, from the ground up (docs/architecture.md). Read before
# the rules that need them: awk -f floors.awk -f RULE.awk.

# The floor of a file; 0 when it is in none.
function floor_of(path) {
    if (path ~ /^include\/kaal\// || path ~ /^core\/base\// || path ~ /^core\/config\.h$/) return 1
    if (path ~ /^core\/[^\/]*$/) return 2
    if (path ~ /^core\/cap\//) return 3
    if (path ~ /^core\/fast\//) return 4
    if (path ~ /^core\/space\//) return 5
    if (path ~ /^core\/sched\//) return 6
    if (path ~ /^core\/ipc\//) return 7
    if (path ~ /^core\/check\//) return 8
    if (path ~ /^core\/(api|boot)\//) return 9
    if (path ~ /^hal\/[^\/]+\/(arch|inline)\//) return 2
    if (path ~ /^hal\/board\//) return 10
    if (path ~ /^hal\//) return 11
    return 0
}
