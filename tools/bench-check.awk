# SPDX-License-Identifier: BSD-2-Clause
#
# Compares two files of figures: one line for each row that is not measured any more or has risen by more than 2 %, one
# for each section without such rows, and the totals.
#
#   awk -f bench-rows.awk -f bench-check.awk EARLIER.json NOW.json
#
# Figures belong to a compiler version (steps: to the host's). Those of another one are shown and not compared.

# The figures of the row that was read, under `where` (1: earlier, 2: now).
function keep(where, label) {
    label = row["section"] ": " row["name"] (row["size"] == "" ? "" : " @ " row["size"])
    present[where, label] = 1
    figure[where, label, "round"] = row["round", 2]
    figure[where, label, "longest round"] = row["round", 3]
    figure[where, label, "kernel"] = row["kernel", 2]
    figure[where, label, "longest"] = row["longest"]
    figure[where, label, "steps"] = row["steps"]
    if (where == 1) {
        section[++labels] = row["section"]
        labelled[labels] = label
    }
}

# The longest delays are counted in ticks of the timer, of so many instructions.
BEGIN { TICK = 16 }

FNR == 1 { file++ }
/^  "compiler": / { version[file, "compiler"] = text_of($0, "compiler") }
/^  "host-compiler": / { version[file, "host-compiler"] = text_of($0, "host-compiler") }
read_row($0) { keep(file) }

function fail(what, why) {
    printf "FAIL %s: %s\n", what, why
    failed++
    bad = 1
}

function ok(what) {
    print "ok " what
    passed++
}

# True when the figure has risen, and one line has said so.
function has_risen(label, what, before, now, compiler) {
    before = figure[1, label, what]
    now = figure[2, label, what]
    if (before == "" || now == "") {
        return 0
    }
    compiler = what == "steps" ? "host-compiler" : "compiler"
    if (version[1, compiler] != version[2, compiler]) {
        others[compiler] = others[compiler] sprintf("        %s (%s): %d, committed %d\n", label, what, now, before)
        return 0
    }
    compared++
    if (now <= before * 1.02 || (what == "longest" && now <= before + TICK)) {
        return 0
    }
    fail(label, sprintf("%s %d, %d before: %.1f %% more", what, now, before, (now - before) * 100 / before))
    return 1
}

# One line a row is enough.
function compare(label) {
    if (!has_risen(label, "round") && !has_risen(label, "longest round")) {
        has_risen(label, "kernel")
    }
    has_risen(label, "longest")
    has_risen(label, "steps")
}

function compare_section(from, i) {
    bad = compared = 0
    for (i = from; i <= labels && section[i] == section[from]; i++) {
        compare(labelled[i])
    }
    if (!bad && compared > 0) {
        ok(section[from] ": " compared " figures")
    }
    return i
}

function find_missing(i) {
    for (i = 1; i <= labels; i++) {
        if (!((2, labelled[i]) in present)) {
            fail(labelled[i], "is not measured any more")
        }
    }
    if (labels == 0) {
        fail("committed figures", "there are none")
    } else if (!bad) {
        ok("all " labels " committed rows are measured")
    }
}

END {
    find_missing()
    for (i = 1; i <= labels;) {
        i = compare_section(i)
    }
    for (which in others) {
        printf "skipped %s: the committed figures are of gcc %s, this is gcc %s, not compared:\n%s", \
            which == "compiler" ? "counts" : "steps", version[1, which], version[2, which], others[which]
        skipped++
    }
    printf "bench: %d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
    exit failed > 0
}
