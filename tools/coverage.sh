#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs the unit and conformance tests of the coverage build and reports line and
# branch coverage of core and of what hal/aarch64 shares with the host: build/coverage/index.html and build/coverage/core.txt.
# The failing side of an assertion is not a branch that a test can take.

set -u

export KAAL_DTB_DIR=build/dts KAAL_MKIMAGE=build/tools/mkimage
out=build/coverage
rm -rf "$out"
mkdir -p "$out" build/logs
find build/host-cov -name '*.gcda' -delete

status=0
for program in build/host-cov/unit/* build/host-cov/program/*; do
    name=$(basename "$program")
    build/tools/watch --limit 600 --quiet --log "build/logs/cov-$name.log" --name "$name" -- "$program" || {
        echo "coverage: $name failed; its coverage counts all the same (build/logs/cov-$name.log)"
        status=1
    }
done
gcovr --root . --object-directory build/host-cov --filter 'core/' --filter 'hal/aarch64/' --filter 'hal/board/' --exclude-unreachable-branches \
    --exclude-branches-by-pattern '.*core_(assert|require)\(.*' \
    --html-details "$out/index.html" --txt "$out/core.txt" --print-summary build/host-cov/obj >"$out/summary.txt" || exit 1
cat "$out/core.txt"
sed -n '/^lines:/p;/^branches:/p' "$out/summary.txt"
exit $status
