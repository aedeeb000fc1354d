# SPDX-License-Identifier: BSD-2-Clause
#
# The core names no architecture: neither in code nor in comments. What one decides
# is found through the include path (arch_*.h). Read behind comments.awk.

BEGIN {
    names = "^(TTBR|TPIDR|TPIDRRO|TCR|MAIR|SCTLR|CPACR|ESR|FAR|ELR|SPSR|DAIF|VBAR|PAR|CNT[A-Z]*)(0|1)?(_EL[0-3])?$" \
        "|^EL[0-3]$|^REG_(X[0-9]+|SPSR|TPIDR|TPIDRRO|LR)$|^AArch64$|^GIC(v[0-9])?$"
}

FNR == 1 { split_in_comment = 0 }

{
    split_line()
    rest = code " " comment
    while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
        word = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (word ~ names) print FILENAME ":" FNR ": " word ", which only an architecture knows (arch_*.h)"
    }
}
