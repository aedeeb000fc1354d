#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The rules of the house that a program can check. One line a rule, details
# below it, and "tidy: N passed, N failed" at the end.
#
#   tests/tidy/tidy.sh [--root FOLDER] [--objects FOLDER] [RULE...]
#
# --root: the tree to check. --objects: object files of its kernel (for the rules
# about symbols), compiled without link-time optimisation; may be given again for
# another machine. Environment: NM.
# tests/tidy/selftest.sh shows that each rule fails on a bad sample.

set -u

here=$(cd "$(dirname "$0")" && pwd)
root=.
objects=
nm=${NM:-${CROSS:-aarch64-linux-gnu-}nm}
rules=
all_rules="spdx whitespace markers format layering architecture conditionals assembly length limits assertions owners positions tables"
all_rules="$all_rules citations names globals calls circles hal_uses"

while [ $# -gt 0 ]; do
    case $1 in
    --root) root=$2; shift 2 ;;
    --objects) objects="$objects $2"; shift 2 ;;
    *) rules="$rules $1"; shift ;;
    esac
done
objects=${objects:-$(pwd)/build/aarch64-debug/obj $(pwd)/build/host-gcc/obj}
cd "$root" || exit 2

# files PATTERN...: the files of the tree with these names, without built ones and the bad samples.
files() {
    expression="-name $1"
    shift
    for pattern in "$@"; do
        expression="$expression -o -name $pattern"
    done
    set -f
    # shellcheck disable=SC2086 # an expression of several words
    find . \( -path ./build -o -path ./.git -o -path ./tests/tidy/samples \) -prune -o \
        -type f \( $expression \) -print | sed 's|^\./||' | sort
    set +f
}

c_files() {
    files '*.c' '*.h'
}

text_files() {
    files '*.c' '*.h' '*.S' '*.ld' '*.sh' '*.awk' '*.md' '*.dts' 'Makefile' '*.mk' 'run'
}

# Each rule prints one line a violation: "path[:line]: what".

rule_spdx() {
    for file in $(files '*.c' '*.h' '*.S' '*.ld' '*.sh' '*.awk' '*.dts' 'Makefile' '*.mk'); do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
            echo "$file: no SPDX-License-Identifier: BSD-2-Clause in the first two lines"
    done
}

rule_whitespace() {
    tab=$(printf '\t')
    text_files | xargs grep -nE "[ $tab]+\$" /dev/null | sed 's/:\([0-9]*\):.*/:\1: blank at the end of the line/'
    c_files | xargs grep -n "$tab" /dev/null | sed 's/:\([0-9]*\):.*/:\1: tab/'
    for file in $(text_files); do
        [ -z "$(tail -c 1 "$file")" ] || echo "$file: no newline at the end"
    done
}

rule_markers() {
    text_files | xargs grep -nwE 'TO''DO|FIX''ME|X''XX' /dev/null | sed 's/:\([0-9]*\):.*/:\1: unfinished work/'
}

rule_format() {
    c_files | xargs "$formatter" --dry-run 2>&1 | sed -n 's/^\([^:]*:[0-9]*\):.*clang-format-violations.*/\1: not as clang-format writes it/p' | sort -u
}

rule_layering() {
    c_files | grep -E '^(include|core|hal|user)/' | xargs awk -f "$here/floors.awk" -f "$here/layering.awk"
}

rule_conditionals() {
    c_files | xargs awk -f "$here/conditionals.awk"
}

rule_assembly() {
    c_files | grep -E '^(include|core)/' | xargs grep -nE '\b(asm|__asm__|__asm)\b *(volatile|__volatile__)? *\(' /dev/null |
        sed 's/:\([0-9]*\):.*/:\1: assembly in portable code/'
    files '*.S' '*.s' | grep -E '^(include|core)/' | sed 's/$/: assembly in portable code/'
}

rule_length() {
    c_files | xargs awk -f "$here/length.awk"
}

# The files that people read: what the rules about words look at.
worded_files() {
    files '*.c' '*.h' '*.S' '*.ld' '*.sh' '*.awk' '*.md' '*.txt' '*.dts' '*.gdb' 'Makefile' '*.mk' 'run'
}

rule_citations() {
    # shellcheck disable=SC2046 # lists
    awk -f "$here/comments.awk" -f "$here/citations.awk" $(files '*.md' | grep '^docs/spec/') $(worded_files)
}

rule_names() {
    # shellcheck disable=SC2046 # lists
    find . \( -path ./build -o -path ./.git -o -path './tests/tidy/samples/*' \) -prune -o -print |
        awk -f "$here/comments.awk" -f "$here/names.awk" - "$here/names_allowed.txt" $(worded_files) $(worded_files)
}

# symbols FOLDER ROOM...: nm of every object of these rooms that has a source, as "path type symbol".
symbols() {
    tree=$(pwd)
    (cd "$1" && shift && find "$@" -name '*.o' 2>/dev/null | sort | while read -r object; do
        object=${object%.o}
        if [ -e "$tree/$object" ] || [ -e "$tree/$object.c" ]; then
            "$nm" "$object.o" | awk -v object="$object" '{ print object, $(NF - 1), $NF }'
        fi
    done)
}

# What core says of symbols is the same on every machine: the first folder will do.
core_symbols() {
    # shellcheck disable=SC2086 # a list
    set -- $objects
    symbols "$1" core
}

rule_globals() {
    core_symbols | awk '$2 ~ /^[dDbBCsSgG]$/ && $3 != "kernel" { print $1 ".c: writable global " $3 }'
}

rule_calls() {
    core_symbols | awk -f "$here/floors.awk" -f "$here/calls.awk"
}

rule_circles() {
    for folder in $objects; do
        symbols "$folder" core hal | awk -f "$here/circles.awk"
    done | sort -u
}

rule_hal_uses() {
    for folder in $objects; do
        symbols "$folder" core hal | awk -f "$here/hal_uses.awk" "$here/hal_uses.txt" -
    done | sort -u
}

rule_architecture() {
    c_files | grep '^core/' | xargs awk -f "$here/comments.awk" -f "$here/architecture.awk" /dev/null
}

rule_owners() {
    c_files | grep -E '^(core|hal)/' | xargs awk -f "$here/comments.awk" -f "$here/owners.awk" "$here/owners.txt"
}

rule_positions() {
    c_files | grep '^core/api/' | xargs awk -f "$here/comments.awk" -f "$here/positions.awk" /dev/null
}

rule_tables() {
    c_files | grep -E '^core/' | xargs awk -f "$here/comments.awk" -f "$here/tables.awk" "$here/tables.txt"
}

# room_files FOLDER [LEFT-OUT]: its sources, without those of another folder.
room_files() {
    files '*.c' '*.h' '*.S' '*.ld' | grep "^$1/" | grep -v "^${2:-nothing}/"
}

# The numbers of a tree are its own.
numbers() {
    grep -hv '^#' "tests/tidy/$1" 2>/dev/null
}

rule_limits() {
    numbers limits.txt | while read -r room limit; do
        left_out=${room#*,}
        [ "$left_out" != "$room" ] || left_out=
        count=$(room_files "${room%%,*}" "$left_out" | xargs cat /dev/null | awk -f "$here/../../tools/code-lines.awk")
        [ "$count" -le "$limit" ] || echo "${room%%,*}/: $count lines of code (limit $limit)"
    done
}

rule_assertions() {
    numbers assertions.txt | while read -r room minimum; do
        room_files "$room" | grep '[.][ch]$' | xargs awk -f "$here/../../tools/measures.awk" /dev/null |
            awk -v room="$room" -v minimum="$minimum" '$2 > 0 && $4 * 100 / $2 < minimum {
                printf "%s/: %.2f assertions a function, %.2f before: contracts are not taken away\n",
                    room, $4 / $2, minimum / 100
            }'
    done
}

# Why a rule cannot be checked here, if it cannot.
obstacle() {
    case $1 in
    format) [ -n "$formatter" ] || echo "clang-format-14 is not installed" ;;
    globals | calls | circles | hal_uses)
        for folder in $objects; do
            [ -n "$(find "$folder/core" -name '*.o' 2>/dev/null | head -n 1)" ] || echo "FAIL no objects of core in $folder"
        done
        ;;
    esac
}

formatter=$(command -v clang-format-14)
passed=0 failed=0 skipped=0
for rule in ${rules:-$all_rules}; do
    why=$(obstacle "$rule")
    case $why in
    FAIL*) echo "FAIL $rule: ${why#FAIL }"; failed=$((failed + 1)); continue ;;
    ?*) echo "skipped $rule: $why"; skipped=$((skipped + 1)); continue ;;
    esac
    output=$("rule_$rule" 2>&1)
    violations=$(echo "$output" | grep -v '^warning: ' | grep .)
    if [ -z "$violations" ]; then
        echo "ok $rule"
        passed=$((passed + 1))
    else
        echo "FAIL $rule: $(echo "$violations" | wc -l) places"
        echo "$violations" | sed 's/^/        /'
        failed=$((failed + 1))
    fi
    echo "$output" | sed -n 's/^warning: /        warning: /p'
done
printf 'tidy: %d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ]
