#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Finds what the build needs and is not there, and installs it.
#
#   tools/deps.sh [--optional] GROUP...      groups: run test bench gdb coverage fresh format canaries
#
# Debian and Ubuntu, as root or with sudo: installs the missing packages with
# apt-get and says so. Elsewhere: prints the exact list and stops. When nothing
# is missing it is quick and silent.
# --optional: what cannot be installed is named, and that is no failure.

set -u

cross=${CROSS:-aarch64-linux-gnu-}
qemu=${QEMU:-qemu-system-aarch64}

# group, package of Debian and Ubuntu, how to see that it is there
requirements() {
    cat <<END
run gcc command gcc
run libc6-dev header stdio.h
run gcc-aarch64-linux-gnu command ${cross}gcc
run qemu-system-arm command $qemu
test clang command clang
test libclang-rt sanitizers clang
test llvm command llvm-symbolizer
test libcmocka-dev header cmocka.h
test libfdt-dev header libfdt.h
test device-tree-compiler command dtc
canaries patch command patch
bench llvm-19 command llvm-mca-19
gdb gdb-multiarch command gdb-multiarch
coverage gcovr command gcovr
fresh mmdebstrap command mmdebstrap
format clang-format-14 command clang-format-14
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

# The packages of the given groups that are missing, as a list of words.
missing_packages() {
    requirements | while read -r group package probe thing; do
        case " $* " in
        *" $group "*) is_present "$probe" "$thing" || resolve_package "$package" ;;
        esac
    done | paste -s -d ' ' -
}

# The version of clang that is installed or would be; without package lists, the one of the release.
clang_version() {
    if command -v clang >/dev/null 2>&1; then
        clang --version | sed -n 's/.*clang version \([0-9][0-9]*\).*/\1/p'
        return
    fi
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9][0-9]*\)$/\1/p')
    if [ -z "$version" ]; then
        case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null) in
        bookworm) version=14 ;;
        noble) version=18 ;;
        trixie) version=19 ;;
        esac
    fi
    echo "$version" | head -n 1
}

# The package of clang's run-time libraries carries clang's version.
resolve_package() {
    if [ "$1" != libclang-rt ]; then
        echo "$1"
        return
    fi
    version=$(clang_version)
    echo "libclang-rt-${version:+$version-}dev"
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
    echo "deps: missing, by their Debian names: $2" >&2
    [ -z "$optional" ] || exit 0
    ! is_debian || echo "deps: as root: apt-get update && apt-get install -y --no-install-recommends $2" >&2
    exit 1
}

# What apt-get says, as a line for each quarter of the packages.
show_progress() {
    awk '
        function step(what, count) {
            if (total > 0 && int(count * 4 / total) > int((count - 1) * 4 / total))
                print "deps:   " what " " count " of " total
            fflush()
        }
        / newly installed/ { total = $1 + $3 }
        /^Get:/ { step("fetched", ++fetched) }
        /^Setting up / { step("set up", ++ready) }'
}

# run_apt ARGUMENT...: apt-get with its output in the log.
run_apt() {
    {
        # shellcheck disable=SC2086 # two words
        $as_root DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get "$@" 2>&1
        echo "status $?"
    } | tee -a "$log" | show_progress
    [ "$(tail -n 1 "$log")" = "status 0" ]
}

# install_packages GROUP...
install_packages() {
    as_root=$(root_command) || give_up "not root and no sudo; install these and try again" "$missing"
    log=build/logs/deps.log
    mkdir -p build/logs
    : >"$log"
    echo "deps: apt-get update"
    run_apt update || {
        tail -n 6 "$log" >&2
        give_up "apt-get update failed (whole output: $log)" "$missing"
    }
    missing=$(missing_packages "$@") # names with a version in them are known only now
    echo "deps: apt-get install $missing"
    if [ -n "$optional" ]; then
        for package in $missing; do
            run_apt install -y --no-install-recommends "$package"
        done
        return
    fi
    # shellcheck disable=SC2086 # a list of words
    run_apt install -y --no-install-recommends $missing || {
        tail -n 6 "$log" >&2
        give_up "apt-get install failed (whole output: $log)" "$missing"
    }
}

optional=
if [ "${1:-}" = --optional ]; then
    optional=yes
    shift
fi
[ $# -gt 0 ] || {
    echo "usage: tools/deps.sh [--optional] GROUP... (run test bench gdb coverage fresh format canaries)" >&2
    exit 2
}
missing=$(missing_packages "$@")
[ -n "$missing" ] || exit 0
is_debian || give_up "this is not Debian or Ubuntu; install the counterparts of these and try again" "$missing"
install_packages "$@"
still=$(missing_packages "$@")
[ -z "$still" ] || give_up "${optional:+not to be had here: what needs them is skipped; }not found after installation" "$still"
