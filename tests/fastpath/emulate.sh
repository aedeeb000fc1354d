#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots a driver of the differential test in QEMU and shows what it prints.
#
#   tests/fastpath/emulate.sh [--counted] LIMIT HZ IMAGE [NAME=NUMBER...]
#
# LIMIT: seconds. HZ: how often the counter ticks. Both runs of a state have to
# fall between two ticks, and the first state has to wait for some, so few states
# want many ticks. The options are those of tests/fastpath/main.c.
# --counted: a nanosecond is an instruction, and each run is like the one before. Four
# times as slow for states; breaks hardly notice, and would else have other ends with
# every tick that comes in between.
# Exit status: that of the driver's last line, or of tools/watch.c.

set -u

clock=
if [ "$1" = --counted ]; then
    clock='-icount shift=0,sleep=off'
    shift
fi
limit=$1 hz=$2 image=$3
shift 3
arguments=arg=fastpath
for option in "$@"; do
    arguments=$arguments,arg=$option
done
# shellcheck disable=SC2086 # clock is a list of words
exec build/tools/watch --limit "$limit" --name "$image" \
    --end '^(fastpath: [0-9]+ passed|breaks: [0-9]+ made)' --pass '^(fastpath: [1-9][0-9]* passed, 0 failed|breaks:)' \
    --fail '^kernel: (panic|cannot start)' -- \
    "${QEMU:-qemu-system-aarch64}" -machine virt -cpu "cortex-a53,cntfrq=$hz" -m 128M -smp 1 -display none \
    -monitor none -serial stdio -nic none -no-reboot $clock -kernel "$image" \
    -semihosting-config "enable=on,target=native,$arguments"
