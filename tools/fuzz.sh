#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs one libFuzzer target for a time. Seeds come from tests/fuzz/corpus/NAME;
# found inputs and crashes go to build/fuzz/NAME.
#
#   tools/fuzz.sh [--fresh] NAME SECONDS
#
# --fresh: start from the seeds alone, not from what earlier runs found.

set -u

fresh=
if [ "${1:-}" = --fresh ]; then
    fresh=yes
    shift
fi
[ $# -eq 2 ] || { echo "usage: tools/fuzz.sh [--fresh] NAME SECONDS" >&2; exit 2; }
name=$1 seconds=$2

folder=build/fuzz/$name
found=$folder/corpus
if [ -n "$fresh" ]; then
    found=$folder/smoke
    rm -rf "$found"
fi
mkdir -p "$found"
seeds=tests/fuzz/corpus/$name
[ -d "$seeds" ] || seeds=
dictionary=
[ ! -e "tests/fuzz/$name.dict" ] || dictionary=-dict=tests/fuzz/$name.dict

# shellcheck disable=SC2086 # empty when there is none
exec "build/host-fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3072 -print_final_stats=1 \
    -artifact_prefix="$folder/" $dictionary "$found" $seeds
