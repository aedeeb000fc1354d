#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Writes docs/ipc-tables.md from what the unit tests of IPC check: each test tells the cells
# of its tables in the file that KAAL_IPC_CELLS names. A table with an empty cell, a cell
# without an outcome or two tests that disagree are errors.
#
#   tools/ipc-tables.sh [--check] TEST...
#
# TEST: test programs that have been built. --check: compares with the file that is there, and prints
# "ok NAME" or "FAIL NAME: why".

set -u

check=
if [ "${1:-}" = --check ]; then
    check=yes
    shift
fi
document=docs/ipc-tables.md
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: >"$work/cells"

give_up() {
    if [ -n "$check" ]; then
        echo "FAIL ipc_tables_are_up_to_date: $1"
        echo "0 passed, 1 failed"
    else
        echo "ipc-tables: $1" >&2
    fi
    exit 1
}

for program in "$@"; do
    KAAL_IPC_CELLS=$work/cells "$program" >"$work/log" 2>&1 || give_up "$(basename "$program") fails"
done
[ -s "$work/cells" ] || give_up "no test has told a cell"
awk -f tools/ipc-tables.awk "$work/cells" >"$work/document" || give_up "$(tail -n 1 "$work/document")"

if [ -z "$check" ]; then
    cp "$work/document" "$document"
elif cmp -s "$work/document" "$document"; then
    echo "ok ipc_tables_are_up_to_date"
    echo "1 passed, 0 failed"
else
    give_up "$document is not what the tests say; 'make ipc-tables' writes it"
fi
