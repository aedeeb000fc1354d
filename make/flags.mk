# SPDX-License-Identifier: BSD-2-Clause
#
# The variants in which the sources are built. Each has a folder of build and a row of data here, such as
#   host-step_CC       the compiler
#   host-step_FLAGS    its flags
#   host-step_SOME     flags for some of the sources alone, each as PATTERN:FLAG
#   host-asan_LINK     the flags with which programs are linked
# What make does with them is in make/rules.mk.

VARIANTS := $(addprefix aarch64-,debug release measured fastpath optimised) user bench stages \
    $(addprefix host-,asan fuzz cov gcc step board) tools plugin dts

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
COMMON := -std=c11 -g $(WARNINGS) -MMD -MP -I. -Iinclude

# ---- The kernel ----

KERNEL_CC := $(CROSS)gcc
KERNEL_COMMON := $(COMMON) -O2 -ffreestanding -fno-builtin -fno-common -fno-pic -fno-stack-protector \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
    -fno-jump-tables -fno-tree-switch-conversion -mgeneral-regs-only -mcmodel=small -mstrict-align \
    -Ihal/aarch64/inline -Ihal/aarch64/arch
KERNEL_LINK := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack \
    -Wl,--gc-sections -Wl,--fatal-warnings -Wl,-T,hal/aarch64/kernel.ld
# What runs once, at boot or at the end, is built for size.
KERNEL_SOME := $(addsuffix :-Os,core/boot/% core/log.c core/api/debug.c hal/board/% hal/aarch64/boot/% \
    $(addprefix hal/aarch64/,hardware.c psci.c traps/report.c memory/window.c))

aarch64-debug_CC := $(KERNEL_CC)
aarch64-debug_FLAGS := $(KERNEL_COMMON) -fno-omit-frame-pointer -DKAAL_DEBUG=1 -Ibuild/aarch64-debug/generated
aarch64-debug_SOME := $(KERNEL_SOME)
aarch64-debug_LINK := $(aarch64-debug_FLAGS) $(KERNEL_LINK)

# A debug kernel without assertions: what is counted where only debug kernels will do.
aarch64-measured_CC := $(KERNEL_CC)
aarch64-measured_FLAGS := $(KERNEL_COMMON) -fno-omit-frame-pointer -DKAAL_DEBUG=1 -DKAAL_ASSERTIONS=0 \
    -Ibuild/aarch64-measured/generated
aarch64-measured_SOME := $(KERNEL_SOME)
aarch64-measured_LINK := $(aarch64-measured_FLAGS) $(KERNEL_LINK)

aarch64-release_CC := $(KERNEL_CC)
aarch64-release_FLAGS := $(KERNEL_COMMON) -flto=auto -DKAAL_DEBUG=0 -Ibuild/aarch64-release/generated
aarch64-release_SOME := $(KERNEL_SOME)
aarch64-release_LINK := $(aarch64-release_FLAGS) $(KERNEL_LINK)

# For the fastpath test: the release kernel file by file, and it with assertions.
aarch64-fastpath_CC := $(KERNEL_CC)
aarch64-fastpath_FLAGS := $(KERNEL_COMMON) -DKAAL_DEBUG=0 -Ibuild/aarch64-fastpath/generated
aarch64-fastpath_SOME := $(KERNEL_SOME)
aarch64-fastpath_LINK := $(KERNEL_LINK)

# Inlined that far, with assertions in between, gcc no longer sees that decoders which succeed have decoded everything.
aarch64-optimised_CC := $(KERNEL_CC)
aarch64-optimised_FLAGS := $(KERNEL_COMMON) -flto=auto -Wno-maybe-uninitialized -DKAAL_DEBUG=1 \
    -Ibuild/aarch64-optimised/generated
aarch64-optimised_SOME := $(KERNEL_SOME)
aarch64-optimised_LINK := $(aarch64-optimised_FLAGS) $(KERNEL_LINK)

# ---- Programs for the kernel ----

user_CC := $(KERNEL_CC)
user_FLAGS := $(COMMON) -O2 -ffreestanding -fno-builtin -fno-common -fno-pic -fno-stack-protector \
    -fno-tree-loop-distribute-patterns -Iuser
user_LINK := $(user_FLAGS) -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
    -Wl,-T,user/sys/aarch64/root.ld

# The benchmark's threads use the FPU where a row says so and nowhere else.
bench_CC := $(KERNEL_CC)
bench_FLAGS := $(user_FLAGS) -mgeneral-regs-only
bench_LINK := $(user_LINK)

# What runs before the kernel in system tests: raw code that can lie anywhere.
stages_CC := $(KERNEL_CC)
stages_FLAGS := -nostdlib -static -no-pie -Wl,--build-id=none

# ---- The core as a Linux library ----

HOST_COMMON := $(COMMON) -DKAAL_DEBUG=1 -Ihal/host/inline -Ihal/aarch64/arch -Iuser -fno-omit-frame-pointer
HOST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

host-asan_CC := $(HOST_CC)
host-asan_FLAGS := $(HOST_COMMON) -O1 $(HOST_SANITIZE)
host-asan_LINK := $(HOST_SANITIZE)

# The depth of the stack is no news to the fuzzer: it differs with where the stack begins, which is another place in each
# run. The invariant checker is a judge: its own branches are no news either, and counting them takes most of the time.
host-fuzz_CC := clang
host-fuzz_FLAGS := $(HOST_COMMON) -O1 -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth $(HOST_SANITIZE)
host-fuzz_SOME := core/check/%:-fno-sanitize=fuzzer-no-link
host-fuzz_LINK := -fsanitize=fuzzer $(HOST_SANITIZE)

host-cov_CC := gcc
host-cov_FLAGS := $(HOST_COMMON) -O0 --coverage
host-cov_LINK := --coverage

host-gcc_CC := gcc
host-gcc_FLAGS := $(HOST_COMMON) -O2

# Each basic block of core calls a counter: bench/steps.h.
host-step_CC := gcc
host-step_FLAGS := $(HOST_COMMON) -DKAAL_ASSERTIONS=0 -O2
host-step_SOME := core/%:-fsanitize-coverage=trace-pc

host-board_CC := $(HOST_CC)
host-board_FLAGS := $(host-asan_FLAGS) -include tests/boards/hardware.h
host-board_LINK := $(HOST_SANITIZE) -Wl,--wrap=core_boot,--wrap=hal_console_write

# ---- Tools ----

tools_CC := gcc
tools_FLAGS := $(COMMON) -O1 -DKAAL_ASSERTIONS=0 -Ihal/host/inline -Ihal/aarch64/arch

# For QEMU.
plugin_CC := gcc
plugin_FLAGS := $(tools_FLAGS) -O2 -fPIC -fvisibility=hidden
plugin_LINK := -shared

dts_CC := dtc
dts_FLAGS := -q -I dts -O dtb
