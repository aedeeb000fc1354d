#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The first minute on a new machine: makes bare Debian systems with mmdebstrap in build/fresh, with make and nothing
# else, puts this tree into them, and runs in each of them, as the README says,
#
#   make run     as an ordinary user without sudo: prints the exact list of packages and stops
#   make run     as root: installs them, builds, boots the demo
#   make run     as the user, who has the tools now
#   make unit    as root
#
#   tools/fresh.sh [--first] [CODENAME...]     --first: only the first two; CODENAME: bookworm, trixie (both)
#
# Packages come from where this machine gets its own. One line a test, then "fresh: N passed, N failed[, N skipped]".
# Needs root and Linux namespaces; where a system cannot be made, its line says skipped. Consoles: build/logs/fresh-*.log.

set -u

PATH=$PATH:/usr/sbin:/sbin
first=
if [ "${1:-}" = --first ]; then
    first=yes
    shift
fi
[ $# -gt 0 ] || set -- bookworm trixie
here=$(pwd)
logs=build/logs
mkdir -p "$logs" build/fresh
passed=0 failed=0 skipped=0

result() {
    case $1 in
    ok) echo "ok $2"; passed=$((passed + 1)) ;;
    FAIL) echo "FAIL $2: $3"; failed=$((failed + 1)) ;;
    skipped) echo "skipped $2: $3"; skipped=$((skipped + 1)) ;;
    esac
}

# Why no system can be made here, if so.
obstacle() {
    if [ "$(id -u)" != 0 ]; then
        echo "only root can make it"
    elif ! command -v mmdebstrap >/dev/null 2>&1; then
        echo "mmdebstrap is not installed (make fresh installs it)"
    elif [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
        echo "debian-archive-keyring is not installed"
    elif ! unshare --mount --pid --fork true 2>/dev/null; then
        echo "this machine allows no namespaces"
    fi
}

# How this machine reaches its package servers, as options of apt.
network_options() {
    apt-config dump Acquire |
        grep -E '^Acquire::(http|https|ftp)::|^Acquire::(Retries|Check-Valid-Until|Check-Date|ForceIPv[46]) ' |
        grep -v '""' >build/fresh/network.conf
}

make_root() {
    mirror=$(tools/mirror.sh)
    include="make"
    case $mirror in
    https:*) include=make,ca-certificates ;;
    esac
    rm -rf --one-file-system "$root"
    # shellcheck disable=SC2086 # no argument when there is no mirror
    mmdebstrap --variant=minbase --include="$include" --aptopt=build/fresh/network.conf "$codename" "$root" $mirror \
        >"$logs/fresh-$codename-root.log" 2>&1
}

# copy_tree FOLDER OWNER: the files of this tree, built ones left out.
copy_tree() {
    mkdir -p "$root/$1"
    tar -c --exclude=./build --exclude=./.git --exclude=./compile_commands.json . | tar -x -C "$root/$1" --no-same-owner
    chown -R "$2" "$root/$1"
}

# inside USER FOLDER LOG COMMAND...: runs a command in the system; what it mounts and starts ends with it.
inside() {
    user=$1 folder=$2 log=$logs/fresh-$codename-$3.log
    shift 3
    # shellcheck disable=SC2016 # expanded by the inner shells
    unshare --mount --pid --fork --kill-child sh -c '
        mount -t proc proc "$0/proc" && user=$1 folder=$2 && shift 2 &&
            exec chroot --userspec="$user" "$0" env --chdir="$folder" "$@"' \
        "$root" "$user" "$folder" -i HOME="$folder" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
        ${no_proxy:+"no_proxy=$no_proxy"} "$@" >"$log" 2>&1 </dev/null
}

# The list that the installer printed in a log, after its words.
list_in() {
    sed -n "s/^deps: $2 //p" "$logs/fresh-$codename-$1.log"
}

user_is_told() {
    inside 1000:1000 /home/user/kaal user make run
    status=$?
    if [ "$status" -ne 2 ]; then
        why="status $status"
    elif [ -z "$(list_in user 'missing, by their Debian names:')" ]; then
        why="no list of packages"
    elif grep -qvE '^deps: |^Makefile:[0-9]+: \*\*\* ' "$log"; then
        why="more than that: $(grep -m 1 -vE '^deps: |^Makefile:' "$log")"
    elif [ -e "$root/home/user/kaal/build" ]; then
        why="something was built"
    else
        return 0
    fi
    return 1
}

list_is_exact() {
    told=$(list_in user 'missing, by their Debian names:')
    why="told: $told; installed: $(list_in run 'apt-get install')"
    [ -n "$told" ] && [ "$told" = "$(list_in run 'apt-get install')" ]
}

# ends_well USER FOLDER LOG VERB: status 0 and a line of results without a failure.
ends_well() {
    inside "$1" "$2" "$3" make "$4"
    status=$?
    results=$(tr -d '\r' <"$log" | grep -E '(^|: )[1-9][0-9]* passed, 0 failed(, [0-9]+ skipped)?$' | tail -n 1)
    why="status $status, ${results:-no results}: $(grep -v '^make' "$log" | tail -n 1)"
    [ "$status" -eq 0 ] && [ -n "$results" ]
}

# check NAME COMMAND...: one test; the command sets `why` when it fails, and may set `results`.
check() {
    name="$system: $1" start=$(date +%s) results=
    shift
    if "$@"; then
        result ok "$name${results:+ ($results)}, $(($(date +%s) - start)) s"
    else
        result FAIL "$name" "$why (console: $log)"
    fi
}

try_system() {
    echo "        $codename: making a bare system"
    if ! make_root; then
        result FAIL "$codename" "cannot be made: $(tail -n 1 "$logs/fresh-$codename-root.log") (all: $logs/fresh-$codename-root.log)"
        return
    fi
    system=debian-$(sed -n 's/^VERSION_ID="\{0,1\}\([0-9.]*\).*/\1/p' "$root/etc/os-release")
    copy_tree home/user/kaal 1000:1000
    copy_tree root/kaal 0:0
    check "make run as a user without sudo prints the list and stops" user_is_told
    check "make run as root, the first time" ends_well 0:0 /root/kaal run run
    check "the list is what was installed" list_is_exact
    if [ -z "$first" ]; then
        check "make run as the user, with these tools" ends_well 1000:1000 /home/user/kaal again run
        check "make unit" ends_well 0:0 /root/kaal unit unit
    fi
    rm -rf --one-file-system "$root"
}

blocked=$(obstacle)
network_options
for codename in "$@"; do
    root=$here/build/fresh/$codename
    if [ -n "$blocked" ]; then
        result skipped "$codename" "$blocked"
    else
        try_system
    fi
done
printf 'fresh: %d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
echo
[ "$failed" -eq 0 ]
