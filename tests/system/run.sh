#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Boots images in QEMU and judges what they print. Every machine has a time
# limit and must power itself off. Consoles are kept in build/logs/system-*.log.
#
#   tests/system/run.sh [TEXT]      only the tests with TEXT in their name

set -u

only=${1:-}
logs=build/logs
images=build/images
kernel=build/aarch64-debug/kernel.elf
qemu=${QEMU:-qemu-system-aarch64}
mkdir -p "$logs" "$images"
passed=0 failed=0 skipped=0
why=

result() {
    case $1 in
    ok) echo "ok $2"; passed=$((passed + 1)) ;;
    FAIL) echo "FAIL $2: $3"; failed=$((failed + 1)) ;;
    skipped) echo "skipped $2: $3"; skipped=$((skipped + 1)) ;;
    esac
}

# check NAME COMMAND...: one test; the command sets `why` when it fails. One that looks at a machine in real time gets
# more of it, twice, before it has failed: a slow host is no fault of the kernel.
check() {
    name=$1
    shift
    case $name in
    *"$only"*) ;;
    *) return ;;
    esac
    log=$logs/system-$(echo "$name" | tr -c 'a-z0-9\n' '-').log
    why="not so: $*" patience=1 slept=
    until "$@"; do
        if [ -z "$slept" ] || [ "$patience" -eq 16 ]; then
            result FAIL "$name" "$why (console: $log)"
            return
        fi
        patience=$((patience * 4))
    done
    result ok "$name"
}

# The instruction counter as the clock: what a machine does depends on nothing outside.
timing="-icount shift=0,sleep=off"

# emulate LIMIT QEMU-OPTION...: runs a machine; its console goes to $log, what QEMU says to $log.qemu. Succeeds when
# the machine powers itself off in time; the limits are generous, they only end what hangs.
emulate() {
    limit=$1
    shift
    : >"$log.raw"
    build/tools/watch --quiet --limit "$limit" --log "$log.qemu" --name machine -- \
        "$qemu" -display none -monitor none -serial "file:$log.raw" -nic none -no-reboot \
        $timing "$@" 2>"$log.watch"
    status=$?
    tr -d '\r' <"$log.raw" >"$log"
    why=$(sed -n 's/^watch: machine: //p' "$log.watch")
    [ "$status" -ne 1 ] || why="$why: $(tail -n 1 "$log.qemu")"
    return $status
}

# sleeps SECONDS QEMU-OPTION...: runs a machine that is on until the time is over, its CPU asleep. In real time: with
# -icount sleep=off QEMU would go through the years until the kernel's farthest deadline.
sleeps() {
    timing= slept=yes
    seconds=$(($1 * patience))
    shift
    emulate "$seconds" "$@"
    timing="-icount shift=0,sleep=off"
    [ "$status" -eq 124 ] || {
        why="ended with status $status instead of sleeping"
        return 1
    }
    used=$(sed -n 's/.*after \([0-9]*\) ms of processor time.*/\1/p' "$log.watch")
    [ "$used" -lt $((seconds * 1000 / 2)) ] || {
        why="the CPU does not sleep: $used ms of processor time in $seconds s"
        return 1
    }
}

is_silent() {
    [ ! -s "$log" ] || {
        why="printed $(head -n 1 "$log")"
        return 1
    }
}

# shows PATTERN: is there such a line on the console?
shows() {
    grep -qE "$1" "$log" || {
        why="no line '$1'"
        return 1
    }
}

does_not_show() {
    ! grep -qE "$1" "$log" || {
        why="there is a line '$1'"
        return 1
    }
}

make_image() {
    image=$images/$1.img
    build/tools/mkimage --kernel "$2" --root "$3" --output "$image" --params "$4" >"$log.mkimage" 2>&1 || {
        why="mkimage: $(tail -n 1 "$log.mkimage")"
        return 1
    }
}

# ---- Boards and CPUs ----

# demo_runs MACHINE CPU RAM [BANNER PATTERN]
demo_runs() {
    make_image demo "$kernel" build/user/demo.elf "" &&
        emulate 120 -machine "$1" -cpu "$2" -m "$3" -kernel "$image" &&
        shows '^demo: [1-9][0-9]* passed, 0 failed' && shows "${4:-.}"
}

# Nobody has left EL3: two instructions set x0 to the device tree and x1 to the image, the third jumps there.
entered_at_el3() {
    make_image demo "$kernel" build/user/demo.elf "" &&
        sleeps 3 -machine "virt,secure=on$1" -cpu "$2" -m 256M \
            -device "loader,file=$image,addr=0x40200000,force-raw=on" \
            -device loader,addr=0x40100000,data=0xd2a80401d2a80000,data-len=8 \
            -device loader,addr=0x40100008,data=0xd61f0020,data-len=4 -device loader,addr=0x40100000,cpu-num=0 &&
        shows '^kernel: cannot start: entered at EL3 without firmware'
}

# Descriptors for a few untypeds only: the RAM is in them.
demo_runs_with_few_untypeds() {
    make_image demo-few "$kernel" build/user/demo.elf "max-untypeds=16" &&
        emulate 60 -machine virt -cpu cortex-a53 -m 1G -kernel "$image" &&
        shows '^demo: [1-9][0-9]* passed, 0 failed' && shows '^kaal: [0-9]* untypeds dropped'
}

board_tests() {
    check "entry at EL3 is refused" entered_at_el3 "" cortex-a53
    check "entry at EL3 is refused, cpu max with EL2" entered_at_el3 ,virtualization=on,gic-version=3 max
    check "demo on virt, cortex-a53" demo_runs virt cortex-a53 1G 'GICv2'
    check "demo on virt, cortex-a53, 128 MiB" demo_runs virt cortex-a53 128M 'GICv2'
    check "demo on virt, cortex-a72" demo_runs virt cortex-a72 1G 'GICv2'
    check "demo on virt, cpu max" demo_runs virt max 1G 'GICv2'
    check "demo on virt, 16 untypeds" demo_runs_with_few_untypeds
    check "demo on virt, GICv3" demo_runs virt,gic-version=3 cortex-a53 1G 'GICv3'
    check "demo on virt, entered at EL2" demo_runs virt,virtualization=on cortex-a53 1G 'EL2'
    check "demo on virt, GICv3, entered at EL2, cpu max" demo_runs virt,gic-version=3,virtualization=on max 2G 'EL2'
}

# ---- A root task that faults and has no handler ----

# fault_is_reported PROGRAM PATTERN: the line of the fault, all registers, and nothing of the program after it.
fault_is_reported() {
    make_image "$1" "$kernel" "build/user/$1.elf" "halt-on-fault=on" &&
        emulate 60 -machine virt -cpu cortex-a53 -m 256M -kernel "$image" &&
        shows "^$1: [a-z]+" && does_not_show "^$1: went on" &&
        shows "thread 'rootserver' stopped: $2" && shows ' pc 0x[0-9a-f]+  sp 0x[0-9a-f]+  spsr 0x[0-9a-f]+' &&
        shows ' x0 0x[0-9a-f]{16} ' && shows ' x29 0x[0-9a-f]{16}'
}

# Without the flag the machine goes on: nothing is left to run, so the CPU sleeps.
machine_goes_on() {
    make_image fault_read-idle "$kernel" build/user/fault_read.elf "" || return 1
    sleeps 4 -machine virt -cpu cortex-a53 -m 256M -kernel "$image" && shows "thread 'rootserver' stopped: page fault.*address 0x123456780"
}

fault_tests() {
    check "fault without handler: read" \
        fault_is_reported fault_read 'page fault.* address 0x123456780 status 0x92000005$'
    check "fault without handler: execute" \
        fault_is_reported fault_execute 'page fault.* address 0x234567890 status 0x82000005 .instruction fetch.$'
    check "fault without handler: undefined instruction" \
        fault_is_reported fault_undefined 'user exception.* 0x2000000 '
    check "fault without handler: the machine goes on" machine_goes_on
}

# ---- Device trees: any bytes, any place ----

# Where things lie in the 256 MiB of RAM of these machines.
entry=0x41000000
jump=0x47000000
tree_address=0x48000000

# two_words LOW HIGH: one 64-bit value of two words.
two_words() {
    printf '0x%08x%08x' "$2" "$1"
}

# boot_with RUN TREE: enters the image like a boot loader does, with x0 = the tree's address; "none": x0 = 0.
# The three instructions at `jump` load x0 and x1 from the two words behind them and branch to x1.
boot_with() {
    run=$1 tree=$2
    address=$tree_address limit=30
    [ "$run" = emulate ] || limit=4 # its whole time is waited for
    set -- -machine virt -cpu cortex-a53 -m 256M -device loader,file="$image",addr="$entry",force-raw=on
    if [ "$tree" = none ]; then
        address=0
    else
        set -- "$@" -device loader,file="$tree",addr="$tree_address",force-raw=on
    fi
    "$run" $limit "$@" \
        -device loader,addr=$((jump)),data="$(two_words 0x58000080 0x580000a1)",data-len=8 \
        -device loader,addr=$((jump + 8)),data="$(two_words 0xd61f0020 0xd503201f)",data-len=8 \
        -device loader,addr=$((jump + 16)),data="$address",data-len=8 \
        -device loader,addr=$((jump + 24)),data="$entry",data-len=8 \
        -device loader,addr=$((jump)),cpu-num=0
}

good_tree=$images/virt.dtb

# tree_of FILE -machine MACHINE OPTION...: QEMU's description of a machine.
tree_of() {
    file=$1 machine=$3
    shift 3
    "$qemu" -machine "$machine,dumpdtb=$file" "$@" -display none -nic none >"$log.dump" 2>&1
    [ -s "$file" ] || {
        why="QEMU wrote no device tree"
        return 1
    }
}

make_good_tree() {
    tree_of "$good_tree" -machine virt -cpu cortex-a53 -m 256M
}

# tree_is_refused PATTERN COMMAND...: the command spoils $tree, a copy of the good one.
tree_is_refused() {
    pattern=$1
    shift
    tree=$images/bad.dtb
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && cp "$good_tree" "$tree" && "$@" &&
        boot_with emulate "$tree" && does_not_show '^demo:' && shows "^kernel: cannot start: .*$pattern"
}

# tree_is_good_enough PATTERN COMMAND...: the command changes $tree, a copy of the good one, and the kernel lives with that.
tree_is_good_enough() {
    pattern=$1
    shift
    tree=$images/changed.dtb
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && cp "$good_tree" "$tree" && "$@" &&
        boot_with emulate "$tree" && shows '^demo: [1-9][0-9]* passed, 0 failed' && shows "$pattern"
}

# The tree is so bad that no console is known: the machine stops without a word and does not run the root task. What
# comes then: off (emulate) when the tree says how, else it sleeps (sleeps).
tree_stops_silently() {
    how=$1
    shift
    tree=$images/bad.dtb
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && cp "$good_tree" "$tree" && "$@" &&
        boot_with "$how" "$tree" && is_silent
}

tree_is_accepted() {
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && boot_with emulate "$good_tree" &&
        shows '^demo: [1-9][0-9]* passed, 0 failed'
}

# tree_runs COMMAND...: and the console is where it was.
tree_runs() {
    tree=$images/bad.dtb
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && cp "$good_tree" "$tree" && "$@" &&
        boot_with emulate "$tree" && shows '^demo: [1-9][0-9]* passed, 0 failed' && shows 'console: *PL011 at 0x9000000$'
}

# runs_without_console debug|release: a kernel that can say nothing runs a root task that has its own driver. For other
# reasons why there is no console: log_is_kept.
runs_without_console() {
    tree=$images/bad.dtb
    make_image "drive_uart-$1" "build/aarch64-$1/kernel.elf" build/user/drive_uart.elf "" && make_good_tree &&
        cp "$good_tree" "$tree" && remove_console && boot_with sleeps "$tree" && shows '^uart: 1 passed, 0 failed' &&
        [ "$(wc -l <"$log")" -eq 1 ]
}

# ---- Ways to spoil a tree ----

remove_node() {
    fdtput -r "$tree" "$1" || {
        why="no node $1 in QEMU's tree"
        return 1
    }
}

# change_memory START BYTES, hexadecimal: the tree says that this is all RAM.
change_memory() {
    fdtput -t x "$tree" /memory@40000000 reg 0 "$1" 0 "$2"
}

# set_status NODE STATUS
set_status() {
    fdtput -t s "$tree" "$1" status "$2"
}

# RAM, too, where a CPU of 40 bits has no addresses.
add_far_memory() {
    fdtput -t x "$tree" /memory@40000000 reg 0 40000000 0 10000000 100 0 0 40000000
}

remove_console() {
    fdtput -d "$tree" /chosen stdout-path && remove_node /pl011@9000000
}

# The console by its alias alone.
name_serial0() {
    fdtput -d "$tree" /chosen stdout-path && fdtput -p -t s "$tree" /aliases serial0 /pl011@9000000
}

# set_uart TYPE PROPERTY VALUE...: of the console, as for fdtput.
set_uart() {
    type=$1 property=$2
    shift 2
    fdtput -t "$type" "$tree" /pl011@9000000 "$property" "$@"
}

overwrite() {
    printf "$2" | dd of="$tree" bs=1 seek="$1" conv=notrunc 2>/dev/null
}

# Overwrites the last bytes of the structure block: its end mark is gone.
damage_structure() {
    start=$(od -An -tu1 -j8 -N4 "$tree" | awk '{ print $1 * 16777216 + $2 * 65536 + $3 * 256 + $4 }')
    length=$(od -An -tu1 -j36 -N4 "$tree" | awk '{ print $1 * 16777216 + $2 * 65536 + $3 * 256 + $4 }')
    overwrite $((start + length - 4)) '\377\377\377\377'
}

no_tree() {
    tree=none
}

tree_tests() {
    check "device tree: good one, entered at an address of a loader's choice" tree_is_accepted
    check "device tree: no CPU enabled" tree_is_good_enough 'CPUs: *1 found' set_status /cpus/cpu@0 fail
    check "device tree: list of CPUs disabled" tree_is_good_enough 'CPUs: *1 found' set_status /cpus disabled
    check "device tree: RAM beyond the CPU's addresses" tree_is_good_enough '^kaal: 1024 MiB of RAM left out' add_far_memory
    check "device tree: no memory" tree_is_refused 'no /memory node' remove_node /memory@40000000
    check "device tree: no interrupt controller" tree_is_refused 'no interrupt controller' remove_node /intc@8000000
    check "device tree: no timer" tree_is_refused 'no timer' remove_node /timer
    check "device tree: RAM ends before the image" tree_is_refused 'RAM' change_memory 40000000 1000000
    check "device tree: no RAM left for the first objects" tree_is_refused 'not enough RAM' change_memory 41000000 a0000
    check "device tree: no console, debug kernel" runs_without_console debug
    check "device tree: no console, release kernel" runs_without_console release
    check "device tree: console by its alias serial0" tree_runs name_serial0
    check "device tree: bad magic" tree_stops_silently sleeps overwrite 0 '\0\0\0\0'
    check "device tree: damaged structure" tree_stops_silently sleeps damage_structure
    check "device tree: total size of 4 GiB" tree_stops_silently sleeps overwrite 4 '\377\377\377\377'
    check "device tree: none" tree_stops_silently sleeps no_tree
}

# ---- What boot loaders, firmware and hypervisors may leave behind ----

# enter RUDENESS COUNT PROGRAM PARAMS QEMU-OPTION...: tests/system/stages/entry.S leaves the machine like that (its
# numbers, added up; CNTVCT_EL0 by COUNT too large) and starts the image.
enter() {
    rudeness=$1 count=$2 program=$3 params=$4
    shift 4
    tree=$images/entered.dtb
    make_image "$program-entered" "$kernel" "build/user/$program.elf" "$params" && tree_of "$tree" "$@" &&
        emulate 60 "$@" -device loader,file="$image",addr="$entry",force-raw=on \
            -device loader,file="$tree",addr="$tree_address",force-raw=on \
            -device loader,file=build/user/entry.bin,addr=$((jump)),force-raw=on \
            -device loader,addr=$((jump + 0x1000)),data="$rudeness",data-len=8 \
            -device loader,addr=$((jump + 0x1008)),data="$entry",data-len=8 \
            -device loader,addr=$((jump + 0x1010)),data="$tree_address",data-len=8 \
            -device loader,addr=$((jump + 0x1018)),data="$count",data-len=8 \
            -device loader,addr=$((jump)),cpu-num=0
}

# A root task that counts its tests runs all the same.
program_is_entered() {
    enter "$@" && shows "^$program: [1-9][0-9]* passed, 0 failed"
}

entry_is_refused() {
    pattern=$1
    shift
    enter "$@" && does_not_show "^$program:" && shows "^kernel: cannot start: .*$pattern"
}

entry_tests() {
    stack=1 registers=2 control=4 streaming=8 counter=16 lpi=32
    plain="-machine virt -cpu cortex-a53 -m 256M"
    newest="-machine virt,gic-version=3 -cpu max -m 256M"
    newest_el2="-machine virt,gic-version=3,virtualization=on -cpu max -m 256M"
    fast="cortex-a53,cntfrq=1000000000"

    # shellcheck disable=SC2086 # lists of options
    {
        check "entry with PSTATE.SP 0" program_is_entered $stack 0 demo "" $plain
        check "entry with arbitrary registers" program_is_entered $registers 0 demo "" $plain
        check "entry with arbitrary system registers, big endian" program_is_entered $control 0 traps "" $plain
        check "entry with arbitrary system registers, cpu max" program_is_entered $control 0 traps "" $newest
        check "entry at EL2 with arbitrary system registers" program_is_entered $control 0 traps "" \
            -machine virt,virtualization=on -cpu cortex-a53 -m 256M
        check "entry at EL2 with arbitrary system registers, cpu max" program_is_entered $control 0 traps "" $newest_el2
        check "entry in streaming mode" program_is_entered $streaming 0 traps "" $newest
        check "entry at EL2 in streaming mode" program_is_entered $streaming 0 traps "" $newest_el2
        check "entry with everything arbitrary" program_is_entered $((stack + registers + control + streaming)) 0 traps "" \
            $newest
        check "counter at 0" program_is_entered $counter 0 periods user-counters=on \
            -machine virt,virtualization=on -cpu "$fast" -m 256M
        check "counter far from 0" program_is_entered $counter 0x6100000000000000 periods user-counters=on \
            -machine virt,virtualization=on -cpu "$fast" -m 256M
        check "counter near its end" entry_is_refused "the timer's counter is beyond 2\^63" $counter 0x8000000000000000 \
            periods "" -machine virt,virtualization=on -cpu "$fast" -m 256M
        check "LPI that firmware left enabled" program_is_entered $lpi 0 periods user-counters=on \
            -machine virt,gic-version=3,its=on -cpu cortex-a53 -m 256M
    }
}

# ---- What the hardware layer does for user mode ----

# program_runs PROGRAM PARAMS PATTERN QEMU-OPTION...: a root task of tests/system that counts its own tests.
program_runs() {
    program=$1 params=$2 pattern=$3
    shift 3
    make_image "$program" "$kernel" "build/user/$program.elf" "$params" && emulate 120 "$@" -kernel "$image" &&
        shows "^$program: [1-9][0-9]* passed, 0 failed" && shows "$pattern"
}

hardware_tests() {
    newest="-machine virt,gic-version=3,virtualization=on -cpu max -m 256M"
    plain="-machine virt -cpu cortex-a53 -m 256M"
    counters="user-counters=on user-timer=on"

    # shellcheck disable=SC2086 # lists of options
    {
        check "traps, registers and FPU, cortex-a53" program_runs traps "" . $plain
        check "traps, registers and FPU, cpu max entered at EL2" program_runs traps "" . $newest
        check "traps, registers and FPU, zcu102" program_runs traps "" . -machine xlnx-zcu102 -m 2G \
            -dtb build/dts/xlnx-zcu102.dtb
        check "user access: nothing" program_runs access "" '^open:$' $plain
        check "user access: nothing, cpu max entered at EL2" program_runs access "" '^open:$' $newest
        check "user access: counters" program_runs access "user-counters=on" '^open: cntpct cntfrq$' $plain
        check "user access: timer" program_runs access "user-timer=on" '^open: cntp$' $plain
        check "user access: PMU" program_runs access "user-pmu=on" '^open: pmccntr pmcr$' $plain
        check "user access: all, cpu max entered at EL2" program_runs access "$counters user-pmu=on" \
            '^open: cntpct cntfrq cntp pmccntr pmcr$' $newest
        check "interrupts of devices, GICv2" program_runs interrupts "$counters" . $plain
        check "interrupts of devices, GICv3" program_runs interrupts "$counters" . $newest
    }
}

# ---- Exceptions in the kernel, permissions of its memory: seen with gdb ----

# under_gdb GDB-OPTIONS [QEMU-OPTION...]: the demo, with the console in $log.
under_gdb() {
    : >"$log.console"
    make_image demo "$kernel" build/user/demo.elf "" || return 1
    gdb_options=$1
    shift
    build/tools/watch --quiet --limit 120 --log "$log.gdb" --name gdb -- tools/gdb.sh --log "$log.console" \
        --kernel "$kernel" --gdb-flags "-batch $gdb_options" "$image" "$@" 2>"$log.watch"
    cat "$log.console" "$log.gdb" | tr -d '\r' >"$log"
}

# The kernel loses its way in the middle of a system call: one line says what and where, then the details.
exception_is_reported() {
    under_gdb "-ex 'hbreak hal_memory_clear' -ex continue -ex 'set \$x0 = 0x7f0000000000' -ex continue" &&
        shows '^kernel: unexpected synchronous exception in the kernel at 0xffffffff8[0-9a-f]+$' &&
        shows '^  at 0xffffffff8[0-9a-f]+ [a-z_]+\+0x[0-9a-f]+$' && shows 'ESR=0x96000[0-9a-f]+ FAR=0xffff7f0000000000' &&
        shows ' x29=0x' && shows '^  link 0xffffffff8[0-9a-f]+ core_boot\+0x' &&
        shows '^  called from 0xffffffff8[0-9a-f]+ hal_boot\+0x' && shows '^  called from .* at_link_address'
}

stack_overflow_is_reported() {
    under_gdb "-ex 'hbreak core_syscall' -ex continue -ex 'set \$sp = (unsigned long)cpu_stacks[0].kernel + 16' -ex continue" &&
        shows '^kernel: unexpected synchronous exception in the kernel at .*: kernel stack overflow$' &&
        shows '^  at 0xffffffff8[0-9a-f]+ core_syscall\+0x' && shows '^  current thread: rootserver$'
}

memory_is_protected() {
    under_gdb "-ex 'hbreak core_syscall' -ex continue -x tests/system/mappings.gdb" && shows '^mappings: [1-9][0-9]* leaves' &&
        shows '^mappings: [1-9][0-9]* executable, all read-only' && does_not_show '^mappings: BAD'
}

# log_is_kept REASON COMMAND...: the command takes the console away from $tree; what the kernel and the demo said is in
# memory, and nothing of it on the console.
log_is_kept() {
    pattern=$1 tree=$images/bad.dtb
    shift
    make_good_tree && cp "$good_tree" "$tree" && "$@" &&
        under_gdb "-ex 'hbreak hal_halt' -ex continue -ex kaal-log" -dtb "$tree" && [ ! -s "$log.console" ] &&
        shows '^KaaL debug kernel, entered at EL1$' && shows "^  console: *none: $pattern\$" &&
        shows '^demo: [1-9][0-9]* passed, 0 failed'
}

# The boot fails: the line that says why is in memory.
failed_boot_is_logged() {
    tree=$images/bad.dtb
    make_good_tree && cp "$good_tree" "$tree" && remove_console && remove_node /timer &&
        under_gdb "-ex 'hbreak hal_halt' -ex continue -ex kaal-log" -dtb "$tree" && [ ! -s "$log.console" ] &&
        shows '^kernel: cannot start: device tree: no timer'
}

kernel_tests() {
    if ! command -v gdb-multiarch >/dev/null 2>&1; then
        result skipped "exceptions in the kernel" "gdb-multiarch is not installed (make deps)"
        return
    fi
    check "exception in the kernel is reported with names" exception_is_reported
    check "overflow of the kernel stack is reported" stack_overflow_is_reported
    check "no console: all is in memory" log_is_kept 'not named in the device tree' remove_console
    check "console of an unknown kind: all is in memory" \
        log_is_kept 'of a kind that the kernel does not know' set_uart s compatible acme,uart
    check "console disabled: all is in memory" log_is_kept 'disabled in the device tree' set_uart s status disabled
    check "console without registers: all is in memory" \
        log_is_kept 'without a usable reg property' fdtput -d "$images/bad.dtb" /pl011@9000000 reg
    check "console in RAM: all is in memory" log_is_kept 'with registers in RAM' set_uart x reg 0 4f000000 0 1000
    check "console beyond the CPU's addresses: all is in memory" \
        log_is_kept "with registers beyond the CPU's physical addresses.*" set_uart x reg 100 0 0 1000
    check "no console: why the boot failed is in memory" failed_boot_is_logged
    check "kernel memory: code read-only, the rest never executable, nothing for user mode" memory_is_protected
}

# ---- The image builder and the other tools ----

mkimage_refuses() {
    rm -f "$images/refused.img"
    build/tools/mkimage --kernel "$kernel" --root "$1" --output "$images/refused.img" >"$log" 2>&1
    status=$?
    [ "$status" -ne 0 ] && [ ! -e "$images/refused.img" ] && [ "$(wc -l <"$log")" -eq 1 ] && shows "$2"
}

# A release kernel prints nothing, not even when a thread faults; its root task drives the UART itself.
release_kernel_runs() {
    make_image drive_uart-release build/aarch64-release/kernel.elf build/user/drive_uart.elf "" || return 1
    sleeps 4 -machine virt -cpu cortex-a53 -m 256M -kernel "$image" && shows '^uart: 1 passed, 0 failed' && [ "$(wc -l <"$log")" -eq 1 ]
}

release_kernel_is_silent() {
    make_image fault_read-release build/aarch64-release/kernel.elf build/user/fault_read.elf "" || return 1
    sleeps 4 -machine virt -cpu cortex-a53 -m 256M -kernel "$image" && is_silent
}

# outside_task_runs NAME SOURCE-OR-OPTION...: builds a root task in a folder that is not in this tree, with nothing but
# the headers and the sources named, and boots it with the verb that the README gives.
outside_task_runs() {
    tree=$(pwd)
    outside=$(mktemp -d)
    cp "tests/system/outside/$1.c" "$outside/" || return 1
    shift
    (cd "$outside" && "${CROSS:-aarch64-linux-gnu-}gcc" -std=c11 -O2 -ffreestanding -fno-pie -no-pie \
        -fno-stack-protector -nostdlib -static -I"$tree/include" "$@" ./*.c -o task.elf) >"$log.compile" 2>&1 || {
        why="does not compile: $(head -n 1 "$log.compile")"
        rm -rf "$outside"
        return 1
    }
    env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s DEPS=off image ROOT="$outside/task.elf" OUT="$outside/task.img" \
        >"$log.make" 2>&1 || why="make image: $(tail -n 1 "$log.make")"
    [ -s "$outside/task.img" ] && emulate 60 -machine virt -cpu cortex-a53 -m 256M -kernel "$outside/task.img" &&
        shows '^outside: 1 passed, 0 failed'
    outcome=$?
    rm -rf "$outside"
    return $outcome
}

gdb_sees_symbols() {
    make_image demo "$kernel" build/user/demo.elf "" &&
        build/tools/watch --quiet --limit 120 --log "$log" --name gdb -- tools/gdb.sh --log "$log.console" \
            --kernel "$kernel" --root build/user/demo.elf \
            --gdb-flags "-batch -ex 'hbreak core_boot' -ex continue -ex bt" "$image" 2>"$log.watch" &&
        shows 'Breakpoint 1, .*core_boot'
}

tool_tests() {
    check "mkimage refuses a program of another machine" mkimage_refuses build/tools/watch 'watch: .*AArch64'
    check "mkimage refuses a file that is no ELF" mkimage_refuses Makefile 'Makefile: .*ELF'
    check "mkimage refuses a file that is not there" mkimage_refuses build/none.elf 'build/none.elf: '
    check "mkimage refuses a root task on the kernel's addresses" mkimage_refuses "$kernel" 'kernel.elf: '
    check "root task from outside the tree, headers only" outside_task_runs task -Wl,-Ttext=0x400000
    check "root task from outside the tree, boot information field by field" outside_task_runs bootinfo_task \
        -Wl,-Ttext-segment=0x400000 -Wl,--build-id=none
    check "root task from outside the tree, user library" outside_task_runs library_task -I"$(pwd)" \
        -T "$(pwd)/user/sys/aarch64/root.ld" "$(pwd)"/user/sys/aarch64/*.[cS] "$(pwd)"/user/lib/*.c
    check "release kernel runs a root task that has its own driver" release_kernel_runs
    check "release kernel is silent about a fault" release_kernel_is_silent
    if command -v gdb-multiarch >/dev/null 2>&1; then
        check "gdb stops in the kernel with symbols" gdb_sees_symbols
    else
        result skipped "gdb stops in the kernel with symbols" "gdb-multiarch is not installed (make deps)"
    fi
}

board_tests
fault_tests
tree_tests
entry_tests
hardware_tests
kernel_tests
tool_tests
printf '%d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ]
