# SPDX-License-Identifier: BSD-2-Clause
#
# What comments and documents name exists: files and folders of the tree, functions
# (a name with empty parentheses: C, macros, assembly, scripts), members (a name behind
# a dot: somewhere it is a member of what is before the dot), words with an underscore,
# the targets of links, and verbs and variables of make (in backticks, or a line of an
# example). A word in capitals within a file's name stands for any text, as * does. No
# path leads out of the tree.
#
# Input: the paths of the tree, one a line, first; then all files once for what their
# code has, and once more for what their comments say (names_allowed.txt among the
# first: names from elsewhere, with the reason).

function complain(what) {
    print FILENAME ":" FNR ": " what
}

NR == FNR {
    sub(/^\.\//, "")
    exists[$0] = 1
    for (path = $0; path != ""; ) {
        name = path
        sub(/.*\//, "", name)
        paths_named[name] = paths_named[name] $0 "\n"
        if (!sub(/\/[^\/]*$/, "", path)) path = ""
        exists[path] = 1
    }
    next
}

FNR == 1 {
    said = opened[FILENAME]++
    example = 0
}

FILENAME ~ /names_allowed\.txt$/ && !said {
    if ($1 !~ /^#/) allowed[$1] = 1
    next
}

# ---- What there is ----

function collect_calls(text) {
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
        callable[trimmed(substr(text, RSTART, RLENGTH - 1))] = 1
        text = substr(text, RSTART + RLENGTH)
    }
}

function trimmed(text) {
    gsub(/[ \t]+/, "", text)
    return text
}

function collect_words(text) {
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*/)) {
        word_of_code[substr(text, RSTART, RLENGTH)] = 1
        text = substr(text, RSTART + RLENGTH)
    }
}

# Pairs of names with a dot between them, also for an arrow, an index or a call between them.
function collect_members(text,    pair) {
    gsub(/->/, ".", text)
    gsub(/\[[^\]]*\]/, "", text)
    gsub(/\(\)/, "", text)
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*/)) {
        pair = substr(text, RSTART, RLENGTH)
        member[pair] = 1
        sub(/.*\./, "", pair)
        text = pair substr(text, RSTART + RLENGTH)
    }
}

# Labels, macros, and what branches lead to.
function collect_assembly(text,    part) {
    if (match(text, /^[ \t]*[A-Za-z_][A-Za-z0-9_]*:/)) callable[trimmed(substr(text, 1, RLENGTH - 1))] = 1
    split(text, part)
    if (part[1] ~ /^\.(macro|global)$/ || part[1] ~ /^bl?$/) callable[part[2]] = 1
}

!said {
    split_line()
    collect_calls(code)
    collect_words(code)
    collect_members(code)
    if (FILENAME ~ /\.S$/) collect_assembly(code)
    if (match(code, /#[ \t]*include[ \t]*[<"][^>"]+/)) {
        split(substr(code, RSTART, RLENGTH), part, /[<"]/)
        included[part[2]] = 1
    }
    if (FILENAME ~ /^(Makefile|make\/.*\.mk)$/) {
        if ($1 == ".PHONY:") for (i = 2; i <= NF; i++) verb[$i] = 1
        if (match($0, /^[A-Z_]+ *\??=/)) variable[trimmed(substr($0, 1, index($0, "=") - 1 - ($0 ~ /^[A-Z_]+ *\?=/)))] = 1
    }
    next
}

# ---- What is said ----

# A name with stars or words in capitals as a regular expression.
function pattern_of(name) {
    gsub(/\./, "[.]", name)
    gsub(/\*|[A-Z][A-Z]+/, "[^/]*", name)
    return "(^|/)" name "$"
}

# Is it a path of the tree, the end of one, or a pattern for some?
function is_path(name,    last, count, path, i) {
    sub(/\/$/, "", name)
    if (name in exists || (name ".c") in exists || name in included || name in allowed) return 1
    last = name
    sub(/.*\//, "", last)
    if (last == name && last in paths_named) return 1
    count = split(paths_named[last], path, "\n")
    for (i = 1; i < count; i++) if (ends_with(path[i], "/" name) || index(path[i], "/" name "/")) return 1
    if (name ~ /\*|[A-Z][A-Z]/) {
        last = pattern_of(name)
        for (i in exists) if (i ~ last) return 1
    }
    return 0
}

function ends_with(text, end) {
    return substr(text, length(text) - length(end) + 1) == end
}

# Words that look like files: a known ending, or a known folder before a slash.
function check_files(text,    name, before) {
    while (match(text, /[A-Za-z0-9_*][A-Za-z0-9_.*\/-]*/)) {
        before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
        name = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        sub(/[.-]+$/, "", name)
        if (before ~ /[\/.$~:-]/ || name ~ /^build\//) continue
        if (name !~ /[A-Za-z0-9_*]\.(c|h|S|ld|sh|awk|md|txt|dts|gdb|\*)$/ &&
            name !~ /^(core|hal|include|user|tests|tools|bench|docs)\/[a-zA-Z0-9_*]/) continue
        if (!is_path(name)) complain("no file or folder " name " in the tree")
    }
}

# Is it a chain of members that code uses?
function is_member(name,    count, part, i) {
    count = split(name, part, ".")
    for (i = 1; i < count; i++) if (!(part[i] "." part[i + 1] in member)) return 0
    return 1
}

# Words with dots that are no files.
function check_members(text,    name, before) {
    while (match(text, /[A-Za-z0-9_][A-Za-z0-9_.\/-]*/)) {
        before = RSTART > 1 ? substr(text, RSTART - 1, 1) : " "
        name = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        sub(/[.-]+$/, "", name)
        if (before ~ /[\/.$~:-]/ || name !~ /^[a-z_][a-z0-9_]*([.][a-z_][a-z0-9_]*)+$/) continue
        if (name ~ /\.(c|h|S|o|d|a|so|ld|sh|awk|md|txt|dts|dtb|gdb|elf|img|bin|log)$/) continue
        if (name ~ /\.(py|json|svg|map|tar|gz|deb|org|com|example)$/) continue
        if (name ~ /^(e\.g|i\.e)$/) continue
        if (!is_member(name) && !(name in allowed)) complain("no member " name " in the tree")
    }
}

# What lies beside the tree or in somebody's home is not there for others.
function check_outside(text) {
    if (match(text, /(^|[ \t`"'(])(\.\.\/|\/(home|work|root)\/)[A-Za-z0-9_.\/-]*/)) {
        text = substr(text, RSTART, RLENGTH)
        gsub(/[ \t`"'(]/, "", text)
        complain("a path that leads out of the tree: " text)
    }
}

function check_functions(text,    name) {
    while (match(text, /[A-Za-z_][A-Za-z0-9_]*\(\)/)) {
        name = substr(text, RSTART, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
        if (!(name in callable) && !(name in allowed)) complain("no function " name "() in the tree")
    }
}

# A word with an underscore is one of some code, of a file's name, or of the architecture.
function check_identifiers(text,    name, following) {
    while (match(text, /[A-Za-z0-9_]*[A-Za-z0-9]_[A-Za-z0-9_]*/)) {
        name = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        following = substr(text, 1, 1)
        if (name !~ /^([a-z][a-z0-9]*(_[a-z0-9]+)+|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$/ || following ~ /[*(]/) continue
        if (name in word_of_code || tolower(name) in word_of_code || name in allowed) continue
        if (name ~ /_EL[0-3]$|^(GIC[CDHRV]|IC[CHV])_/) continue # registers
        if (!is_stem(name)) complain("no " name " in the tree")
    }
}

function is_stem(name,    ending, i) {
    split("c h S awk sh ld", ending, " ")
    for (i in ending) if ((name "." ending[i]) in paths_named) return 1
    return 0
}

# "make VERB... VARIABLE=...", to the end of the quotation.
function check_command(text,    count, part, i, name) {
    sub(/`.*/, "", text)
    sub(/[ \t]+#.*/, "", text)
    count = split(text, part)
    for (i = 2; i <= count; i++) {
        name = part[i]
        if (match(name, /^[A-Z_]+=/)) {
            name = substr(name, 1, RLENGTH - 1)
            if (!(name in variable)) complain("no variable " name " of make")
            if (part[i] ~ /="[^"]*$/) while (i < count && part[++i] !~ /"/) continue
        } else if (name ~ /^[a-z][a-z-]*$/) {
            if (!(name in verb)) complain("no verb: make " name)
        } else if (name !~ /^\.*$/) {
            return
        }
    }
}

function check_commands(text,    command) {
    if (text ~ /^(    +|[ \t]*\$ )make( |$)/ && kind_of(FILENAME) == "text") {
        sub(/^[ \t$]+/, "", text)
        check_command(text)
    } else {
        while (match(text, /`[A-Z_a-z0-9=\/.-]* ?make [^`]*`/)) {
            command = substr(text, RSTART)
            text = substr(text, RSTART + RLENGTH)
            check_command(substr(command, index(command, "make ")))
        }
    }
}

function check_links(text,    target, path) {
    while (match(text, /\]\([^)]*\)/)) {
        target = substr(text, RSTART + 2, RLENGTH - 3)
        text = substr(text, RSTART + RLENGTH)
        if (target ~ /^(https?:|#)/) continue
        sub(/#.*/, "", target)
        path = FILENAME
        if (!sub(/\/[^\/]*$/, "/", path)) path = ""
        path = path target
        while (sub(/[^\/]+\/\.\.\//, "", path)) continue
        sub(/\/$/, "", path)
        if (!(path in exists)) complain("no file or folder " path " behind this link")
    }
}

{
    split_line()
    if (kind_of(FILENAME) == "text") check_links(comment)
    gsub(/\]\([^)]*\)/, "]", comment)
    check_outside(comment)
    check_files(comment)
    check_functions(comment)
    if (FILENAME !~ /^docs\/spec\//) {
        check_members(comment)
        check_identifiers(comment)
    }
    check_commands(comment)
}
