#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The real world: fetches Debian's arm64 kernel package through the package
# manager and boots the description of every board in it on the host
# (tests/boards/read_tree.c, with sanitizers). Each tree gives either a sane
# machine or one line that names what is missing; a crash, a hang or a second
# line is a failure. Everything stays in build/boards-dtb; nothing is installed.
#
#   tests/boards/run.sh               the trees of the package
#   tests/boards/run.sh FOLDER        the trees in FOLDER, as they are, one result line each
#
# Each tree is read twice: as it is, and with 1 GiB of RAM put in where the tree
# leaves that to the boot loader. Tables: build/boards-dtb/as-is.txt and build/boards-dtb/filled.txt.

set -u

folder=build/boards-dtb
reader=build/host-board/read_tree
trees=${1:-$folder/trees}
limit=20
mkdir -p "$folder"

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
    mkdir -p "$trees.new"
    dpkg-deb --fsys-tarfile "$folder/$package"_*.deb | tar -x -C "$trees.new" --wildcards '*.dtb' ||
        fail "$package cannot be unpacked"
    rm -f "$folder/$package"_*.deb
    mv "$trees.new" "$trees"
}

# read_all TABLE [--fill]: one row a tree.
read_all() {
    table=$1
    shift
    : >"$table"
    find "$trees" -name '*.dtb' | sort | while read -r tree; do
        row=$(timeout "$limit" "$reader" "$@" "$tree" 2>"$folder/stderr.txt")
        status=$?
        name=$(basename "$(dirname "$tree")")/$(basename "$tree" .dtb)
        if [ "$status" -gt 1 ] || [ "$(echo "$row" | wc -l)" -ne 1 ] || [ -z "$row" ]; then
            echo "CRASH   $name: status $status, $(grep -m 1 -E 'ERROR|error:|panic|does not hold' "$folder/stderr.txt")"
        elif [ "$status" -eq 0 ]; then
            echo "boots   $name: $row"
        else
            echo "refused $name: $row"
        fi
    done >"$table"
}

count() {
    grep -c "^$1" "$2"
}

summary() {
    echo "$1: $(count . "$2") trees, $(count boots "$2") boot, $(count refused "$2") are refused, $(count CRASH "$2") crash ($2)"
    sed -n 's/^refused [^ ]*: //p' "$2" | sed 's/ (node .*)$//' | sort | uniq -c | sort -rn
}

if [ $# -gt 0 ]; then
    read_all "$folder/given.txt"
    sed 's/^CRASH  /FAIL/; s/^boots  /ok/; s/^refused/ok/' "$folder/given.txt"
    echo "$(grep -cv '^CRASH' "$folder/given.txt") passed, $(count CRASH "$folder/given.txt") failed"
    ! grep -q '^CRASH' "$folder/given.txt"
    exit
fi
[ -d "$trees" ] || fetch
[ -n "$(find "$trees" -name '*.dtb' | head -n 1)" ] || fail "no device trees in $trees"
read_all "$folder/as-is.txt"
read_all "$folder/filled.txt" --fill
cat "$folder/filled.txt"
echo
summary "as they are" "$folder/as-is.txt"
summary "with RAM filled in" "$folder/filled.txt"
cat "$folder/as-is.txt" "$folder/filled.txt" | grep '^CRASH' && exit 1
exit 0
