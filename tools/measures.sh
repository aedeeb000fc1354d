#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The measures of the house, room by room: files, functions and the longest of
# them, lines of code, assertions and how many for a hundred functions.
#
#   tools/measures.sh                 the table
#   tools/measures.sh --write FILE    puts it into FILE (docs/architecture.md) in place of its own
#   tools/measures.sh --check FILE    compares it with that of FILE
#
# Exit status: 0 done or equal, 1 different, 2 wrong usage.

set -u

head='| room | files | functions | longest | lines of code | assertions | for 100 functions |'

sources() {
    find "$@" -type f \( -name '*.c' -o -name '*.h' \) -print | sort
}

# row NAME FIND-ARGUMENT...
row() {
    name=$1
    shift
    lines=$(find "$@" -type f \( -name '*.[chS]' -o -name '*.ld' \) -print | sort | xargs cat | awk -f tools/code-lines.awk)
    sources "$@" | xargs awk -f tools/measures.awk | awk -v name="$name" -v lines="$lines" '{
        printf "| %s | %d | %d | %d | %d | %d | %d |\n", name, $1, $2, $3, lines, $4, $2 ? 100 * $4 / $2 : 0
    }'
}

table() {
    echo "$head"
    echo '|---|---:|---:|---:|---:|---:|---:|'
    row '`core/*`' core -maxdepth 1
    for room in base cap fast space sched ipc api boot check; do
        row "\`core/$room\`" "core/$room"
    done
    row 'core without core/check' core -path core/check -prune -o
    for room in hal/*/ include/kaal/ user/*/; do
        row "\`${room%/}\`" "${room%/}"
    done
}

table_of() {
    awk -v head="$head" '$0 == head { inside = 1 } inside && !/^\|/ { exit } inside' "$1"
}

case ${1:-} in
'') table ;;
--write)
    [ -n "$(table_of "$2")" ] || { echo "$2: there is no table of measures in it" >&2; exit 1; }
    table >build/measures
    awk -v head="$head" '
        $0 == head { while ((getline line < "build/measures") > 0) print line; inside = 1 }
        inside && !/^\|/ { inside = 0 }
        !inside' "$2" >"$2.new" && mv "$2.new" "$2"
    ;;
--check)
    mkdir -p build
    table >build/measures
    table_of "$2" | diff - build/measures >build/measures.diff && exit 0
    sed -n 's/^> /it is now /p' build/measures.diff
    exit 1
    ;;
*) echo "usage: tools/measures.sh [--write FILE | --check FILE]" >&2; exit 2 ;;
esac
