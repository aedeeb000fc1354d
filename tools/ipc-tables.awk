# SPDX-License-Identifier: BSD-2-Clause
#
# From cells (table, row, column, outcome, test; separated by tabs) to the tables of
# docs/ipc-tables.md. Columns of a row with the same outcome and test share a line. Fails, with the
# reason as the last line, when a cell is empty or told in two ways.

BEGIN { FS = "\t" }

function fail(why) {
    print why
    failed = 1
    exit 1
}

NF != 5 || $1 == "" || $2 == "" || $3 == "" || $4 == "" || $5 == "" { fail("a cell is incomplete: " $0) }

{
    if (!($1 in row_count)) {
        tables[++table_count] = $1
    }
    if (!(($1, $2) in row_known)) {
        row_known[$1, $2] = 1
        rows[$1, ++row_count[$1]] = $2
    }
    if (!(($1, $3) in column_known)) {
        column_known[$1, $3] = 1
        columns[$1, ++column_count[$1]] = $3
    }
    if (($1, $2, $3) in outcome && outcome[$1, $2, $3] != $4) {
        fail("two outcomes: " $1 ", " $2 ", " $3)
    }
    outcome[$1, $2, $3] = $4
    test[$1, $2, $3] = $5
}

# One line for the columns from `first` on that have the same outcome.
function print_line(table, row, first,    i, names, column) {
    for (i = first; i <= column_count[table]; i++) {
        column = columns[table, i]
        if (!printed[i] && outcome[table, row, column] == outcome[table, row, columns[table, first]] &&
            test[table, row, column] == test[table, row, columns[table, first]]) {
            printed[i] = 1
            names = names (names == "" ? "" : ", ") column
        }
    }
    printf "| %s | %s | `%s` | %s |\n", row, names, outcome[table, row, columns[table, first]],
        test[table, row, columns[table, first]]
}

function print_row(table, row,    i) {
    for (i = 1; i <= column_count[table]; i++) {
        if (!((table, row, columns[table, i]) in outcome)) {
            fail("empty cell: " table ", " row ", " columns[table, i])
        }
        printed[i] = 0
    }
    for (i = 1; i <= column_count[table]; i++) {
        if (!printed[i]) {
            print_line(table, row, i)
        }
    }
}

function print_legend() {
    print "# IPC: operation, state, outcome"
    print ""
    print "Written by `make ipc-tables` from what the unit tests check; do not edit. Each line names the test that"
    print "checks it. An outcome lists everything that the operation changed: states, registers, buffers, queues,"
    print "objects, and who runs afterwards. What is not named has not changed."
    print ""
    print "A acts; B, C are its partners; P has no scheduling context of its own; root makes changes. All have the"
    print "same priority. E, F are endpoints (F is everybody's fault handler), N, M notifications, R1 to R3 reply"
    print "objects, scA to scQ scheduling contexts. `A.mr0-1<B`: A's message registers hold what B sent;"
    print "`info=label:unwrapped:caps:length`; `fault=cap(x0,receive,...)`: the argument that named no capability, the phase,"
    print "the lookup failure. All words: `tests/kit/fixture_ipc.h`."
}

END {
    if (failed) {
        exit 1
    }
    print_legend()
    for (t = 1; t <= table_count; t++) {
        table = tables[t]
        printf "\n## %s\n\n| State | Operation | Outcome | Test |\n|---|---|---|---|\n", table
        for (r = 1; r <= row_count[table]; r++) {
            print_row(table, rows[table, r])
        }
    }
}
