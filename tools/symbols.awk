# SPDX-License-Identifier: BSD-2-Clause
#
# The table of hal/aarch64/traps/symbols.h as assembly, from `nm -n` of a linked kernel.
# It lies behind the code, so that the addresses of functions are the same in the
# kernel that has it and in the one that it was made from.

$2 ~ /^[tT]$/ && $3 !~ /^[$.]/ && $3 != "text_end" {
    count++
    # The kernel is linked at a multiple of 256 MiB.
    places = places sprintf("        .4byte  0x%s, %d\n", substr($1, 10), size)
    names = names sprintf("        .asciz  \"%s\"\n", $3)
    size += length($3) + 1
}

END {
    print "        .section .rodata.symbols, \"a\""
    print "        .balign 8"
    print "        .globl  symbol_count, symbols, symbol_names"
    printf "symbol_count:\n        .4byte  %d, 0\n", count
    printf "symbols:\n%s", places
    printf "symbol_names:\n%s", names
    print "        .section .note.GNU-stack, \"\", %progbits"
}
