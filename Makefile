# SPDX-License-Identifier: BSD-2-Clause
#
# The one entry for everything: `make help` lists the verbs and the variables.
#
# The same sources are built several times, each time into a folder of its own:
#   build/aarch64-debug, build/aarch64-release   the kernel
#   build/user                                   programs for the kernel (AArch64)
#   build/host-asan, host-cov, host-fuzz, ...    the core as a Linux library, with its tests and programs
#   build/tools                                  the image builder and the test tools
# Source lists are wildcards: a new file in a room is built without a change here.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables

# ---- Variables for the command line ----

BUILD = debug## kernel to use: debug or release
ROOT = ## root task (an AArch64 ELF file) for run, image and gdb; empty: the demo (release: one that drives the UART itself)
OUT = build/kaal.img## where image writes
PARAMS = ## boot parameters, such as "root-cnode-bits=15 log-level=3"; list: build/tools/mkimage --list-params
MACHINE = virt## QEMU machine, such as virt,gic-version=3 or virt,virtualization=on
CPU = cortex-a53## QEMU CPU: cortex-a53, cortex-a72, max, ...
RAM = 1G## memory of the machine
LIMIT = ## time limit of run, seconds; empty: 60 for the demo, 600 for another root task
QEMU_FLAGS = ## further QEMU options for run and gdb, such as "-icount shift=0,sleep=off"
TARGET = syscall## fuzz target: the name of a tests/fuzz/fuzz_NAME.c
TIME = 60## how long fuzz runs, seconds
FUZZ_SMOKE = 60## how long test fuzzes the system calls, seconds (the other targets: a quarter)
SEED = ## seed of the model and fastpath tests, a number; empty: 1
EVENTS = ## length of the model tests; empty: what each thinks is enough
ROW = ## row of bench/report.md for profile, such as "yield, alone"
STATES = ## generated states of the fastpath test; empty: a million
ONLY = ## run only the unit tests with this text in their name
GDB_FLAGS = ## further gdb options, such as "-batch -ex bt"
JOBS = ## parallel jobs; empty: one a processor
CROSS = aarch64-linux-gnu-## prefix of the AArch64 toolchain
HOST_CC = clang## compiler of the host library and its tests
UPDATE = ## 1: boards-dtb writes the table of expected outcomes instead of comparing with it
V = ## 1: show the commands
DEPS = ## off: do not look for missing packages

Q := $(if $(filter 1,$(V)),,@)
MAKEFLAGS += -j$(or $(JOBS),$(shell nproc 2>/dev/null || echo 2))

ifeq (,$(filter debug release,$(BUILD)))
$(error BUILD=$(BUILD): must be debug or release)
endif

# ---- Sources ----

CORE_SOURCES := $(sort $(wildcard core/*.c core/*/*.c))
KERNEL_SOURCES := $(CORE_SOURCES) $(sort $(filter-out %/offsets.c,$(wildcard hal/aarch64/*.c hal/aarch64/*/*.c)))
KERNEL_ASSEMBLY := $(sort $(wildcard hal/aarch64/*.S hal/aarch64/*/*.S))

# The files of hal/aarch64 that contain no assembly: the simulated machine uses the very same ones.
SHARED_HAL := $(wildcard $(addprefix hal/aarch64/,fdt.c page_table.c machine*.c))
HOST_SOURCES := $(CORE_SOURCES) $(sort $(wildcard hal/host/*.c)) $(SHARED_HAL)

USER_LIB := $(sort $(wildcard user/lib/*.c))
USER_AARCH64 := $(USER_LIB) $(sort $(wildcard user/sys/aarch64/*.c user/sys/aarch64/*.S))
USER_HOST := $(USER_LIB) $(sort $(wildcard user/sys/host/*.c))

# Programs that run on both machines, and what only runs under QEMU.
demo_SOURCES := $(sort $(wildcard user/demo/*.c))
conformance_SOURCES := $(sort $(wildcard tests/conformance/*.c))
PROGRAMS := $(foreach program,demo conformance,$(if $($(program)_SOURCES),$(program)))
bench_SOURCES := $(sort $(wildcard bench/root/*.c))
SYSTEM_PROGRAMS := $(patsubst tests/system/%.c,%,$(sort $(wildcard tests/system/*.c)))

UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
UNIT_SHARED := $(sort $(wildcard tests/unit/fixture*.c))
BOARD_TREES := $(patsubst tests/boards/dts/%.dts,build/dts/%.dtb,$(sort $(wildcard tests/boards/dts/*.dts)))
UNIT_TREES := $(patsubst tests/unit/dts/%.dts,build/dts/%.dtb,$(sort $(wildcard tests/unit/dts/*.dts)))
# A model test is made of all tests/model/NAME_*.c: a plain model of a part of the core, and what drives both.
MODELS := $(sort $(foreach file,$(notdir $(wildcard tests/model/*_*.c)),$(firstword $(subst _, ,$(file)))))
STEP_SOURCES := $(sort $(wildcard tests/steps/*.c)) bench/growth.c
STEP_TESTS := $(basename $(notdir $(STEP_SOURCES)))
STEP_SHARED := bench/steps.c bench/crowd.c
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

ALL_C := $(sort $(wildcard $(foreach room,core include hal user tests tools bench, \
    $(foreach depth,*.c */*.c */*/*.c */*/*/*.c *.h */*.h */*/*.h */*/*/*.h,$(room)/$(depth)))))
FORMATTED := $(filter-out tests/tidy/samples/%,$(ALL_C))

# ---- Flags ----

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
COMMON := -std=c11 -g $(WARNINGS) -MMD -MP -I. -Iinclude

KERNEL_CC := $(CROSS)gcc
KERNEL_COMMON := $(COMMON) -O2 -ffreestanding -fno-builtin -fno-common -fno-pic -fno-stack-protector \
    -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections \
    -fno-jump-tables -fno-tree-switch-conversion -mgeneral-regs-only -mcmodel=small -mstrict-align \
    -Ihal/aarch64/inline -Ihal/aarch64/arch
KERNEL_FLAGS_debug := $(KERNEL_COMMON) -fno-omit-frame-pointer -DKAAL_DEBUG=1 -Ibuild/aarch64-debug/generated
KERNEL_FLAGS_release := $(KERNEL_COMMON) -flto=auto -DKAAL_DEBUG=0 -Ibuild/aarch64-release/generated
KERNEL_LINK := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack \
    -Wl,--gc-sections -Wl,--fatal-warnings

USER_FLAGS := $(COMMON) -O2 -ffreestanding -fno-builtin -fno-common -fno-pic -fno-stack-protector \
    -fno-tree-loop-distribute-patterns -Iuser
USER_LINK := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack

HOST_COMMON := $(COMMON) -DKAAL_DEBUG=1 -Ihal/host/inline -Ihal/aarch64/arch -Iuser -fno-omit-frame-pointer
HOST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_CC_asan = $(HOST_CC)
HOST_FLAGS_asan := $(HOST_COMMON) -O1 $(HOST_SANITIZE)
HOST_LINK_asan := $(HOST_SANITIZE)
HOST_CC_fuzz = clang
HOST_FLAGS_fuzz := $(HOST_COMMON) -O1 -fsanitize=fuzzer-no-link $(HOST_SANITIZE)
HOST_LINK_fuzz := -fsanitize=fuzzer $(HOST_SANITIZE)
HOST_CC_cov = gcc
HOST_FLAGS_cov := $(HOST_COMMON) -O0 --coverage
HOST_LINK_cov := --coverage
HOST_CC_gcc = gcc
HOST_FLAGS_gcc := $(HOST_COMMON) -O2
HOST_LINK_gcc :=
# Each basic block of core calls a counter: bench/steps.h.
# A step is work of the kernel: assertions, which no release kernel has, are none.
HOST_CC_step = gcc
HOST_FLAGS_step = $(HOST_COMMON) -DKAAL_ASSERTIONS=0 -O2 $(if $(filter core/%,$<),-fsanitize-coverage=trace-pc)
HOST_LINK_step :=
HOST_VARIANTS := asan fuzz cov gcc step

# Tools have no hal_panic() for the assertions of core headers.
TOOL_CC := gcc
TOOL_FLAGS := $(COMMON) -O1 -DKAAL_ASSERTIONS=0 -Ihal/host/inline -Ihal/aarch64/arch

# What runs once, at boot or at the end, is built for size.
KERNEL_SMALL := $(filter core/boot/% core/log.c core/api/debug.c,$(CORE_SOURCES)) \
    $(addprefix hal/aarch64/,banner.c boot.c boot_memory.c console.c cpu.c early.c fdt.c hardware.c machine%.c \
    params.c psci.c report.c window.c)

# ---- Set-up ----

# What has to be installed depends on what was asked for.
DEPS_GROUPS := run $(if $(filter-out run image kernel size gdb,$(MAKECMDGOALS)),test) \
    $(if $(filter bench deps,$(MAKECMDGOALS)),bench) $(if $(filter gdb deps,$(MAKECMDGOALS)),gdb) $(if $(filter coverage deps,$(MAKECMDGOALS)),coverage)

.PHONY: toolchain
toolchain:
	$(Q)$(if $(filter off,$(DEPS)),true,CROSS='$(CROSS)' tools/deps.sh $(DEPS_GROUPS))

# ---- Kernel ----

# $(1): debug or release
define kernel_rules
KERNEL_OBJECTS_$(1) := $$(KERNEL_SOURCES:%.c=build/aarch64-$(1)/obj/%.o) \
    $$(KERNEL_ASSEMBLY:%.S=build/aarch64-$(1)/obj/%.S.o)
-include $$(KERNEL_OBJECTS_$(1):.o=.d) build/aarch64-$(1)/generated/offsets.d

build/aarch64-$(1)/generated/hal_offsets.h: hal/aarch64/offsets.c Makefile | toolchain
	@mkdir -p $$(@D)
	$$(Q)$$(KERNEL_CC) $$(filter-out -flto%,$$(KERNEL_FLAGS_$(1))) -MF $$(@D)/offsets.d -MT $$@ -S -o $$(@D)/offsets.s $$<
	$$(Q)sed -n 's/^->\([A-Za-z0-9_]*\) [$$$$#]*\([-0-9]*\).*/#define \1 \2/p' $$(@D)/offsets.s > $$@.new
	$$(Q)test -s $$@.new && mv $$@.new $$@

build/aarch64-$(1)/obj/%.o: %.c Makefile | toolchain
	@mkdir -p $$(@D)
	@echo '  CC $(1) $$<'
	$$(Q)$$(KERNEL_CC) $$(KERNEL_FLAGS_$(1)) $$(if $$(filter $$(KERNEL_SMALL),$$<),-Os) -c -o $$@ $$<

build/aarch64-$(1)/obj/%.S.o: %.S build/aarch64-$(1)/generated/hal_offsets.h Makefile | toolchain
	@mkdir -p $$(@D)
	@echo '  AS $(1) $$<'
	$$(Q)$$(KERNEL_CC) $$(filter-out -flto% -std=c11,$$(KERNEL_FLAGS_$(1))) -c -o $$@ $$<

# The functions that a first link has at which addresses: reports of debug kernels name them.
build/aarch64-$(1)/generated/no_symbols.S: tools/symbols.awk
	@mkdir -p $$(@D)
	$$(Q)awk -f $$< /dev/null > $$@

build/aarch64-$(1)/generated/symbols.S: build/aarch64-$(1)/first.elf tools/symbols.awk
	$$(Q)$(CROSS)nm -n $$< | awk -f tools/symbols.awk > $$@

build/aarch64-$(1)/generated/%.o: build/aarch64-$(1)/generated/%.S
	$$(Q)$$(KERNEL_CC) -c -o $$@ $$<

build/aarch64-$(1)/first.elf: $$(KERNEL_OBJECTS_$(1)) hal/aarch64/kernel.ld build/aarch64-$(1)/generated/no_symbols.o
	$$(Q)$$(KERNEL_CC) $$(KERNEL_FLAGS_$(1)) $$(KERNEL_LINK) -Wl,-T,hal/aarch64/kernel.ld -o $$@ $$(filter %.o,$$^)

# Only the table of names may differ between the two links.
build/aarch64-$(1)/kernel.elf: $$(KERNEL_OBJECTS_$(1)) hal/aarch64/kernel.ld $$(KERNEL_SYMBOLS_$(1))
	@echo '  LD $$@'
	$$(Q)$$(KERNEL_CC) $$(KERNEL_FLAGS_$(1)) $$(KERNEL_LINK) -Wl,-T,hal/aarch64/kernel.ld \
	    -Wl,-Map,$$(@D)/kernel.map -o $$@ $$(filter %.o,$$^)
	$$(if $$(KERNEL_SYMBOLS_$(1)),$$(Q)$(CROSS)nm -n $$@ | awk -f tools/symbols.awk | cmp - build/aarch64-$(1)/generated/symbols.S)
endef

KERNEL_SYMBOLS_debug := build/aarch64-debug/generated/symbols.o

# A debug kernel without assertions: its first link is what `make bench` counts where only debug kernels will do.
KERNEL_FLAGS_measured := $(KERNEL_COMMON) -fno-omit-frame-pointer -DKAAL_DEBUG=1 -DKAAL_ASSERTIONS=0 -Ibuild/aarch64-measured/generated

$(foreach build,debug release measured,$(eval $(call kernel_rules,$(build))))

# The differential test of the fastpath is a kernel of its own: the objects of the release kernel, compiled one by one
# so that calls between files can be led to the driver, which takes over after the start. The debug kernel shows that
# the generated states keep the invariants.
FASTPATH_SOURCES := $(sort $(wildcard tests/fastpath/*.c))
FASTPATH_ASSEMBLY := $(sort $(wildcard tests/fastpath/*.S))
FASTPATH_WRAPPED := core_boot core_syscall core_interrupt core_signal trap_exception
KERNEL_FLAGS_fastpath := $(filter-out -flto%,$(KERNEL_COMMON)) -DKAAL_DEBUG=0 -Ibuild/aarch64-fastpath/generated
KERNEL_FLAGS_fastpath-debug := $(KERNEL_COMMON) -DKAAL_DEBUG=1 -Ibuild/aarch64-fastpath-debug/generated

# $(1): fastpath or fastpath-debug
define fastpath_rules
$$(eval $$(call kernel_rules,$(1)))
FASTPATH_OBJECTS_$(1) := $$(FASTPATH_SOURCES:%.c=build/aarch64-$(1)/obj/%.o) \
    $$(FASTPATH_ASSEMBLY:%.S=build/aarch64-$(1)/obj/%.S.o)
-include $$(FASTPATH_OBJECTS_$(1):.o=.d)

build/aarch64-$(1)/driver.elf: $$(KERNEL_OBJECTS_$(1)) $$(FASTPATH_OBJECTS_$(1)) hal/aarch64/kernel.ld \
    build/aarch64-$(1)/generated/no_symbols.o
	@echo '  LD $$@'
	$$(Q)$$(KERNEL_CC) $$(KERNEL_FLAGS_$(1)) $$(KERNEL_LINK) $$(FASTPATH_WRAPPED:%=-Wl,--wrap=%) \
	    -Wl,-T,hal/aarch64/kernel.ld -o $$@ $$(filter %.o,$$^)

build/$(1).img: build/aarch64-$(1)/driver.elf build/user/drive_uart.elf build/tools/mkimage
	$$(Q)build/tools/mkimage --kernel $$< --root build/user/drive_uart.elf --output $$@ --params 'log-level=0 check=on'
endef

$(foreach build,fastpath fastpath-debug,$(eval $(call fastpath_rules,$(build))))

# ---- Programs for the kernel ----

build/user/obj/%.o: %.c Makefile | toolchain
	@mkdir -p $(@D)
	@echo '  CC user $<'
	$(Q)$(KERNEL_CC) $(USER_FLAGS) -c -o $@ $<

build/user/obj/%.S.o: %.S Makefile | toolchain
	@mkdir -p $(@D)
	@echo '  AS user $<'
	$(Q)$(KERNEL_CC) $(filter-out -std=c11,$(USER_FLAGS)) -c -o $@ $<

user_objects = $(patsubst %.S,build/user/obj/%.S.o,$(filter %.S,$(1))) \
    $(patsubst %.c,build/user/obj/%.o,$(filter %.c,$(1)))

# $(1): program, $(2): its sources
define user_program
-include $$(patsubst %.o,%.d,$$(call user_objects,$$(USER_AARCH64) $(2)))
build/user/$(1).elf: $$(call user_objects,$$(USER_AARCH64) $(2)) user/sys/aarch64/root.ld
	@echo '  LD $$@'
	$$(Q)$$(KERNEL_CC) $$(USER_FLAGS) $$(USER_LINK) -Wl,-T,user/sys/aarch64/root.ld -o $$@ $$(filter %.o,$$^)
endef

$(foreach program,$(PROGRAMS),$(eval $(call user_program,$(program),$($(program)_SOURCES))))
$(foreach program,$(SYSTEM_PROGRAMS),$(eval $(call user_program,$(program),tests/system/$(program).c)))

# The benchmark's threads use the FPU where a row says so and nowhere else.
BENCH_SOURCES := $(USER_AARCH64) $(bench_SOURCES)
BENCH_OBJECTS := $(patsubst %.S,build/bench/obj/%.S.o,$(filter %.S,$(BENCH_SOURCES))) \
    $(patsubst %.c,build/bench/obj/%.o,$(filter %.c,$(BENCH_SOURCES)))
-include $(BENCH_OBJECTS:.o=.d)

build/bench/obj/%.o: %.c Makefile | toolchain
	@mkdir -p $(@D)
	@echo '  CC bench $<'
	$(Q)$(KERNEL_CC) $(USER_FLAGS) -mgeneral-regs-only -c -o $@ $<

build/bench/obj/%.S.o: %.S Makefile | toolchain
	@mkdir -p $(@D)
	@echo '  AS bench $<'
	$(Q)$(KERNEL_CC) $(filter-out -std=c11,$(USER_FLAGS)) -c -o $@ $<

build/bench/bench.elf: $(BENCH_OBJECTS) user/sys/aarch64/root.ld
	@echo '  LD $@'
	$(Q)$(KERNEL_CC) $(USER_FLAGS) $(USER_LINK) -Wl,-T,user/sys/aarch64/root.ld -o $@ $(filter %.o,$^)

# ---- The core as a Linux library ----

# $(1): variant
define host_rules
HOST_OBJECTS_$(1) := $$(HOST_SOURCES:%.c=build/host-$(1)/obj/%.o)
-include $$(HOST_OBJECTS_$(1):.o=.d) $$(patsubst %.c,build/host-$(1)/obj/%.d,$$(USER_HOST) $$(UNIT_SHARED) \
    $$(demo_SOURCES) $$(conformance_SOURCES) tools/elf.c $$(UNIT_TESTS:%=tests/unit/%.c) \
    $$(FUZZ_TARGETS:%=tests/fuzz/fuzz_%.c) $$(wildcard tests/model/*.c))

build/host-$(1)/obj/%.o: %.c Makefile | toolchain
	@mkdir -p $$(@D)
	@echo '  CC host-$(1) $$<'
	$$(Q)$$(HOST_CC_$(1)) $$(HOST_FLAGS_$(1)) -c -o $$@ $$<

build/host-$(1)/libkaal.a: $$(HOST_OBJECTS_$(1))
	@echo '  AR $$@'
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
endef

# $(1): variant, $(2): test
define unit_test
build/host-$(1)/unit/$(2): build/host-$(1)/obj/tests/unit/$(2).o $$(UNIT_SHARED:%.c=build/host-$(1)/obj/%.o) \
    $$(unit_extra_$(2):%.c=build/host-$(1)/obj/%.o) build/host-$(1)/libkaal.a
	@mkdir -p $$(@D)
	@echo '  LD $$@'
	$$(Q)$$(HOST_CC_$(1)) $$(HOST_LINK_$(1)) -o $$@ $$^ -lcmocka -lfdt
endef

# $(1): variant, $(2): program
define host_program
build/host-$(1)/program/$(2): $$(patsubst %.c,build/host-$(1)/obj/%.o,$$(USER_HOST) $$($(2)_SOURCES)) \
    build/host-$(1)/libkaal.a
	@mkdir -p $$(@D)
	@echo '  LD $$@'
	$$(Q)$$(HOST_CC_$(1)) $$(HOST_LINK_$(1)) -o $$@ $$^
endef

# $(1): name of the model
define model_test
build/host-gcc/model/$(1): $$(patsubst %.c,build/host-gcc/obj/%.o,$$(sort $$(wildcard tests/model/$(1)_*.c)) \
    $$(UNIT_SHARED)) build/host-gcc/libkaal.a
	@mkdir -p $$(@D)
	@echo '  LD $$@'
	$$(Q)$$(HOST_CC_gcc) $$(HOST_LINK_gcc) -o $$@ $$^
endef

unit_extra_test_vspace := tests/unit/spaces.c
unit_extra_test_asid := tests/unit/spaces.c
unit_extra_test_mapping := tests/unit/spaces.c
unit_extra_test_elf := $(wildcard tools/elf.c)
unit_extra_test_mkimage := $(wildcard tools/elf.c)

$(foreach variant,$(HOST_VARIANTS),$(eval $(call host_rules,$(variant))))
$(foreach variant,asan cov gcc,$(foreach test,$(UNIT_TESTS),$(eval $(call unit_test,$(variant),$(test)))) \
    $(foreach program,$(PROGRAMS),$(eval $(call host_program,$(variant),$(program)))))

$(foreach model,$(MODELS),$(eval $(call model_test,$(model))))

# $(1): name of the program, $(2): its source
define step_program
-include build/host-step/obj/$(2:%.c=%.d)
build/host-step/steps/$(1): $(2:%.c=build/host-step/obj/%.o) $$(STEP_SHARED:%.c=build/host-step/obj/%.o) \
    $$(UNIT_SHARED:%.c=build/host-step/obj/%.o) build/host-step/libkaal.a
	@mkdir -p $$(@D)
	@echo '  LD $$@'
	$$(Q)$$(HOST_CC_step) $$(HOST_LINK_step) -o $$@ $$^
endef

-include $(STEP_SHARED:%.c=build/host-step/obj/%.d)
$(foreach source,$(STEP_SOURCES),$(eval $(call step_program,$(basename $(notdir $(source))),$(source))))

# The invariant checker is a judge: its own branches are no news to the fuzzer, and counting them takes most of the time.
build/host-fuzz/obj/core/check/%.o: HOST_FLAGS_fuzz := $(filter-out -fsanitize=fuzzer-no-link,$(HOST_FLAGS_fuzz))

# The fuzzer of IPC runs the programs of the IPC model.
build/host-fuzz/fuzz/ipc: $(patsubst %.c,build/host-fuzz/obj/%.o,$(filter-out %_main.c,$(sort $(wildcard tests/model/ipc_*.c))))

build/host-fuzz/fuzz/elf: build/host-fuzz/obj/tools/elf.o
build/host-fuzz/fuzz/%: build/host-fuzz/obj/tests/fuzz/fuzz_%.o $(UNIT_SHARED:%.c=build/host-fuzz/obj/%.o) \
    build/host-fuzz/libkaal.a
	@mkdir -p $(@D)
	@echo '  LD $@'
	$(Q)$(HOST_CC_fuzz) $(HOST_LINK_fuzz) -o $@ $^ -lfdt

# The whole way from a device tree to the root task, for the trees of real boards: the first file begins the kernel's
# image and the last one ends it. Of the hardware layer all but what is assembly or serves a running machine.
BOARD_SOURCES := tests/boards/read_tree.c $(addprefix tests/boards/,loader.c machine.c outcome.c) $(CORE_SOURCES) \
    $(filter-out $(addprefix hal/aarch64/,cache.c early.c fpu.c offsets.c params.c psci.c report.c traps.c), \
    $(sort $(wildcard hal/aarch64/*.c))) tests/boards/image_end.c
-include $(BOARD_SOURCES:%.c=build/host-board/obj/%.d)

build/host-board/obj/%.o: %.c Makefile | toolchain
	@mkdir -p $(@D)
	@echo '  CC host-board $<'
	$(Q)$(HOST_CC) $(HOST_FLAGS_asan) -include tests/boards/hardware.h -c -o $@ $<

build/host-board/read_tree: $(BOARD_SOURCES:%.c=build/host-board/obj/%.o)
	@echo '  LD $@'
	$(Q)$(HOST_CC) $(HOST_LINK_asan) -Wl,--wrap=core_boot,--wrap=hal_console_write -o $@ $^ -lfdt

build/dts/%.dtb: tests/unit/dts/%.dts Makefile | toolchain
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

# Those of the unit tests with changes: what boards say that the kernel must live with, or must refuse.
-include $(BOARD_TREES:.dtb=.d)
build/dts/%.dtb: tests/boards/dts/%.dts Makefile
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -d $(@:.dtb=.d) -o $@ $<

# ---- Tools ----

build/tools/obj/%.o: %.c Makefile | toolchain
	@mkdir -p $(@D)
	$(Q)$(TOOL_CC) $(TOOL_FLAGS) -c -o $@ $<

MKIMAGE_SOURCES := $(wildcard tools/mkimage.c tools/elf.c core/boot/params.c)
-include $(MKIMAGE_SOURCES:%.c=build/tools/obj/%.d) build/tools/obj/tools/watch.d

build/tools/mkimage: $(MKIMAGE_SOURCES:%.c=build/tools/obj/%.o)
	@echo '  LD $@'
	$(Q)$(TOOL_CC) -o $@ $^

build/tools/watch: build/tools/obj/tools/watch.o
	@echo '  LD $@'
	$(Q)$(TOOL_CC) -o $@ $^

# ---- Verbs: build and run ----

.PHONY: help
help: ## this list
	@awk -f tools/help.awk $(firstword $(MAKEFILE_LIST))

.PHONY: deps
deps: toolchain ## install what any verb needs (Debian, Ubuntu), or say what is missing

.PHONY: kernel
kernel: build/aarch64-$(BUILD)/kernel.elf compile_commands.json ## build the kernel

# Release kernels print nothing for their users: the demo would run without a word.
DEFAULT_ROOT := build/user/$(if $(filter release,$(BUILD)),drive_uart,demo).elf
ROOT_ELF = $(or $(ROOT),$(DEFAULT_ROOT))

.PHONY: image
image: build/aarch64-$(BUILD)/kernel.elf build/tools/mkimage $(if $(ROOT),,$(DEFAULT_ROOT)) ## join the kernel with ROOT=elf into the bootable image OUT=file
	$(Q)build/tools/mkimage --kernel build/aarch64-$(BUILD)/kernel.elf --root '$(ROOT_ELF)' --output '$(OUT)' \
	    --params '$(PARAMS)' --ram '$(RAM)'
	@echo 'image: $(OUT)'

.PHONY: run
run: build/aarch64-$(BUILD)/kernel.elf build/tools/mkimage build/tools/watch $(if $(ROOT),,$(DEFAULT_ROOT)) compile_commands.json ## boot the kernel with ROOT=elf (default: the demo) in QEMU and judge what it prints
	$(Q)build/tools/mkimage --kernel build/aarch64-$(BUILD)/kernel.elf --root '$(ROOT_ELF)' \
	    --output build/aarch64-$(BUILD)/run.img --params '$(PARAMS)' --ram '$(RAM)'
	$(Q)mkdir -p build/logs
	$(Q)tools/run.sh --machine '$(MACHINE)' --cpu '$(CPU)' --ram '$(RAM)' --log build/logs/run.log \
	    --limit '$(or $(LIMIT),$(if $(ROOT),600,60))' $(if $(ROOT),--optional) \
	    build/aarch64-$(BUILD)/run.img $(QEMU_FLAGS)

.PHONY: gdb
gdb: build/aarch64-$(BUILD)/kernel.elf build/tools/mkimage $(if $(ROOT),,$(DEFAULT_ROOT)) ## start QEMU stopped at the first instruction, under gdb-multiarch with symbols
	$(Q)build/tools/mkimage --kernel build/aarch64-$(BUILD)/kernel.elf --root '$(ROOT_ELF)' \
	    --output build/aarch64-$(BUILD)/run.img --params '$(PARAMS)' --ram '$(RAM)'
	$(Q)mkdir -p build/logs
	$(Q)tools/gdb.sh --machine '$(MACHINE)' --cpu '$(CPU)' --ram '$(RAM)' --log build/logs/gdb.log \
	    --kernel build/aarch64-$(BUILD)/kernel.elf --root '$(ROOT_ELF)' --gdb-flags '$(GDB_FLAGS)' \
	    build/aarch64-$(BUILD)/run.img $(QEMU_FLAGS)

# ---- Verbs: tests ----

# What each kind of test needs built; tools/test.sh runs it.
UNIT_NEEDS := $(UNIT_TESTS:%=build/host-asan/unit/%) $(UNIT_TREES) build/tools/watch build/tools/mkimage
EMULATOR_NEEDS := build/tools/watch build/tools/mkimage build/aarch64-debug/kernel.elf build/aarch64-release/kernel.elf
CONFORMANCE_NEEDS := $(EMULATOR_NEEDS) build/host-asan/program/conformance build/user/conformance.elf
SYSTEM_NEEDS := $(EMULATOR_NEEDS) build/host-asan/program/demo build/user/demo.elf \
    $(SYSTEM_PROGRAMS:%=build/user/%.elf) $(UNIT_TREES)
MODEL_NEEDS := build/tools/watch $(MODELS:%=build/host-gcc/model/%)
STEP_NEEDS := build/tools/watch $(STEP_TESTS:%=build/host-step/steps/%)
BOARD_NEEDS := $(EMULATOR_NEEDS) build/user/conformance.elf $(UNIT_TREES) $(BOARD_TREES) build/host-board/read_tree
FASTPATH_NEEDS := build/tools/watch build/fastpath.img build/fastpath-debug.img
FUZZ_NEEDS := build/tools/watch $(FUZZ_TARGETS:%=build/host-fuzz/fuzz/%)
BENCH_NEEDS := build/bench/bench.img build/bench/conformance.img build/bench/trace.so build/tools/watch \
    build/host-step/steps/growth
TIDY_NEEDS := build/tools/watch build/aarch64-debug/kernel.elf build/aarch64-release/kernel.elf $(CORE_SOURCES:%.c=build/aarch64-debug/obj/%.o) build/host-gcc/libkaal.a compile_commands.json

export IPC_TESTS CROSS UNIT_TESTS MODELS STEP_TESTS SEED EVENTS STATES FUZZ_TARGETS FUZZ_SMOKE ONLY

.PHONY: test
test: $(UNIT_NEEDS) $(MODEL_NEEDS) $(STEP_NEEDS) $(CONFORMANCE_NEEDS) $(FASTPATH_NEEDS) $(SYSTEM_NEEDS) $(BOARD_NEEDS) $(FUZZ_NEEDS) $(TIDY_NEEDS) $(BENCH_NEEDS) ## run every test; ends with "N passed, N failed"
	@tools/test.sh tools tidy unit model steps compile conformance fastpath bench system boards fuzz

.PHONY: unit
unit: $(UNIT_NEEDS) ## unit tests of the core, the device-tree reader and the simulated machine (sanitizers on)
	@tools/test.sh unit

# The tests that tell the cells of docs/ipc-tables.md.
IPC_TESTS := $(addprefix build/host-asan/unit/,test_syscall test_endpoint test_message test_reply test_notification \
    test_fault test_cancel test_irq test_invoke)

.PHONY: ipc-tables
ipc-tables: $(IPC_TESTS) ## write docs/ipc-tables.md, the outcome of every IPC operation in every state, from the unit tests
	@tools/ipc-tables.sh $(IPC_TESTS)

.PHONY: model
model: $(MODEL_NEEDS) ## the core beside plain models of it, over SEED=number and EVENTS=number of random operations
	@tools/test.sh model

.PHONY: steps
steps: $(STEP_NEEDS) ## what must be bounded in executed steps of the core, with 10,000 threads
	@tools/test.sh steps

.PHONY: conformance
conformance: $(CONFORMANCE_NEEDS) ## the API suite, on the simulated machine and in QEMU
	@tools/test.sh conformance

.PHONY: fastpath
fastpath: $(FASTPATH_NEEDS) ## the assembly fastpath against the C path, over STATES=number of states from SEED=number; broken on purpose
	@tools/test.sh fastpath

.PHONY: system
system: $(SYSTEM_NEEDS) ## boot images in QEMU: boards, CPUs, bad input
	@tools/test.sh system

.PHONY: boards
boards: $(BOARD_NEEDS) ## boot the conformance program on every board that QEMU models: the matrix as a table
	@tests/system/boards.sh

.PHONY: boards-dtb
boards-dtb: build/host-board/read_tree ## boot the description of every board in Debian's arm64 kernel package on the host (fetches it); UPDATE=1: the new outcomes are right
	@tests/boards/run.sh $(if $(UPDATE),--update)

.PHONY: compile
compile: build/tools/watch ## wrong programs against the typed user library must not compile
	@tools/test.sh compile

.PHONY: tidy
tidy: $(TIDY_NEEDS) ## the rules of the house: layering, function length, globals, formatting, ...
	@tools/test.sh tools tidy

.PHONY: fuzz
fuzz: build/host-fuzz/fuzz/$(TARGET) build/tools/watch ## run the fuzz target TARGET=name for TIME=seconds; found inputs in build/fuzz
	@tools/fuzz.sh '$(TARGET)' '$(TIME)'

build/bench/conformance.img: build/aarch64-measured/first.elf build/user/conformance.elf build/tools/mkimage
	@mkdir -p $(@D)
	$(Q)build/tools/mkimage --kernel build/aarch64-measured/first.elf --root build/user/conformance.elf --output $@ \
	    --params 'log-level=0'

# A plugin for QEMU.
build/bench/trace.so: bench/trace.c Makefile | toolchain
	@mkdir -p $(@D)
	@echo '  CC $@'
	$(Q)$(TOOL_CC) $(filter-out -MMD -MP,$(TOOL_FLAGS)) -O2 -fPIC -shared -fvisibility=hidden -o $@ $<

build/bench/bench.img: build/aarch64-release/kernel.elf build/bench/bench.elf build/tools/mkimage
	$(Q)build/tools/mkimage --kernel build/aarch64-release/kernel.elf --root build/bench/bench.elf --output $@ \
	    --params 'user-pmu=on user-counters=on user-timer=on root-cnode-bits=16 log-level=0 domains=1'

.PHONY: bench
bench: $(BENCH_NEEDS) ## what operations cost, beside the reference: bench/report.md, report.json and the pictures of the growth tables
	@tools/bench.sh report
	@cat bench/report.md

.PHONY: growth
growth: build/host-step/steps/growth ## the growth table alone: steps of the core for 1 to 10,000 threads
	@$<

.PHONY: profile
profile: build/bench/bench.img build/bench/trace.so build/tools/watch ## where the kernel's instructions of ROW=name go, a row of bench/report.md
	@tools/bench-profile.sh '$(ROW)'

.PHONY: bench-check
bench-check: $(BENCH_NEEDS) ## fails when a figure has risen by more than 2 % over bench/report.json
	@tools/test.sh bench

# The kernel says in debug builds why each operation failed; the table says which test made it do so.
build/errors.md: tests/conformance/errors.txt tools/errors.awk build/host-asan/program/conformance
	$(Q)build/host-asan/program/conformance --log-level=3 --unchecked >build/logs/errors.log
	$(Q)awk -f tools/errors.awk tests/conformance/errors.txt build/logs/errors.log >$@.new && mv $@.new $@

.PHONY: errors
errors: build/errors.md ## write docs/errors.md: which conformance test shows which error of which invocation
	$(Q)cp build/errors.md docs/errors.md

.PHONY: coverage
coverage: $(UNIT_TESTS:%=build/host-cov/unit/%) $(UNIT_TREES) build/tools/watch build/tools/mkimage build/host-cov/program/conformance ## line and branch coverage of core by unit and conformance tests: build/coverage
	@tools/coverage.sh

# ---- Verbs: house-keeping ----

.PHONY: size
size: build/aarch64-debug/kernel.elf build/aarch64-release/kernel.elf ## size of the kernel: text, rodata, data, bss, image, lines of code
	@tools/size.sh

.PHONY: size-table
size-table: build/aarch64-debug/kernel.elf build/aarch64-release/kernel.elf ## write the size of the kernel into the README's table
	$(Q)tools/size.sh --write README.md

.PHONY: format
format: ## format all C sources
	$(Q)$(or $(shell command -v clang-format-14),clang-format) -i $(FORMATTED)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build compile_commands.json

# One entry for each translation unit, with the command that compiles it: clangd and other tools read this.
comma := ,
json_entry = {"directory": "$(CURDIR)", "file": "$(1)", "command": "$(2) -c $(filter-out -MMD -MP,$(3)) $(1)"}$(comma)
add_entries = $(foreach source,$(1),$(file >>$@.new,$(call json_entry,$(source),$(2),$(3))))

.PHONY: always
always:

compile_commands.json: always
	$(file >$@.new,[)
	$(call add_entries,$(KERNEL_SOURCES),$(KERNEL_CC),$(KERNEL_FLAGS_debug))
	$(call add_entries,$(filter %.c,$(USER_AARCH64)) $(demo_SOURCES) $(conformance_SOURCES) \
	    $(wildcard tests/system/*.c),$(KERNEL_CC),$(USER_FLAGS))
	$(call add_entries,$(wildcard hal/host/*.c user/sys/host/*.c tests/unit/*.c tests/model/*.c),$(HOST_CC_asan),$(HOST_FLAGS_asan))
	$(call add_entries,$(wildcard tests/fuzz/*.c),$(HOST_CC_fuzz),$(HOST_FLAGS_fuzz))
	$(call add_entries,$(wildcard tools/*.c),$(TOOL_CC),$(TOOL_FLAGS))
	$(call add_entries,$(FASTPATH_SOURCES),$(KERNEL_CC),$(KERNEL_FLAGS_fastpath-debug))
	$(Q)mkdir -p build && sed '$$s/,$$/]/' $@.new > build/$@ && rm -f $@.new
	$(Q)cmp -s build/$@ $@ || cp build/$@ $@
