# SPDX-License-Identifier: BSD-2-Clause
#
# Citations of the specification resolve. In comments and documents a citation is
# docs/spec/NAME.md, alone or with the numbers of sections behind it: "N.N", "N.N, N.N",
# "N to N", "N.N no. 3". The file exists, and each number is that of one of its
# headings. A number N.N in a comment that is not behind such a name is bare: of which
# file? Within docs/spec "§N.N" is a section of the same file, and "`NAME.md` §N.N" of
# that one.
#
# Arguments: the files of docs/spec first (their headings are collected), then all
# files to check, those of docs/spec among them once more.

function complain(what) {
    print FILENAME ":" FNR ": " what
}

# The name of a file without its folder.
function base_name(path) {
    sub(/.*\//, "", path)
    return path
}

# ---- Headings: numbered, ascending; a number that is not used any more stays unused ----

function check_heading(    level, number, part) {
    level = length($1)
    number = $2
    sub(/\.$/, "", number)
    if (level == 1) {
        if (FNR != 1) complain("a heading of level 1 that is not the title")
        chapter = section = 0
        return
    }
    if (level > 3 || number !~ (level == 2 ? "^[1-9][0-9]*$" : "^[1-9][0-9]*[.][1-9][0-9]*$")) {
        complain("heading without a number: \"## N. Title\" or \"### N.N Title\"")
        return
    }
    split(number, part, ".")
    if (level == 2) {
        if (part[1] + 0 <= chapter) complain("section " number " comes after section " chapter)
        chapter = part[1] + 0
        section = 0
    } else {
        if (part[1] + 0 != chapter) complain("section " number " is in section " chapter)
        else if (part[2] + 0 <= section) complain("section " number " comes after section " chapter "." section)
        section = part[2] + 0
    }
    heading[base_name(FILENAME), number] = 1
}

FNR == 1 {
    if (++opened[FILENAME] == 1 && FILENAME ~ /^docs\/spec\//) known[base_name(FILENAME)] = 1
    in_spec = FILENAME ~ /^docs\/spec\//
    collecting = in_spec && opened[FILENAME] == 1
    in_fence = 0
    forget()
}

collecting {
    if ($1 ~ /^```/) in_fence = !in_fence
    if (/^#/ && !in_fence && FILENAME !~ /README/) check_heading()
    next
}

# ---- Citations: words one by one, over the ends of lines ----

function forget() {
    listing = ""    # what numbers would be here: "sections" of the file `cited`, "items" of a section, or ""
    cited = ""
    word_1 = word_2 = word_3 = word_4 = ""  # the words before, the last one first
}

function check_section(number) {
    if (!(cited in known)) return
    if (!((cited, number) in heading)) complain("docs/spec/" cited " has no section " number)
}

function cite(name) {
    cited = name
    listing = "sections"
    if (!(name in known)) complain("docs/spec/" name " does not exist")
}

# Numbers that are no sections: of other people's documents and programs, and amounts.
function is_foreign(following,    before) {
    before = " " word_1 " " word_2 " " word_3 " " word_4 " "
    return before ~ / (QEMU|qemu|([a-z0-9-]+-)?gcc|clang|Debian|Ubuntu|Linux|U-Boot|Microkit) / ||
        before ~ / ([Vv]ersion|Specification|Arm|IHI|DDI|BSD) / ||
        following ~ /^(%|ticks|[MGk]?Hz|[mun]s|[KMG]iB|times|bytes|seconds|instructions|million)/
}

function check_word(word, following,    before, bare) {
    before = word ~ /^[("'\[{`*]*§/
    gsub(/§/, "", word)
    bare = word
    gsub(/^[("'`\[{*]+|[)"'`\]},;:.?!*]+$/, "", bare)
    if (bare ~ /^(\.\.\/)*(docs\/)?(spec\/)?[a-z0-9-]+\.md$/ && (bare ~ /spec\// || base_name(bare) in known) &&
        base_name(bare) != "README.md") {
        if (!in_spec && bare !~ /^docs\/spec\//) complain("\"" bare "\": write docs/spec/" base_name(bare))
        cite(base_name(bare))
    } else if (bare ~ /^[0-9]+(\.[0-9]+)?$/ && before && listing == "") {
        if (in_spec) cited = base_name(FILENAME)
        else complain("\"§" bare "\": a section of which file? Write docs/spec/NAME.md " bare)
        listing = "sections"
        check_section(bare)
    } else if (bare ~ /^[0-9]+\.[0-9]+$/ && listing != "" || bare ~ /^[0-9]+$/ && listing == "sections") {
        listing = "sections"
        check_section(bare)
    } else if (before && bare ~ /^[0-9]/ && bare !~ /^[0-9]+(\.[0-9]+)?$/) {
        complain("\"§" bare "\": one section each, such as \"§N.N, §N.N\"")
    } else if (is_bare(bare, following) || is_bare_chapter(word)) {
        complain("\"" bare "\": " (in_spec ? "write §" bare : \
            "a section of which file? Write docs/spec/NAME.md " bare))
    } else if (bare ~ /^(no|steps?|rules?|rows?|items?|notes?|column)$/ && listing != "") {
        listing = "items"
    } else if (!(bare ~ /^[0-9]+$/ && listing == "items") && bare !~ /^(and|or|to|sections?|\/)?$/) {
        listing = ""
    }
    if (word ~ /[;:)]/ || word ~ /\.$/ && bare != "no") listing = ""
    word_4 = word_3; word_3 = word_2; word_2 = word_1; word_1 = bare
}

function is_bare(bare, following) {
    if (bare ~ /^[1-9][0-9]?$/ && word_1 ~ /^[Ss]ections?$/) return 1
    return bare ~ /^[1-9][0-9]?\.[1-9][0-9]?$/ && !is_foreign(following)
}

# "(7)", "(7, last part)": nothing else in parentheses looks like this in code's comments.
function is_bare_chapter(word) {
    return word ~ /^\(([1-9]|1[0-9]|20)[,;)]/ && kind_of(FILENAME) != "text"
}

function check_words(text,    count, words, i) {
    if (in_spec) sub(/^#+ [0-9.]+ /, "", text)
    gsub(/\]\([^)]*\)/, "]", text)
    gsub(/–|—/, " to ", text)
    count = split(text, words)
    for (i = 1; i <= count; i++) check_word(words[i], words[i + 1])
}

{
    split_line()
    if (comment_opens) forget()
    if (comment !~ /[^ \t]/) forget()
    check_words(comment)
    if (code ~ /docs\/spec\//) check_words(code)
}
