#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Runs one libFuzzer target, on from the inputs in tests/fuzz/corpus/NAME.
#
#   tools/fuzz.sh NAME SECONDS                    with another seed each time, and on from what earlier runs
#                                                 found: build/fuzz/NAME
#   tools/fuzz.sh --seed SEED --runs RUNS NAME    so many inputs, the same on every machine with this compiler
#
# Crashes go to build/fuzz/NAME. What would make two runs from one seed differ is
# off in the second form: the order of files in a folder, looking for new files from
# time to time, and mutations with operands of comparisons, which may be addresses.

set -u

give_up() {
    echo "fuzz.sh: $1" >&2
    exit 2
}

is_number() {
    case $1 in
    '' | *[!0-9]*) return 1 ;;
    esac
}

seed='' runs=''
while [ $# -gt 1 ]; do
    case $1 in
    --seed) seed=$2; shift 2 ;;
    --runs) runs=$2; shift 2 ;;
    *) break ;;
    esac
done
name=${1:-} seconds=${2:-}
folder=build/fuzz/$name
seeds=tests/fuzz/corpus/$name
dictionary=tests/fuzz/$name.dict
mkdir -p "$folder/corpus"
set -- -rss_limit_mb=3072 -print_final_stats=1 "-artifact_prefix=$folder/"
[ ! -e "$dictionary" ] || set -- "$@" "-dict=$dictionary"

if [ -n "$runs$seed" ]; then
    is_number "$runs" || give_up "the number of runs is '$runs'; does tests/fuzz/runs.txt have a line for $name?"
    is_number "$seed" && [ "$seed" -gt 0 ] || give_up "the seed is a number from 1: SEED=$seed"
    rm -rf "$folder/gate"
    mkdir -p "$folder/gate"
    set -- "$@" "-seed=$seed" "-runs=$runs" -timeout=300 -reload=0 -use_cmp=0 "$folder/gate"
    if [ -d "$seeds" ]; then
        find "$seeds" -type f | sort | paste -s -d , - >"$folder/seeds"
        set -- "$@" "-seed_inputs=@$folder/seeds"
    fi
else
    is_number "$seconds" || give_up "usage: tools/fuzz.sh NAME SECONDS, or --seed SEED --runs RUNS NAME"
    set -- "$@" "-max_total_time=$seconds" -timeout=20 "$folder/corpus"
    [ ! -d "$seeds" ] || set -- "$@" "$seeds"
fi
exec "build/host-fuzz/fuzz/$name" "$@"
