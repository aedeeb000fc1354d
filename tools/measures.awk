# SPDX-License-Identifier: BSD-2-Clause
#
# Files, functions, the longest function and assertions of some C sources and
# headers: "FILES FUNCTIONS LONGEST ASSERTIONS". Static assertions count: they are
# contracts, too.

FNR == 1 { files++; start = 0 }
/^\{/ { start = FNR }
/^\}/ && start > 0 {
    functions++
    if (FNR - start + 1 > longest) longest = FNR - start + 1
    start = 0
}
{
    line = $0
    sub(/\/\*.*/, "", line)
    if (line !~ /^#define/) assertions += gsub(/(core_assert|core_require|_Static_assert)\(/, "", line)
}
END { print files + 0, functions + 0, longest + 0, assertions + 0 }
