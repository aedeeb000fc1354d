#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Shows that every rule of tidy.sh can fail: each folder in samples is a small
# tree with one mistake, named RULE or RULE-DETAIL, and that rule must report a
# file of it; the tree samples/good must pass all rules.

set -u

here=$(cd "$(dirname "$0")" && pwd)
work=$(pwd)/build/tidy
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0 skipped=0

result() {
    if [ "$1" = 0 ]; then
        echo "ok $2"
        passed=$((passed + 1))
    else
        echo "FAIL $2: $3"
        failed=$((failed + 1))
    fi
}

# Compiles core and hal of a sample, so that the rules about symbols have objects.
compile() {
    (cd "$1" && find core hal -name '*.c' 2>/dev/null) | while read -r source; do
        object=$2/${source%.c}.o
        mkdir -p "$(dirname "$object")"
        (cd "$1" && gcc -std=c11 -O1 -ffreestanding -fno-builtin -I. -c "$source" -o "$object") || exit 1
    done
}

for sample in "$here"/samples/*/; do
    name=$(basename "$sample")
    rule=${name%%-*}
    log=$work/$name.log
    case $rule in
    good | globals | calls | circles | hal_uses) compile "$sample" "$work/$name" || { result 1 "$name" "does not compile"; continue; } ;;
    esac
    [ "$rule" = good ] && rule=
    # shellcheck disable=SC2086 # empty means all rules
    NM=nm "$here/tidy.sh" --root "$sample" --objects "$work/$name" $rule >"$log" 2>&1
    status=$?
    if grep -q '^skipped' "$log" && [ "$rule" != "" ]; then
        echo "skipped $name: $(sed -n 's/^skipped [a-z]*: //p' "$log")"
        skipped=$((skipped + 1))
    elif [ -z "$rule" ]; then
        result "$status" "$name tree passes every rule" "$(grep -m 1 -A 1 '^FAIL' "$log" | tr '\n' ' ')"
    elif [ "$status" -ne 0 ] && grep -q "^FAIL $rule: [0-9]* places" "$log" &&
        grep -qE '^        ((core|hal|include|user|tools|tests|docs)/|README)' "$log"; then
        result 0 "$name is reported"
    else
        result 1 "$name is reported" "it was not: $(tr '\n' ' ' <"$log")"
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
