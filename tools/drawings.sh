#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The drawings of docs/tour.md, made from the code.
#
#   tools/drawings.sh NAME            prints one: objects, space or states
#   tools/drawings.sh --write FILE    puts each into FILE, between <!-- drawing: NAME --> and <!-- end of drawing -->
#   tools/drawings.sh --check FILE    compares them with those of FILE
#
# Needs build/tools/layouts and build/host-gcc/model/transitions.
# Exit status: 0 done or equal, 1 different, 2 wrong usage.

set -u

# define FILE NAME: the number that a macro of a header stands for.
define() {
    value=$(sed -n "s/^#define $2  *\(0x[0-9a-f]*\).*/\1/p" "$1")
    [ -n "$value" ] || { echo "drawings: no number $2 in $1" >&2; exit 1; }
    echo "$value"
}

draw_space() {
    image=$(sed -n 's/^ *\. = \(0x[0-9a-f]*\);/\1/p' hal/aarch64/kernel.ld | head -n 1)
    tree=$(define hal/aarch64/layout.h BOOT_TREE_OFFSET)
    window=$(define hal/aarch64/inline/hal_inline.h HAL_WINDOW_BASE)
    top=$(define include/kaal/objects.h KAAL_USER_TOP)
    printf '    %s\n' \
        "0xffffffffffffffff" \
        "        ..." \
        "$image + $tree   the device tree as it was handed over, during boot only" \
        "$image              the kernel image: text, constants, data; stacks with a guard page below each" \
        "        ..." \
        "$window + p          the window: physical address p, if it is RAM or a device of the kernel's" \
        "-------------------  above: the kernel, in every address space; below: the user's" \
        "$top      the last address of user space" \
        "        ...          what the user has mapped there" \
        "0x0"
}

draw() {
    case $1 in
    objects) build/tools/layouts | sed 's/^./    &/' ;;
    space) draw_space ;;
    states) build/host-gcc/model/transitions ;;
    *) echo "drawings: there is no drawing $1" >&2; exit 2 ;;
    esac
}

with_drawings() {
    awk '
        /^<!-- drawing: / {
            print
            print ""
            command = "tools/drawings.sh " $3
            while ((command | getline line) > 0) print line
            if (close(command) != 0) exit 1
            print ""
            inside = 1
        }
        /^<!-- end of drawing -->/ { inside = 0 }
        !inside && !/^<!-- drawing: /' "$1"
}

case ${1:-} in
--write) with_drawings "$2" >"$2.new" && mv "$2.new" "$2" ;;
--check)
    with_drawings "$2" | diff "$2" - >build/drawings.diff && exit 0
    sed -n 's/^> /it is now /p' build/drawings.diff
    exit 1
    ;;
'' | --*) echo "usage: tools/drawings.sh NAME | --write FILE | --check FILE" >&2; exit 2 ;;
*) draw "$1" ;;
esac
