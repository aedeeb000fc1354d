#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Starts an image in QEMU, stopped at its first instruction, under gdb-multiarch
# with the symbols of the kernel and of the root task and the commands of
# kaal.gdb. The console goes to the log. QEMU is a child of gdb (it speaks the gdb
# protocol on its standard input and output), so that it ends with it.
#
#   tools/gdb.sh [--machine M] [--cpu C] [--ram SIZE] [--log FILE] [--kernel ELF] [--root ELF]
#                [--gdb-flags "OPTION..."] IMAGE [QEMU OPTION...]

set -u

machine=virt
cpu=cortex-a53
ram=1G
log=/dev/null
kernel=
root=
gdb_flags=

while [ $# -gt 0 ]; do
    case $1 in
    --machine) machine=$2; shift 2 ;;
    --cpu) cpu=$2; shift 2 ;;
    --ram) ram=$2; shift 2 ;;
    --log) log=$2; shift 2 ;;
    --kernel) kernel=$2; shift 2 ;;
    --root) root=$2; shift 2 ;;
    --gdb-flags) gdb_flags=$2; shift 2 ;;
    --*) echo "gdb.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
    esac
done
[ $# -gt 0 ] || { echo "gdb.sh: no image" >&2; exit 2; }
image=$1
shift

echo "gdb: console output goes to $log"
qemu="${QEMU:-qemu-system-aarch64} -machine $machine -cpu $cpu -m $ram -smp 1 -display none -monitor none \
-serial file:$log -nic none -no-reboot -kernel $image $* -S -gdb stdio"
eval "set -- $gdb_flags"
exec gdb-multiarch -q -ex 'set confirm off' -ex 'set pagination off' -ex "file $kernel" \
    ${root:+-ex "add-symbol-file $root"} -x "$(dirname "$0")/kaal.gdb" -ex "target remote | exec $qemu" "$@"
