#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Fetches the QEMU of Debian's backports and puts it beside the installed one: build/qemu/qemu-system-aarch64. Nothing is
# installed, root is not needed. Packages come from where this machine gets its own. Boards that the installed QEMU does
# not model are tested with it; for everything else: make QEMU=build/qemu/qemu-system-aarch64 VERB.

set -u

folder=$(pwd)/build/qemu
program=$folder/qemu-system-aarch64

fail() {
    echo "newer-qemu: $1" >&2
    exit 1
}

# The package manager with a state of its own, but with what is installed on this machine.
apt() {
    apt-get -qq -o Dir::Etc::SourceList="$folder/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State="$folder/apt" -o Dir::State::status="$folder/apt/status" -o Dir::Cache="$folder/apt/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@" >"$folder/apt.log" 2>&1 ||
        fail "apt-get $*: $(tail -n 1 "$folder/apt.log") (all: $folder/apt.log)"
}

has_all_boards() {
    "$1" -machine help 2>/dev/null | grep -q '^imx8mp-evk '
}

if has_all_boards "$program"; then
    exit 0
elif has_all_boards qemu-system-aarch64; then
    echo "newer-qemu: the installed QEMU has all boards"
    exit 0
fi
command -v apt-get >/dev/null 2>&1 || fail "needs apt-get (Debian)"
codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirror=$(tools/mirror.sh)
[ -n "$mirror" ] || fail "the package sources of this machine have no Debian packages"
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
cp /var/lib/dpkg/status "$folder/apt/status"
for suite in "$codename" "$codename-backports"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
done >"$folder/apt/sources.list"
echo "newer-qemu: fetching the QEMU of $codename-backports into build/qemu"
apt update
apt install -y --no-install-recommends --download-only -t "$codename-backports" qemu-system-arm
for package in "$folder"/apt/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$folder" || fail "$package cannot be unpacked"
done
rm -rf "$folder/apt"
cat >"$program" <<END
#!/bin/sh
export LD_LIBRARY_PATH="\$(echo $folder/usr/lib/*-linux-gnu)"
exec $folder/usr/bin/qemu-system-aarch64 -L $folder/usr/share/qemu "\$@"
END
chmod +x "$program"
has_all_boards "$program" || fail "$program does not run here, or has no more boards: $("$program" --version 2>&1 | head -n 1)"
