#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Finds what the build needs and is not there, and installs it.
#
#   tools/deps.sh GROUP...      groups: run test bench gdb coverage
#
# Debian and Ubuntu, as root or with sudo: installs the missing packages with
# apt-get and says so. Elsewhere: prints the exact list and stops. When nothing
# is missing it is quick and silent.

set -u

cross=${CROSS:-aarch64-linux-gnu-}

# group, package of Debian and Ubuntu, how to see that it is there
requirements() {
    cat <<END
run gcc command gcc
run libc6-dev header stdio.h
run gcc-aarch64-linux-gnu command ${cross}gcc
run qemu-system-arm command qemu-system-aarch64
test clang command clang
test libclang-rt sanitizers clang
test llvm command llvm-symbolizer
test clang-format-14 command clang-format-14
test libcmocka-dev header cmocka.h
test libfdt-dev header libfdt.h
test device-tree-compiler command dtc
canaries patch command patch
bench llvm-19 command llvm-mca-19
gdb gdb-multiarch command gdb-multiarch
coverage gcovr command gcovr
END
}

has_header() {
    for folder in /usr/include /usr/local/include /usr/include/*-linux-gnu; do
        [ -e "$folder/$1" ] && return 0
    done
    return 1
}

has_sanitizers() {
    command -v clang >/dev/null 2>&1 || return 1
    runtime=$(clang -print-resource-dir 2>/dev/null)/lib
    for library in "$runtime"/*/libclang_rt.fuzzer*.a; do
        [ -e "$library" ] && return 0
    done
    return 1
}

is_present() {
    case $1 in
    command) command -v "$2" >/dev/null 2>&1 ;;
    header) has_header "$2" ;;
    sanitizers) has_sanitizers ;;
    esac
}

# Prints the packages of the given groups that are missing, one a line.
missing_packages() {
    requirements | while read -r group package probe thing; do
        case " $* " in
        *" $group "*) is_present "$probe" "$thing" || echo "$package" ;;
        esac
    done
}

# The package of clang's run-time libraries carries clang's version.
resolve_package() {
    if [ "$1" != libclang-rt ]; then
        echo "$1"
        return
    fi
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
    echo "libclang-rt-${version:-14}-dev"
}

is_debian() {
    [ -e /etc/debian_version ] && command -v apt-get >/dev/null 2>&1
}

# How to become root; fails when there is no way.
root_command() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        echo "sudo env"
    else
        return 1
    fi
}

give_up() {
    echo "deps: $1" >&2
    echo "deps: missing, by their Debian names:" $2 >&2
    exit 1
}

install_packages() {
    as_root=$(root_command) || give_up "not root and no sudo; install these and try again" "$1"
    mkdir -p build/logs
    log=build/logs/deps.log
    echo "deps: apt-get update"
    $as_root DEBIAN_FRONTEND=noninteractive apt-get update >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        give_up "apt-get update failed (whole output: $log)" "$1"
    }
    packages=$(for package in $1; do resolve_package "$package"; done)
    echo "deps: apt-get install" $packages
    # shellcheck disable=SC2086 # a list of words
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >>"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        give_up "apt-get install failed (whole output: $log)" "$1"
    }
}

[ $# -gt 0 ] || {
    echo "usage: tools/deps.sh GROUP... (run test bench gdb coverage)" >&2
    exit 2
}
missing=$(missing_packages "$@")
[ -n "$missing" ] || exit 0
is_debian || give_up "this is not Debian or Ubuntu; install the counterparts of these and try again" "$missing"
install_packages "$missing"
still=$(missing_packages "$@")
[ -z "$still" ] || give_up "installed, but not found afterwards" "$still"
