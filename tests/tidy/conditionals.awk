# SPDX-License-Identifier: BSD-2-Clause
#
# Variants are chosen by file or by an operations struct: no conditional
# compilation in function bodies anywhere, and in core none at all besides
# include guards and the one build switch in core/config.h.

FNR == 1 { in_body = 0 }
/^\{/ { in_body = 1 }
/^\}/ { in_body = 0 }

/^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else)/ {
    guard = FILENAME
    sub(/.*\//, "", guard)
    gsub(/[^A-Za-z0-9]/, "_", guard)
    is_guard = (toupper($2) ~ toupper(guard) "$") && $1 == "#ifndef"
    is_switch = FILENAME == "core/config.h" && $0 ~ /^#ifndef KAAL_(DEBUG|ASSERTIONS)$/
    if (in_body) {
        print FILENAME ":" FNR ": conditional compilation in a function body"
    } else if (FILENAME ~ /^(core|include)\// && !is_guard && !is_switch) {
        print FILENAME ":" FNR ": conditional compilation in portable code"
    }
}

/__aarch64__|__arm__|__x86_64__|__riscv/ && FILENAME ~ /^(core|include)\// {
    print FILENAME ":" FNR ": names an architecture"
}
