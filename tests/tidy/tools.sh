#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Tests of the tools that judge everything else: the watcher, the reader of test
# results, the comparison of figures and sizes, the installer, the list of verbs. A tool
# that calls everything good would make every other test worthless.

set -u

work=build/tidy/tools
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0 skipped=0

# expect NAME CONDITION...: one test; the condition is a command.
expect() {
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
        passed=$((passed + 1))
    else
        echo "FAIL $name: not so: $*"
        failed=$((failed + 1))
    fi
}

# status WANTED COMMAND...: does the command end with this status?
status() {
    wanted=$1
    shift
    "$@" >"$work/out" 2>&1
    [ $? -eq "$wanted" ]
}

forever='while :; do :; done'

# on_busy_processor COMMAND...: where four others want to run.
on_busy_processor() {
    hogs=
    taskset -p -c "$(taskset -p -c $$ | sed 's/.*: \([0-9]*\).*/\1/')" $$ >"$work/affinity"
    for hog in 1 2 3 4; do
        sh -c "ulimit -t 60; $forever" &
        hogs="$hogs $!"
    done
    "$@"
    outcome=$?
    # shellcheck disable=SC2086 # a list
    kill $hogs && wait $hogs 2>"$work/hogs"
    taskset -p -c "$(sed -n '1s/.*: //p' "$work/affinity")" $$ >"$work/affinity"
    return $outcome
}

# A process in the background and one whose parent has ended; the time that they sleep is their mark.
nothing_survives() {
    cat >"$work/spread.sh" <<END
exec >&- 2>&-
sleep 7$$ &
(sleep 7$$ &)
sleep 1
END
    $watch -- sh "$work/spread.sh"
    ! grep -qs "7$$" /proc/[0-9]*/cmdline
}

watch_tests() {
    watch=build/tools/watch
    judge="--end [0-9]+.passed --pass [1-9]+.passed,.0.failed --fail ^panic"
    expect "watch: status of a good command" status 0 $watch -- true
    expect "watch: status of a failed command" status 1 $watch -- false
    expect "watch: command that does not exist" status 2 $watch -- "$work/none"
    expect "watch: no command" status 2 $watch
    expect "watch: bad limit" status 2 $watch --limit 0 -- true
    expect "watch: time limit" status 124 $watch --limit 1 -- cat /dev/zero
    expect "watch: time limit, output closed" status 124 $watch --limit 1 -- sh -c 'exec >&- 2>&-; exec sleep 100'
    expect "watch: time limit, asleep" status 124 $watch --limit 1 -- sleep 100
    expect "watch: time limit, the work of a child" status 124 $watch --limit 1 -- sh -c "sh -c '$forever'; true"
    expect "watch: the limit of a busy machine is longer" on_busy_processor status 1 $watch --limit 3 -- \
        sh -c "ulimit -t 1; $forever"
    expect "watch: ended by a signal" status 1 $watch -- sh -c 'kill -9 $$'
    expect "watch: good result" status 0 $watch $judge -- echo '3 passed, 0 failed'
    expect "watch: good result without a newline" status 0 $watch $judge -- printf '3 passed, 0 failed'
    expect "watch: bad result" status 1 $watch $judge -- echo '3 passed, 1 failed'
    expect "watch: nothing passed" status 1 $watch $judge -- echo '0 passed, 0 failed'
    expect "watch: good result, bad status" status 1 $watch $judge -- sh -c 'echo "3 passed, 0 failed"; exit 3'
    expect "watch: good result, then a failure" status 1 $watch $judge -- printf '3 passed, 0 failed\npanic\n'
    expect "watch: failure, then a good result" status 1 $watch $judge -- printf 'panic\n3 passed, 0 failed\n'
    expect "watch: no result" status 3 $watch $judge -- echo none
    expect "watch: no result needed" status 0 $watch $judge --optional -- echo none
    expect "watch: machine that stays on after its result" \
        status 0 $watch $judge -- sh -c 'echo "3 passed, 0 failed"; exec sleep 100'
    expect "watch: nothing that it starts survives it" nothing_survives
    expect "watch: log holds what was shown" sh -c \
        "$watch --log $work/log -- printf 'a\nb\n' >$work/shown && cmp -s $work/log $work/shown && [ -s $work/log ]"
}

# counts MODE TEXT WANTED: what report.awk makes of an output.
counts() {
    printf "$2" | awk -v prefix=p -v mode="$1" -v counts="$work/counts" -f tools/report.awk >"$work/out"
    [ "$(cat "$work/counts")" = "$3" ]
}

report_tests() {
    expect "report: lines" counts lines 'ok a\r\nok b\nx: 2 passed, 0 failed\n' "2 0 0 complete"
    expect "report: lines, a failure" counts lines 'ok a\nFAIL b: why\n1 passed, 1 failed\n' "1 1 0 complete"
    expect "report: lines, one test that fails twice" counts lines 'FAIL a x.c:1 why\nFAIL a x.c:2 why\n0 passed, 1 failed\n' "0 1 0 complete"
    expect "report: lines, one skipped" counts lines 'ok a\nskipped b: why\n1 passed, 0 failed, 1 skipped\n' "1 0 1 complete"
    expect "report: lines, none left out" counts lines 'ok a\n2 passed, 0 failed\n' "1 0 0 incomplete"
    expect "report: lines, end missing" counts lines 'ok a\nok b\n' "2 0 0 incomplete"
    expect "report: lines, failure not counted" counts lines 'FAIL a: why\n1 passed, 0 failed\n' "0 1 0 incomplete"
    expect "report: tap" counts tap '1..2\nok 1 - a\nnot ok 2 - b\n# why\n' "1 1 0 complete"
    expect "report: tap, one skipped" counts tap '1..2\nok 1 - a\nnot ok 2 # SKIP b\n' "1 0 1 complete"
    expect "report: tap, cut short" counts tap '1..3\nok 1 - a\n' "1 0 0 incomplete"
    expect "report: tap, no plan" counts tap 'ok 1 - a\n' "1 0 0 incomplete"
}

# What documents show of the code is what the code is now.
document_tests() {
    expect "bench: no list of bench/report.json begins with a comma" sh -c "! grep -q '[[{] *,' bench/report.json"
    expect "drawings: those of docs/tour.md (make drawings)" tools/drawings.sh --check docs/tour.md
    sed 's/ 0x000  cap / 0x008  cap /' docs/tour.md >"$work/tour.md"
    expect "drawings: another one is noticed" status 1 tools/drawings.sh --check "$work/tour.md"
    expect "measures: those of docs/architecture.md (make measures)" tools/measures.sh --check docs/architecture.md
    sed 's/^\(| `core.cap` | \)/\11/' docs/architecture.md >"$work/architecture.md"
    expect "measures: another one is noticed" status 1 tools/measures.sh --check "$work/architecture.md"
}

size_tests() {
    tools/size.sh --check README.md >"$work/out" 2>&1
    case $? in
    0) expect "size: the table of the README" true ;;
    3) echo "skipped size: bytes of the README: they belong to another compiler"; skipped=$((skipped + 1)) ;;
    *)
        cat "$work/out"
        expect "size: the table of the README is older than the kernel (make size-table)" false
        ;;
    esac
    cp README.md "$work/readme"
    expect "size: a table that was just written is good" sh -c \
        "tools/size.sh --write $work/readme && tools/size.sh --check $work/readme"
    cp "$work/readme" "$work/written"
    expect "size: nothing but tables and compiler is written" sh -c \
        "diff README.md $work/written | grep '^>' | grep -vE '^> (\|.*\|\$|Bytes, )' | wc -l | grep -qx 0"
    sed -i 's/^\(| release .*\)[0-9] |$/\1 |/' "$work/readme"
    expect "size: other bytes fail" status 1 tools/size.sh --check "$work/readme"
    expect "size: other bytes are shown" grep -q 'it is now | release ' "$work/out"
    sed -i 's/^\(Bytes, .*\) [0-9.]*);/\1 1.2.3);/' "$work/readme"
    expect "size: bytes of another compiler are not compared" status 3 tools/size.sh --check "$work/readme"
    sed -i 's/^\(| kernel: all three .*\)[0-9] |$/\1 |/' "$work/readme"
    expect "size: another number of lines fails" status 1 tools/size.sh --check "$work/readme"
    expect "size: wrong usage" status 2 tools/size.sh --what
}

# Puts a script into the PATH of the installer's world.
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# A world of its own for the installer: a PATH with only what it needs, and what a test puts there. The real tools
# are reached through scripts, never through links: a test that replaces one must not write to the tool itself.
installer_world() {
    rm -rf "$work/bin"
    mkdir -p "$work/bin"
    for tool in awk cat grep head id mkdir paste sed tail tee env rm touch chmod sh; do
        fake "$tool" "exec $(command -v "$tool") \"\$@\""
    done
}

run_installer() {
    status "$1" env PATH="$(pwd)/$work/bin" CROSS= sh tools/deps.sh gdb
}

deps_tests() {
    shell_command=$(command -v sh)
    installer_world
    fake gdb-multiarch 'exit 0'
    expect "deps: nothing missing, nothing said" run_installer 0
    expect "deps: nothing missing, nothing said (2)" test ! -s "$work/out"
    installer_world
    expect "deps: another distribution: stops" run_installer 1
    expect "deps: another distribution: the list" grep -q 'missing.*gdb-multiarch' "$work/out"
    fake apt-get 'exit 0'
    fake id 'echo 1000'
    expect "deps: not root, no sudo: stops" run_installer 1
    expect "deps: not root, no sudo: the list" grep -q 'missing.*gdb-multiarch' "$work/out"
    fake id 'echo 0'
    fake apt-get "echo \"\$@\" >>$(pwd)/$work/apt; [ \$1 = update ] || { touch $(pwd)/$work/bin/gdb-multiarch; chmod +x $(pwd)/$work/bin/gdb-multiarch; }"
    expect "deps: root on Debian: installs" run_installer 0
    expect "deps: root on Debian: says what" grep -q 'apt-get install gdb-multiarch' "$work/out"
    expect "deps: root on Debian: calls apt-get" grep -q '^install -y .*gdb-multiarch' "$work/apt"
    rm "$work/bin/gdb-multiarch"
    fake apt-get 'exit 0'
    expect "deps: installed, but not there" run_installer 1
    fake apt-get 'echo no network; exit 100'
    expect "deps: apt-get fails: stops" run_installer 1
    expect "deps: apt-get fails: shows why" grep -q 'no network' "$work/out"
    expect "deps: apt-get fails, optional: no failure" status 0 env PATH="$(pwd)/$work/bin" sh tools/deps.sh --optional gdb
    expect "deps: apt-get fails, optional: the list" grep -q 'missing.*gdb-multiarch' "$work/out"
    expect "deps: no group" status 2 $shell_command tools/deps.sh
}

# Without tools make stops before the first recipe, and says nothing but what is missing.
gate_tests() {
    installer_world
    fake make "exec $(command -v make) \"\$@\""
    closed="env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS PATH=$(pwd)/$work/bin make CROSS=none-"
    expect "gate: no recipe starts without its tools" status 2 $closed -k kernel
    expect "gate: only what is missing is said" sh -c \
        "grep -q '^deps: missing.* gcc-aarch64-linux-gnu' $work/out && ! grep -vE '^deps: |^Makefile:[0-9]*: [*][*][*] the tools for' $work/out"
    expect "gate: the list of verbs needs no tools" status 0 $closed help
    expect "gate: asking what would be done needs no tools" status 0 $closed -n build/aarch64-debug/kernel.elf
}

# Every verb of the Makefile has its line in the help, under a heading, and every line of it is a verb.
help_is_complete() {
    make -s help >"$work/help"
    sed -n 's/^\.PHONY: //p' Makefile | tr ' ' '\n' | sort >"$work/phony"
    sed -n '/^variables/q; s/^  \([a-z-]*\) .*/\1/p' "$work/help" | sort >"$work/verbs"
    diff "$work/phony" "$work/verbs" || return 1
    for heading in build run test measure document; do
        grep -q "^$heading:\$" "$work/help" || { echo "no heading $heading"; return 1; }
    done
}

# asked STATUS WORD...: would make make this? 0: it has nothing to do.
asked() {
    wanted=$1
    shift
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -n --no-print-directory DEPS=off CROSS="${CROSS:-aarch64-linux-gnu-}" "$@" \
        >"$work/out" 2>&1 || return 1
    if grep -qv -e 'is up to date' -e 'Nothing to be done' "$work/out"; then
        [ "$wanted" -eq 1 ]
    else
        [ "$wanted" -eq 0 ]
    fi
}

# What was built is built again when its command changes, and not when only the text of a makefile does.
make_tests() {
    library=build/host-gcc/libkaal.a tool=build/tools/watch kernel=build/aarch64-debug/kernel.elf
    expect "make: what was built stays" asked 0 $kernel $library $tool
    expect "make: the text of makefiles makes nothing anew" \
        asked 0 -W Makefile -W make/flags.mk -W make/rules.mk $kernel $library $tool
    expect "make: a newer source makes anew" asked 1 -W tools/work.c $tool
    expect "make: a newer header makes anew" asked 1 -W core/kernel.h $library
    expect "make: a newer linker script makes anew" asked 1 -W hal/aarch64/kernel.ld $kernel
    for built in $kernel $library $tool; do
        expect "make: another flag makes anew: $built" asked 1 WARNINGS=-Wall "$built"
    done
    expect "make: another flag for some sources makes anew" asked 1 KERNEL_SOME=core/log.c:-Os $kernel
    expect "make: another flag of the link makes anew" asked 1 KERNEL_LINK=-static $kernel
    expect "make: a source that is gone is in no library" asked 1 HOST_SOURCES=core/log.c $library
    expect "make: a source that is gone is in no program" asked 1 watch_SOURCES=tools/work.c $tool
    expect "make: a source that is gone is in no kernel" asked 1 KERNEL_ASSEMBLY= $kernel
}

# compile_commands.json names every source of the kernel once, and only files that exist.
commands_are_complete() {
    sed -n 's/.*"file": "\([^"]*\)".*/\1/p' compile_commands.json >"$work/files"
    for file in $(find core hal -name '*.c' ! -name offsets.c); do
        [ "$(grep -cx "$file" "$work/files")" -eq 1 ] || { echo "$file: not there exactly once"; return 1; }
    done
    while read -r file; do
        [ -e "$file" ] || { echo "$file does not exist"; return 1; }
    done <"$work/files"
}

# figures FILE COMPILER ROW...: a file of benchmark figures, its rows given as 'NAME ROUND LONGEST KERNEL'.
figures() {
    file=$work/$1 compiler=$2
    shift 2
    {
        printf '{\n  "compiler": "%s",\n  "host-compiler": "1",\n  "rows": [\n' "$compiler"
        for row in "$@"; do
            # shellcheck disable=SC2086 # four words
            printf '    {"section": "s", "name": "%s", "round": [1, %s, %s], "kernel": [1, %s, 9]},\n' $row
        done
        printf '    {"section": "t", "name": "e", "size": 10, "steps": 100}\n  ]\n}\n'
    } >"$file"
}

# compares STATUS LINE: what bench-check.awk says of the two files, and how it ends.
compares() {
    status "$1" awk -f tools/bench-rows.awk -f tools/bench-check.awk "$work/before" "$work/now" &&
        grep -qx "$2" "$work/out"
}

bench_tests() {
    figures before 1 'a 100 100 100' 'b 100 100 100'
    figures now 1 'a 102 102 102' 'b 50 50 50'
    expect "bench: a rise of 2 % is good" compares 0 'bench: 3 passed, 0 failed'
    figures now 1 'a 103 103 103' 'b 50 50 50'
    expect "bench: a rise of 3 % fails" compares 1 'FAIL s: a: round 103, 100 before: 3.0 % more'
    expect "bench: one failure a row" compares 1 'bench: 2 passed, 1 failed'
    figures now 1 'a 100 103 100' 'b 50 50 50'
    expect "bench: a rise of the longest round fails" compares 1 'FAIL s: a: longest round 103, 100 before: .*'
    figures now 1 'a 100 100 103' 'b 50 50 50'
    expect "bench: a rise of the kernel alone fails" compares 1 'FAIL s: a: kernel 103, 100 before: .*'
    figures now 1 'a 100 100 100'
    expect "bench: a row that is gone fails" compares 1 'FAIL s: b: is not measured any more'
    figures now 1 'a 100 100 100' 'b 100 100 100' 'c 100 100 100'
    expect "bench: a new row is good" compares 0 'bench: 3 passed, 0 failed'
    figures now 2 'a 500 500 500' 'b 100 100 100'
    expect "bench: another compiler: not compared" compares 0 'bench: 2 passed, 0 failed, 1 skipped'
    expect "bench: another compiler: figures are shown" compares 0 ' *s: a (round): 500, committed 100'
    figures now 2 'a 500 500 500'
    expect "bench: another compiler: a row that is gone fails" compares 1 'FAIL s: b: is not measured any more'
    sed 's/"steps": 100/"steps": 103/' "$work/before" >"$work/now"
    expect "bench: a rise of steps fails" compares 1 'FAIL t: e @ 10: steps 103, 100 before: 3.0 % more'
    sed 's/"steps": 100/"steps": 99/' "$work/before" >"$work/now"
    expect "bench: fewer digits are less" compares 0 'bench: 3 passed, 0 failed'
    sed 's/"steps": 100/"steps": 1000/' "$work/before" >"$work/now"
    expect "bench: more digits are more" compares 1 'FAIL t: e @ 10: steps 1000, 100 before: .*'
    sed 's/"steps": 100/"longest": 100/' "$work/before" >"$work/then" && mv "$work/then" "$work/before"
    sed 's/"longest": 100/"longest": 116/' "$work/before" >"$work/now"
    expect "bench: a delay of one tick more is good" compares 0 'bench: 3 passed, 0 failed'
    sed 's/"longest": 100/"longest": 132/' "$work/before" >"$work/now"
    expect "bench: a delay of two ticks more fails" compares 1 'FAIL t: e @ 10: longest 132, 100 before: .*'
    printf '{}\n' >"$work/before"
    expect "bench: no committed figures fail" compares 1 'FAIL committed figures: there are none'
}

# judges STATUS LINE PACKAGE ROW...: what judge.awk makes of boards that came out like this, one of its lines.
judges() {
    wanted=$1 line=$2 package=$3
    shift 3
    printf '%s\n' "$@" >"$work/rows"
    status "$wanted" awk -v table="$work/table" -v package="$package" -f tests/boards/judge.awk "$work/table" "$work/rows" &&
        grep -qx "$line" "$work/out"
}

boards_tests() {
    printf '%s\n' '# table' 'package p 1' 'v/a both boots: RAM' 'v/b as-is refused: no RAM' 'v/b filled boots: RAM' >"$work/table"
    a='v/a both boots: RAM' b='v/b as-is refused: no RAM' c='v/b filled boots: RAM'
    expect "boards: all as expected" judges 0 '2 passed, 0 failed' 'p 1' "$a" "$b" "$c"
    expect "boards: another figure fails" judges 1 \
        'FAIL *v/a: as it is boots: less RAM -- expected: boots: RAM' 'p 1' 'v/a both boots: less RAM' "$b" "$c"
    expect "boards: another figure with RAM filled in fails" judges 1 \
        'FAIL *v/a: with RAM filled in boots: more RAM -- expected: boots: RAM' 'p 1' \
        'v/a as-is boots: RAM' 'v/a filled boots: more RAM' "$b" "$c"
    expect "boards: another refusal fails" judges 1 '1 passed, 1 failed' 'p 1' "$a" 'v/b as-is refused: no UART' "$c"
    expect "boards: a board that boots now fails" judges 1 '1 passed, 1 failed' 'p 1' "$a" 'v/b both boots: RAM'
    expect "boards: a crash fails" judges 1 'FAIL *v/a: as it is CRASH: why.*' 'p 1' 'v/a both CRASH: why' "$b" "$c"
    expect "boards: a tree without a row fails" judges 1 'FAIL *v/c: not in .*' 'p 1' "$a" "$b" "$c" 'v/c both boots: RAM'
    expect "boards: a row without a tree fails" judges 1 'FAIL *v/b: in .*, but there is no such tree' 'p 1' "$a"
    expect "boards: another package is named" judges 0 'boards-dtb: these trees are from p 2, .*' 'p 2' "$a" "$b" "$c"
    expect "boards: another package: trees of one only are skipped" judges 0 \
        '1 passed, 0 failed, 2 skipped' 'p 2' "$a" 'v/c both boots: RAM'
    expect "boards: another package: all others are judged" judges 1 '1 passed, 1 failed' 'p 2' 'v/a both boots: less' "$b" "$c"
    expect "boards: docs/boards.md says what the table says" tests/boards/report.sh --check
    expect "boards: no tree at all fails" judges 1 '0 passed, 2 failed' 'p 1' ''
}

watch_tests
report_tests
size_tests
document_tests
bench_tests
boards_tests
if [ -e /etc/debian_version ]; then
    deps_tests
    gate_tests
fi
make_tests
expect "help: every verb is listed" help_is_complete
expect "compile_commands.json: every kernel source is in it" commands_are_complete
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
