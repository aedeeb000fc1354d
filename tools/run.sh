#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots an image in QEMU, shows the console, and judges the result line.
#
#   tools/run.sh [--machine M] [--cpu C] [--ram SIZE] [--limit SECONDS] [--log FILE]
#                [--quiet] [--optional] [--serial N] IMAGE [QEMU OPTION...]
#
# --serial: which of the first two serial lines of the machine is the console, 0 or 1.
# --optional: a machine that powers off without a result line is good, too.
# Exit status: that of tools/watch.c. Environment: QEMU, the emulator to use.

set -u

machine=virt
cpu=cortex-a53
ram=1G
limit=60
log=/dev/null
flags=
serial=

while [ $# -gt 0 ]; do
    case $1 in
    --machine) machine=$2; shift 2 ;;
    --cpu) cpu=$2; shift 2 ;;
    --ram) ram=$2; shift 2 ;;
    --limit) limit=$2; shift 2 ;;
    --log) log=$2; shift 2 ;;
    --serial) [ "$2" = 0 ] || serial="-serial null"; shift 2 ;;
    --quiet | --optional) flags="$flags $1"; shift ;;
    --*) echo "run.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
    esac
done
[ $# -gt 0 ] || { echo "run.sh: no image" >&2; exit 2; }
image=$1
shift
[ -r "$image" ] || { echo "run.sh: cannot read $image" >&2; exit 2; }

# Result lines: this project's own programs, and the upstream test suite and benchmarks. Last words of the kernel: report.c.
end='(^|[ :])[0-9]+ passed, [0-9]+ failed|All is well in the universe|FAILURES DETECTED|ALL tests not run'
pass='(^|[ :])[1-9][0-9]* passed, 0 failed|All is well in the universe'
fail='^kernel: (panic|unexpected|cannot start)'

# shellcheck disable=SC2086 # flags and serial are lists of words
exec build/tools/watch --limit "$limit" --log "$log" --name "$image" $flags \
    --end "$end" --pass "$pass" --fail "$fail" -- \
    "${QEMU:-qemu-system-aarch64}" -machine "$machine" -cpu "$cpu" -m "$ram" -smp 1 \
    -display none -monitor none $serial -serial stdio -nic none -no-reboot -kernel "$image" "$@"
