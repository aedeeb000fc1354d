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

# check NAME COMMAND...: one test; the command sets `why` when it fails.
check() {
    name=$1
    shift
    case $name in
    *"$only"*) ;;
    *) return ;;
    esac
    log=$logs/system-$(echo "$name" | tr -c 'a-z0-9\n' '-').log
    why="not so: $*"
    if "$@"; then
        result ok "$name"
    else
        result FAIL "$name" "$why (console: $log)"
    fi
}

# emulate LIMIT QEMU-OPTION...: runs a machine; its console goes to $log. Succeeds when it powers itself off in time.
emulate() {
    limit=$1
    shift
    build/tools/watch --quiet --limit "$limit" --log "$log" --name machine -- \
        qemu-system-aarch64 -display none -monitor none -serial stdio -nic none -no-reboot \
        -icount shift=0,sleep=off "$@" 2>"$log.watch"
    status=$?
    why=$(sed -n 's/^watch: machine: //p' "$log.watch")
    return $status
}

# shows PATTERN: is there such a line on the console?
shows() {
    grep -qE "$1" "$log" || {
        why="no line '$1'"
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
        emulate 60 -machine "$1" -cpu "$2" -m "$3" -kernel "$image" &&
        shows '^demo: [1-9][0-9]* passed, 0 failed' && shows "${4:-.}"
}

board_tests() {
    check "demo on virt, cortex-a53" demo_runs virt cortex-a53 1G 'GICv2'
    check "demo on virt, cortex-a53, 128 MiB" demo_runs virt cortex-a53 128M 'GICv2'
    check "demo on virt, cortex-a72" demo_runs virt cortex-a72 1G 'GICv2'
    check "demo on virt, cpu max" demo_runs virt max 1G 'GICv2'
    check "demo on virt, GICv3" demo_runs virt,gic-version=3 cortex-a53 1G 'GICv3'
    check "demo on virt, entered at EL2" demo_runs virt,virtualization=on cortex-a53 1G 'EL2'
    check "demo on virt, GICv3, entered at EL2, cpu max" demo_runs virt,gic-version=3,virtualization=on max 2G 'EL2'
}

# ---- A root task that faults and has no handler ----

# fault_is_reported PROGRAM KIND ADDRESS
fault_is_reported() {
    make_image "$1" "$kernel" "build/user/$1.elf" "halt-on-fault=on" &&
        emulate 30 -machine virt -cpu cortex-a53 -m 256M -kernel "$image" &&
        shows "^$1: [a-z]+" && ! shows "^$1: went on" &&
        shows "$2" && shows "$3" && shows 'root' && shows 'x0 ' && shows 'x29|x30' && shows 'spsr'
}

# Without the flag the machine goes on: it idles until its time limit.
machine_goes_on() {
    make_image fault_read-idle "$kernel" build/user/fault_read.elf "" || return 1
    emulate 5 -machine virt -cpu cortex-a53 -m 256M -kernel "$image"
    [ "$status" -eq 124 ] || {
        why="ended with status $status instead of idling"
        return 1
    }
    shows '0*123456780'
}

fault_tests() {
    check "fault without handler: read" fault_is_reported fault_read 'VM fault|data' '0*123456780'
    check "fault without handler: execute" fault_is_reported fault_execute 'VM fault|instruction' '0*234567890'
    check "fault without handler: undefined instruction" fault_is_reported fault_undefined 'exception' '.'
    check "fault without handler: the machine goes on" machine_goes_on
}

# ---- Device trees: any bytes, any place ----

# Where things lie in the 256 MiB of RAM of these machines.
entry=0x41000000
jump=0x47000000
tree_address=0x48000000

# little_endian_words LOW HIGH: one 64-bit value of two words.
two_words() {
    printf '0x%08x%08x' "$2" "$1"
}

# boot_with TREE: enters the image like a boot loader does, with x0 = the tree's address; "none": x0 = 0.
# The three instructions at `jump` load x0 and x1 from the two words behind them and branch to x1.
boot_with() {
    tree=$1
    address=$tree_address
    set -- -machine virt -cpu cortex-a53 -m 256M -device loader,file="$image",addr="$entry",force-raw=on
    if [ "$tree" = none ]; then
        address=0
    else
        set -- "$@" -device loader,file="$tree",addr="$tree_address",force-raw=on
    fi
    emulate 20 "$@" \
        -device loader,addr=$((jump)),data="$(two_words 0x58000080 0x580000a1)",data-len=8 \
        -device loader,addr=$((jump + 8)),data="$(two_words 0xd61f0020 0xd503201f)",data-len=8 \
        -device loader,addr=$((jump + 16)),data="$address",data-len=8 \
        -device loader,addr=$((jump + 24)),data="$entry",data-len=8 \
        -device loader,addr=$((jump)),cpu-num=0
}

good_tree=$images/virt.dtb

make_good_tree() {
    qemu-system-aarch64 -machine virt,dumpdtb="$good_tree" -cpu cortex-a53 -m 256M -display none >"$log.dump" 2>&1
    [ -s "$good_tree" ] || {
        why="QEMU wrote no device tree"
        return 1
    }
}

# tree_is_refused PATTERN COMMAND...: the command spoils $tree, a copy of the good one.
tree_is_refused() {
    pattern=$1
    shift
    tree=$images/bad.dtb
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && cp "$good_tree" "$tree" && "$@" &&
        boot_with "$tree" && ! shows '^demo:' && shows "$pattern"
}

# The tree is so bad that no console is known: the machine stops without a word, and does not run the root task.
tree_stops_silently() {
    tree=$images/bad.dtb
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && cp "$good_tree" "$tree" && "$@" || return 1
    boot_with "$tree"
    [ "$status" -eq 0 ] || [ "$status" -eq 124 ] || return 1
    [ ! -s "$log" ] || {
        why="printed something without a console"
        return 1
    }
}

tree_is_accepted() {
    make_image demo "$kernel" build/user/demo.elf "" && make_good_tree && boot_with "$good_tree" &&
        shows '^demo: [1-9][0-9]* passed, 0 failed'
}

# ---- Ways to spoil a tree ----

remove_node() {
    fdtput -r "$tree" "$1" || {
        why="no node $1 in QEMU's tree"
        return 1
    }
}

remove_console() {
    fdtput -d "$tree" /chosen stdout-path && remove_node /pl011@9000000
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
    check "device tree: no memory" tree_is_refused 'device tree: .*memory' remove_node /memory@40000000
    check "device tree: no interrupt controller" tree_is_refused 'device tree: .*interrupt controller' remove_node /intc@8000000
    check "device tree: no timer" tree_is_refused 'device tree: .*timer' remove_node /timer
    check "device tree: no console" tree_stops_silently remove_console
    check "device tree: bad magic" tree_stops_silently overwrite 0 '\0\0\0\0'
    check "device tree: damaged structure" tree_stops_silently damage_structure
    check "device tree: total size of 4 GiB" tree_stops_silently overwrite 4 '\377\377\377\377'
    check "device tree: none" tree_stops_silently no_tree
}

# ---- The image builder and the other tools ----

mkimage_refuses() {
    rm -f "$images/refused.img"
    build/tools/mkimage --kernel "$kernel" --root "$1" --output "$images/refused.img" >"$log" 2>&1
    status=$?
    [ "$status" -ne 0 ] && [ ! -e "$images/refused.img" ] && [ "$(wc -l <"$log")" -eq 1 ] && shows "$2"
}

release_kernel_is_silent() {
    make_image demo-release build/aarch64-release/kernel.elf build/user/demo.elf "" || return 1
    emulate 5 -machine virt -cpu cortex-a53 -m 256M -kernel "$image"
    [ "$status" -eq 124 ] || {
        why="ended with status $status"
        return 1
    }
    [ ! -s "$log" ] || {
        why="a release kernel printed something"
        return 1
    }
}

gdb_sees_symbols() {
    make_image demo "$kernel" build/user/demo.elf "" &&
        build/tools/watch --quiet --limit 60 --log "$log" --name gdb -- tools/gdb.sh --log "$log.console" \
            --kernel "$kernel" --root build/user/demo.elf \
            --gdb-flags "-batch -ex 'hbreak core_boot' -ex continue -ex bt" "$image" 2>"$log.watch" &&
        shows 'Breakpoint 1, .*core_boot'
}

tool_tests() {
    check "mkimage refuses a program of another machine" mkimage_refuses build/tools/watch 'watch: .*AArch64'
    check "mkimage refuses a file that is no ELF" mkimage_refuses Makefile 'Makefile: .*ELF'
    check "mkimage refuses a file that is not there" mkimage_refuses build/none.elf 'build/none.elf: '
    check "mkimage refuses a root task on the kernel's addresses" mkimage_refuses "$kernel" 'kernel.elf: '
    check "release kernel runs and is silent" release_kernel_is_silent
    if command -v gdb-multiarch >/dev/null 2>&1; then
        check "gdb stops in the kernel with symbols" gdb_sees_symbols
    else
        result skipped "gdb stops in the kernel with symbols" "gdb-multiarch is not installed (make deps)"
    fi
}

board_tests
fault_tests
tree_tests
tool_tests
printf '%d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ]
