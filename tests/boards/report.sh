#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Writes the tables of docs/boards.md, between its two marks, from the table of
# expected outcomes that every run of run.sh is compared with.
#
#   tests/boards/report.sh            writes docs/boards.md
#   tests/boards/report.sh --check    says whether it is up to date

set -u

here=$(dirname "$0")
page=docs/boards.md
begin='<!-- Written by make boards-dtb UPDATE=1: begin -->'
end='<!-- Written by make boards-dtb UPDATE=1: end -->'
new=$(mktemp)
trap 'rm -f "$new"' EXIT

grep -qx -e "$begin" "$page" && grep -qx -e "$end" "$page" || {
    echo "boards: $page has lost its marks: $begin ... $end" >&2
    exit 1
}
{
    sed "/^$begin\$/q" "$page"
    echo
    LC_ALL=C awk -f "$here/report.awk" "$here/expected/debian.txt"
    echo
    sed -n "/^$end\$/,\$p" "$page"
} >"$new"
if [ "${1:-}" = --check ]; then
    cmp -s "$new" "$page" && exit
    echo "boards: $page is not what tests/boards/expected/debian.txt says: tests/boards/report.sh writes it" >&2
    exit 1
fi
cat "$new" >"$page"
