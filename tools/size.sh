#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Size of the kernel: bytes by kind of section, debug and release, and lines of
# code without comments and blank lines. Per-CPU stacks and the boot page tables
# are counted apart; the image is everything, in whole pages.
#
#   tools/size.sh                 the two tables
#   tools/size.sh --write FILE    puts them into FILE (README.md) in place of its own
#   tools/size.sh --check FILE    compares them with those of FILE
#
# Bytes belong to a compiler: FILE says of which, and those of another one are not
# compared. Exit status: 0 done or equal, 1 different (each line that differs is
# shown), 2 wrong usage, 3 the lines of code are equal and the bytes of another compiler.

set -u

cross=${CROSS:-aarch64-linux-gnu-}
compiler="${cross}gcc $("${cross}gcc" -dumpfullversion)"

# The low half of a symbol's address: the image is smaller than 4 GiB.
address_of() {
    echo $((0x$("${cross}nm" "$1" | sed -n "s/^ffffffff\([0-9a-f]*\) . $2\$/\1/p")))
}

section_sizes() {
    image=$(($(address_of "$1" image_end) - $(address_of "$1" image_start)))
    "${cross}size" -A -d "$1" | awk -v build="$2" -v image="$image" '
        $1 ~ /^\.(stack|boot_tables|page_tables|boot_page_tables|tables)/ { apart += $2; next }
        $1 ~ /^\.(head|text|vectors|init|fastpath)/ { text += $2; next }
        $1 ~ /^\.(rodata|eh_frame|note)/ { rodata += $2; next }
        $1 ~ /^\.(data|got|params)/ { data += $2; next }
        $1 ~ /^\.bss/ { bss += $2; next }
        END {
            printf "| %-7s | %6d | %6d | %6d | %6d | %7d | %17d | %7d |\n", build, text, rodata, data, bss,
                text + rodata + data + bss, apart, image
        }'
}

code_lines() {
    find "$@" -type f \( -name '*.c' -o -name '*.h' -o -name '*.S' -o -name '*.ld' \) -print | sort | xargs cat |
        awk -f tools/code-lines.awk
}

tables() {
    echo '| kernel  |   text | rodata |   data |    bss |   total | stacks and tables |   image |'
    echo '|---------|-------:|-------:|-------:|-------:|--------:|------------------:|--------:|'
    section_sizes build/aarch64-release/kernel.elf release
    section_sizes build/aarch64-debug/kernel.elf debug
    core=$(code_lines core -path core/check -prune -o)
    hal=$(code_lines hal/aarch64)
    board=$(code_lines hal/board)
    cat <<END

| lines of code (no comments, no blanks) | |
|---|---:|
| core, without core/check (the invariant checker of tests and debug kernels) | $core |
| hal/aarch64 | $hal |
| hal/board | $board |
| kernel: all three | $((core + hal + board)) |
| include/kaal | $(code_lines include/kaal) |
| core/check | $(code_lines core/check) |
END
}

# The tables of a file: from the head of the first to the last row of the second.
tables_of() {
    sed -n '/^| kernel  |/,/^| core\/check |/p' "$1"
}

write_into() {
    [ -n "$(tables_of "$1")" ] || { echo "$1: there are no tables of sizes in it" >&2; exit 1; }
    tables >build/sizes
    awk -v tables=build/sizes -v compiler="$compiler" '
        /^Bytes, measured with / { sub(/\([^)]*\)/, "(" compiler ")") }
        /^\| kernel  \|/ { while ((getline line < tables) > 0) print line; in_tables = 1 }
        !in_tables { print }
        /^\| core\/check \|/ { in_tables = 0 }' "$1" >"$1.new" && mv "$1.new" "$1"
}

# Rows of lines of code only: they depend on no compiler.
without_bytes() {
    grep -v '^| *\(release\|debug\) '
}

compare_with() {
    if grep -qF "($compiler)" "$1"; then
        other=0 filter=cat
    else
        other=3 filter=without_bytes
    fi
    now=$(tables | $filter)
    before=$(tables_of "$1" | $filter)
    if [ "$now" = "$before" ]; then
        return "$other"
    fi
    echo "$now" | while read -r row; do
        echo "$before" | grep -qxF -- "$row" || echo "$1: it is now $row"
    done
    return 1
}

case $#:${1-} in
0:) tables ;;
2:--write) write_into "$2" ;;
2:--check) compare_with "$2" ;;
*) echo "usage: tools/size.sh [--write FILE | --check FILE]" >&2; exit 2 ;;
esac
