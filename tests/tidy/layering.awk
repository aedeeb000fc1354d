# SPDX-License-Identifier: BSD-2-Clause
#
# Layering by includes: a room includes only its own and lower floors, without
# circles; the two hardware layers do not know each other (the simulated machine
# uses the shared files of the real one); user code knows the ABI and nothing of
# the kernel, except where it stands on the simulated machine.

function complain(what) {
    print FILENAME ":" FNR ": " what
}

# Files that core may include: the freestanding headers of C, the ABI, core itself.
function check_portable(target, angled) {
    if (angled && target !~ /^(kaal\/[a-z_]+|stdbool|stddef|stdint|stdarg|limits)\.h$/) {
        complain("includes <" target ">: core has no libc")
    }
    if (!angled && target == "hal_inline.h") {
        if (FILENAME != "core/hal.h") complain("includes hal_inline.h, which only core/hal.h does")
    } else if (!angled && target !~ /^core\// && target !~ /^arch_[a-z]+\.h$/) {
        complain("includes \"" target "\", which is not in core")
    }
}

function check(target, angled,    path, own, other) {
    path = angled ? "include/" target : target
    own = floor_of(FILENAME)
    other = floor_of(path)
    if (own > 0 && other > own) complain("floor " own " includes " target " of floor " other)
    if (FILENAME ~ /^core\//) check_portable(target, angled)
    if (FILENAME ~ /^include\// && !(angled && target ~ /^(kaal\/[a-z_]+|stdbool|stddef|stdint)\.h$/)) {
        complain("includes " target ": the ABI stands alone")
    }
    if (FILENAME ~ /^hal\/aarch64\// && target ~ /^hal\/host\//) complain("includes " target " of the other layer")
    if (FILENAME ~ /^user\// && FILENAME !~ /^user\/sys\/host\// && target ~ /^(core|hal)\//) {
        complain("includes " target ": user code knows only the ABI")
    }
    edge_count[FILENAME]++
    edge[FILENAME, edge_count[FILENAME]] = path
}

/^[ \t]*#[ \t]*include[ \t]*"/ { split($0, part, "\""); check(part[2], 0) }
/^[ \t]*#[ \t]*include[ \t]*</ { split($0, part, /[<>]/); check(part[2], 1) }

# Depth-first search; state 1: on the way, 2: done.
function visit(path, trail,    i) {
    if (state[path] == 2) return
    trail = trail (trail == "" ? "" : " -> ") path
    if (state[path] == 1) {
        print path ": includes itself: " trail
        return
    }
    state[path] = 1
    for (i = 1; i <= edge_count[path]; i++) visit(edge[path, i], trail)
    state[path] = 2
}

END { for (path in edge_count) visit(path, "") }
