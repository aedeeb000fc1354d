#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Shows that each kind of test can fail: plants the faults of tests/canaries in a
# copy of the tree, one at a time, and runs the kind of tests that must notice.
#
#   tools/canaries.sh [TEXT]      only the canaries with TEXT in their name
#
# A canary is good when the tests pass without the fault, the patch applies, and the
# tests then fail with a line for the expected test: a tree that does not build, or
# another test that fails, is not enough. The copy is build/canaries/tree and stays
# there, so that only what a patch touches is built again; whole outputs are in
# build/canaries/logs. Environment: ALL_KINDS, FUZZ_TARGETS, MODELS, STEP_TESTS, each
# of which must have a canary; CROSS, HOST_CC.

set -u

only=${1:-}
folder=$(pwd)/build/canaries
tree=$folder/tree
logs=$folder/logs
list=tests/canaries/list.txt
watch=$(pwd)/build/tools/watch
limit=900
passed=0 failed=0 skipped=0
mkdir -p "$tree" "$logs"
: >"$folder/without"

result() {
    case $1 in
    ok) echo "ok      $2"; passed=$((passed + 1)) ;;
    FAIL) echo "FAIL    $2: $3"; failed=$((failed + 1)) ;;
    skipped) echo "skipped $2: $3"; skipped=$((skipped + 1)) ;;
    esac
}

# ---- The copy of the tree ----

# The files of the tree as they are now, committed or not.
sources() {
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard | while read -r file; do
            [ ! -e "$file" ] || echo "$file"
        done
    else
        find . -path ./build -prune -o -type f ! -name compile_commands.json -print | sed 's|^\./||'
    fi | sort
}

# Gives these files of the copy the contents of the tree's, and a new date only where they differ.
restore() {
    while read -r file; do
        cmp -s "$file" "$tree/$file" && continue
        mkdir -p "$tree/$(dirname "$file")" && cp "$file" "$tree/$file" || exit 1
    done
}

copy_tree() {
    sources >"$folder/sources"
    (cd "$tree" && find . -path ./build -prune -o -type f ! -name compile_commands.json -print) | sed 's|^\./||' | sort |
        comm -13 "$folder/sources" - | while read -r file; do rm -f "$tree/$file"; done
    restore <"$folder/sources"
}

# The files that a patch is about; none of them is new, and none goes.
patched_files() {
    sed -n 's|^+++ b/\([^	]*\).*|\1|p' "$1"
}

# ---- Running tests in the copy ----

# tests LOG KIND [VARIABLE=VALUE...]
tests() {
    log=$1 kind=$2
    shift 2
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS "$watch" --quiet --limit "$limit" --log "$log" --name "$kind" -- \
        make -s -C "$tree" DEPS=off CROSS="$CROSS" HOST_CC="$HOST_CC" test KINDS="$kind" "$@" >/dev/null 2>&1
}

# Do these tests pass in the intact tree? They are run once for all canaries that want the same.
pass_without_fault() {
    why=$(awk -F '|' -v run="$1" '$1 == run { print $2 }' "$folder/without")
    if [ -z "$why" ]; then
        log=$logs/without-$(echo "$1" | tr -c 'A-Za-z0-9\n' '-').log
        # shellcheck disable=SC2086 # a kind and variables
        if tests "$log" $1; then
            why=pass
        else
            why="without the fault: $(grep -m 1 -E '^FAIL|rror' "$log") (whole output: $log)"
        fi
        printf '%s|%s\n' "$1" "$why" >>"$folder/without"
    fi
    [ "$why" = pass ]
}

# canary NAME RUN TEXT: one line of the list.
canary() {
    name=$1 run=$2 text=$3
    patch=tests/canaries/$name.patch
    [ -e "$patch" ] || { result FAIL "$name" "there is no $patch"; return; }
    pass_without_fault "$run" || { result FAIL "$name" "$why"; return; }
    if ! patch -d "$tree" -p1 -s -f --fuzz=0 --no-backup-if-mismatch -r - <"$patch" >"$logs/$name.patch.log" 2>&1; then
        patched_files "$patch" | restore
        result FAIL "$name" "$patch does not apply any more: $(head -n 1 "$logs/$name.patch.log")"
        return
    fi
    log=$logs/$name.log
    # shellcheck disable=SC2086 # a kind and variables
    tests "$log" $run
    status=$?
    if [ "$status" -ne 0 ] && grep -qE "^FAIL +${text%% else skipped *}" "$log"; then
        result ok "$name"
    elif [ "$text" != "${text#* else skipped }" ] && grep -qE "^skipped .*${text#* else skipped }" "$log"; then
        result skipped "$name" "$(grep -m 1 -E "^skipped .*${text#* else skipped }" "$log")"
    else
        result FAIL "$name" "no line 'FAIL $text'; instead: $(grep -m 1 -E '^FAIL|rror|passed' "$log") (whole output: $log)"
    fi
    patched_files "$patch" | restore
}

# ---- The list ----

trim() {
    printf '%s\n' "$1" | sed 's/^ *//; s/ *$//'
}

# Every kind of tests, and every program of the kinds that have one for each part, is watched by a canary.
check_list() {
    for place in $ALL_KINDS $(printf 'fuzz/%s ' $FUZZ_TARGETS) $(printf 'model/%s ' $MODELS) \
        $(printf 'steps/%s ' $STEP_TESTS); do
        cut -d '|' -f 3 "$list" | grep -qE "^ *$place[/: ]" || result FAIL "$list" "no canary for $place"
    done
    for patch in tests/canaries/*.patch; do
        grep -q "^$(basename "$patch" .patch) *|" "$list" || result FAIL "$list" "no line for $patch"
    done
}

command -v patch >/dev/null 2>&1 || { echo "canaries: patch is not installed (Debian: apt-get install patch)" >&2; exit 1; }
copy_tree || { echo "canaries: cannot copy the tree to $tree" >&2; exit 1; }
check_list
# The list comes through another handle: what runs inside must not read it.
while IFS='|' read -r name run text reason <&3; do
    case $name in
    '' | '#'*) ;;
    *"$only"*) canary "${name%% *}" "$(trim "$run")" "$(trim "$text")" ;;
    esac
done 3<"$list"
printf '%d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
