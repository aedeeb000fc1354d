#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Makes the kernel for the differential test out of the assembly that the link of
# a kernel with link-time optimisation leaves behind (ELF.ltrans*.s): in FOLDER,
# NAME.plain.o is that kernel again, NAME.hooked.o the one with the driver's hooks.
# Without debugging information, which refers to files that are gone.
#
#   tests/fastpath/hook.sh ELF FOLDER      environment: CROSS

set -eu

elf=$1 folder=$2
cross=${CROSS:-aarch64-linux-gnu-}

rm -rf "$folder/parts"
mkdir -p "$folder/parts"
for source in "$elf".ltrans*.s; do
    name=$folder/parts/$(basename "$source" .s)
    cp "$source" "$name.plain.s"
    sed -f tests/fastpath/hooks.sed "$source" >"$name.hooked.s"
    for kind in plain hooked; do
        "${cross}gcc" -c -o "$name.$kind.o" "$name.$kind.s"
        "${cross}objcopy" --strip-debug "$name.$kind.o"
    done
done
