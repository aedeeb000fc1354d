#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Compiles each program of this folder with gcc and with clang, and judges: a
# program must be refused with the text that its first line expects
# (/* expect: TEXT */, a basic regular expression), or compile when that is
# "success". A compiler that is not installed is a failure.
#
#   tests/compile/run.sh     one line a program and compiler, then "N passed, N failed"

set -u
cd "$(dirname "$0")/../.." || exit 2

flags='-std=c11 -Wall -Wextra -Werror -fno-diagnostics-color -fsyntax-only -I. -Iinclude'
passed=0
failed=0

verdict() { # name good?
    if [ "$2" = yes ]; then
        passed=$((passed + 1))
        echo "ok $1"
    else
        failed=$((failed + 1))
        echo "FAIL $1: $3"
    fi
}

for compiler in gcc clang; do
    for program in tests/compile/*.c; do
        name="$(basename "$program" .c) ($compiler)"
        expected=$(sed -n '1s,^/\* expect: \(.*\) \*/$,\1,p' "$program")
        if [ -z "$expected" ]; then
            verdict "$name" no 'its first line does not say what to expect'
            continue
        fi
        # shellcheck disable=SC2086 # flags is a list of words
        output=$(LC_ALL=C $compiler $flags "$program" 2>&1)
        status=$?
        if [ "$expected" = success ]; then
            [ $status -eq 0 ] && good=yes || good=no
            verdict "$name" $good "it does not compile: $(echo "$output" | grep -m 1 error)"
        elif [ $status -eq 0 ]; then
            verdict "$name" no 'it compiles'
        elif echo "$output" | grep 'error:' | grep -q -- "$expected"; then
            verdict "$name" yes
        else
            verdict "$name" no "refused for another reason: $(echo "$output" | head -n 1)"
        fi
    done
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
