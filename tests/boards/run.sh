#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots the descriptions of boards on the host (read_tree.c, with sanitizers) and
# compares what comes of each with a table in the tree:
#
#   tests/boards/run.sh               every board in Debian's arm64 kernel package, which is fetched through the
#                                     package manager into build/boards-dtb; nothing is installed
#   tests/boards/run.sh FOLDER        the trees in FOLDER
#   tests/boards/run.sh --update ...  writes the table instead; of Debian's boards also docs/boards.md (report.sh)
#
# Each tree is read twice: as it is, and with 1 GiB of RAM put in where it leaves
# that to the boot loader. The table of Debian's trees is expected/debian.txt beside
# this script, that of another FOLDER expected/NAME.txt; without a table, what comes
# of the trees is shown, and only a crash fails. It has a row for each tree:
#
#   FOLDER/NAME MODE OUTCOME     MODE: as-is, filled, or both where the outcome is the same
#
# judge.awk compares. Another version of the package than the table's is said; then
# trees that only one of them has are skipped, all others judged all the same.

set -u

here=$(dirname "$0")
folder=build/boards-dtb
reader=build/host-board/read_tree
update=

fail() {
    echo "boards-dtb: $1" >&2
    exit 1
}

# The package manager with a state of its own and the sources of this machine, for another architecture; no root.
apt() {
    verb=$1
    shift
    "$verb" -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o Dir::State="$apt" -o Dir::State::status="$apt/status" \
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}

fetch() {
    command -v apt-get >/dev/null 2>&1 || fail "needs apt-get (Debian, Ubuntu); or: tests/boards/run.sh FOLDER-WITH-TREES"
    apt=$(pwd)/$folder/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    echo "boards-dtb: fetching Debian's arm64 kernel package into $folder"
    apt apt-get -qq update || fail "apt-get update failed"
    package=$(apt apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
    [ -n "$package" ] || fail "the package sources of this machine have no linux-image-arm64 (Debian's have)"
    (cd "$folder" && apt apt-get -qq download "$package") || fail "$package cannot be downloaded"
    rm -rf "$trees" "$trees.new"
    mkdir -p "$trees.new"
    dpkg-deb --fsys-tarfile "$folder/$package"_*.deb | tar -x -C "$trees.new" --wildcards '*.dtb' ||
        fail "$package cannot be unpacked"
    # shellcheck disable=SC2016 # fields of dpkg-deb
    dpkg-deb --show --showformat '${Package} ${Version}\n' "$folder/$package"_*.deb >"$folder/package.txt" ||
        fail "$package does not say its version"
    rm -f "$folder/$package"_*.deb
    mv "$trees.new" "$trees"
}

# read_all [--fill]: a row for each tree, sorted. A crash is a row, too.
read_all() {
    find "$trees" -name '*.dtb' | sort | xargs "$reader" "$@" | sort
}

summary() {
    echo "$1: $(grep -c . "$2") trees, $(grep -c ': boots: ' "$2") boot, $(grep -c ': refused: ' "$2") are refused," \
        "$(grep -c ': CRASH: ' "$2") crash ($2)"
    sed -n 's/^[^ ]*: refused: //p' "$2" | sed 's/ (node .*)$//' | sort | uniq -c | sort -rn
}

# From the results of both readings the rows of the table.
rows() {
    awk '{ name = substr($1, 1, length($1) - 1); outcome = substr($0, length($1) + 2) }
         FNR == NR { asis[name] = outcome; next }
         asis[name] == outcome { print name, "both", outcome; next }
         { print name, "as-is", asis[name]; print name, "filled", outcome }' "$as_is" "$filled"
}

write_table() {
    grep -h ': CRASH: ' "$as_is" "$filled" && fail "$table is not written: a crash is not an expected outcome"
    mkdir -p "$(dirname "$table")"
    {
        echo "# What comes of each board: written by tests/boards/run.sh --update, compared by every run."
        echo "package $package"
        rows
    } >"$table.new"
    [ ! -f "$table" ] || echo "boards-dtb: $(diff "$table" "$table.new" | grep -c '^>') rows of $table are new or changed"
    mv "$table.new" "$table"
    echo "boards-dtb: $table has $(grep -c . "$as_is") trees"
}

if [ "${1:-}" = --update ]; then
    update=yes
    shift
fi
if [ $# -gt 0 ]; then
    trees=$1
    name=$(basename "$1")
    package="none: the trees are in $name"
else
    trees=$folder/trees
    name=debian
    mkdir -p "$folder"
    [ -d "$trees" ] && [ -f "$folder/package.txt" ] || fetch
    package=$(cat "$folder/package.txt")
fi
table=$here/expected/$name.txt
as_is=$folder/$name-as-is.txt
filled=$folder/$name-filled.txt
[ -n "$(find "$trees" -name '*.dtb' 2>/dev/null | head -n 1)" ] || fail "no device trees in $trees"
mkdir -p "$folder"
read_all >"$as_is" &
read_all --fill >"$filled"
wait $!
if [ -n "$update" ]; then
    write_table
    [ "$name" != debian ] || "$here/report.sh"
    exit
fi
[ -f "$table" ] || table=/dev/null
rows | awk -v table="$table" -v package="$package" -f "$here/judge.awk" "$table" - >"$folder/$name-verdict.txt"
status=$?
sed '$d' "$folder/$name-verdict.txt"
if [ $# -eq 0 ]; then
    summary "as they are" "$as_is" | sed 's/^/        /'
    summary "with RAM filled in" "$filled" | sed 's/^/        /'
fi
tail -n 1 "$folder/$name-verdict.txt"
exit "$status"
