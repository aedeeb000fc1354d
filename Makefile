# SPDX-License-Identifier: BSD-2-Clause
#
# The one entry for everything: `make help` lists the verbs and the variables. Both are in this file; how things are
# built is in the folder make: from which sources, with which flags, by which rules.
#
# The same sources are built several times, each time into a folder of its own:
#   build/aarch64-debug, build/aarch64-release   the kernel
#   build/user                                   programs for the kernel (AArch64)
#   build/host-asan, host-cov, host-fuzz, ...    the core as a Linux library, with its tests and programs
#   build/tools                                  the image builder and the test tools

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules --no-builtin-variables
# The order of lists and the words of tools are the same for everybody.
export LC_ALL := C

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
KINDS = ## kinds of tests that test runs, such as "unit fuzz"; empty: all
FUZZ_RUNS = ## inputs that test gives to each fuzz target; empty: what tests/fuzz/runs.txt says
SEED = ## seed of the model and fastpath tests and of test's fuzzing, a number; empty: 1
EVENTS = ## length of the model tests; empty: what each thinks is enough
ROW = ## row of bench/report.md for profile, such as "yield, alone"
STATES = ## generated states of the fastpath test; empty: a million
ONLY = ## run only the unit or system tests with this text in their name; canaries: only those
NIGHT = 600## how long nightly fuzzes each target, seconds
QEMU ?= qemu-system-aarch64## emulator for all verbs, such as build/qemu/qemu-system-aarch64 (make newer-qemu)
GDB_FLAGS = ## further gdb options, such as "-batch -ex bt"
JOBS = ## parallel jobs; empty: one a processor
CROSS = aarch64-linux-gnu-## prefix of the AArch64 toolchain
HOST_CC = clang## compiler of the host library and its tests
UPDATE = ## 1: boards-dtb writes the table of expected outcomes instead of comparing with it
V = ## 1: show the commands
DEPS = ## off: do not look for missing packages

Q := $(if $(filter 1,$(V)),,@)
JOBS_USED := $(or $(JOBS),$(shell nproc 2>/dev/null || echo 2))
MAKEFLAGS += -j$(JOBS_USED)

ifeq (,$(filter debug release,$(BUILD)))
$(error BUILD=$(BUILD): must be debug or release)
endif

# ---- The gate: tools first ----

# Make reads on only when the tools are there, so no recipe can start before them and no rule has to say that it needs
# them. Which ones depends on what was asked for; a verb that has no line here gets what the tests need.
NEEDS_NOTHING := help clean format newer-qemu
NEEDS_RUN := run image kernel size gdb fresh
GOALS := $(filter-out $(NEEDS_NOTHING),$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL)))
DEPS_GROUPS := $(if $(GOALS),run) $(if $(filter-out $(NEEDS_RUN),$(GOALS)),test) \
    $(foreach group,bench gdb coverage fresh canaries,$(if $(filter $(group) deps,$(GOALS)),$(group))) \
    $(if $(filter nightly,$(GOALS)),canaries)

# Not with `make -n` and `make -q`, which only ask.
LETTERS := $(filter-out -%,$(firstword $(MAKEFLAGS)))
ASKS_ONLY := $(findstring n,$(LETTERS))$(findstring q,$(LETTERS))
ifeq (,$(filter off,$(DEPS))$(ASKS_ONLY))
ifneq (open,$(if $(strip $(DEPS_GROUPS)),$(shell CROSS='$(CROSS)' QEMU='$(QEMU)' tools/deps.sh $(DEPS_GROUPS) >&2 && echo open),open))
$(error the tools for "make $(MAKECMDGOALS)" are not there (make DEPS=off tries all the same))
endif
endif

include $(addprefix make/,functions.mk sources.mk flags.mk kernel.mk tests.mk tools.mk rules.mk)

# A verb is a line with "## " and what the list says of it; the list has the headings below.

# ---- Build ----

.PHONY: help deps kernel image format clean

help: ## this list
	@awk -f tools/help.awk Makefile $(wildcard make/*.mk)

deps: ## install what any verb needs (Debian, Ubuntu), or say what is missing
	@echo 'deps: everything is there'

KERNEL := build/aarch64-$(BUILD)/kernel.elf
kernel: $(KERNEL) compile_commands.json ## build the kernel

# Release kernels print nothing for their users: the demo would run without a word.
DEFAULT_ROOT := build/user/$(if $(filter release,$(BUILD)),drive_uart,demo).elf
ROOT_ELF := $(or $(ROOT),$(DEFAULT_ROOT))
IMAGE_NEEDS := $(KERNEL) build/tools/mkimage $(if $(ROOT),,$(DEFAULT_ROOT))
# $(1): the image
make_image = build/tools/mkimage --kernel $(KERNEL) --root '$(ROOT_ELF)' --output '$(1)' --params '$(PARAMS)' --ram '$(RAM)'

image: $(IMAGE_NEEDS) ## join the kernel with ROOT=elf into the bootable image OUT=file
	$(Q)$(call make_image,$(OUT))
	@echo 'image: $(OUT)'

format: ## format all C sources, with clang-format-14: other versions write them in other ways
	$(Q)command -v clang-format-14 >/dev/null || { echo 'format: clang-format-14 is not installed (Debian 12 has it)' >&2; exit 1; }
	$(Q)clang-format-14 -i $(FORMATTED)

clean: ## remove everything that was built
	rm -rf build compile_commands.json

# ---- Run ----

.PHONY: run gdb newer-qemu

RUN_IMAGE := build/aarch64-$(BUILD)/run.img
EMULATED := --machine '$(MACHINE)' --cpu '$(CPU)' --ram '$(RAM)'

run: $(IMAGE_NEEDS) build/tools/watch compile_commands.json ## boot the kernel with ROOT=elf (default: the demo) in QEMU and judge what it prints
	$(Q)$(call make_image,$(RUN_IMAGE))
	$(Q)mkdir -p build/logs
	$(Q)tools/run.sh $(EMULATED) --log build/logs/run.log --limit '$(or $(LIMIT),$(if $(ROOT),600,60))' \
	    $(if $(ROOT),--optional) $(RUN_IMAGE) $(QEMU_FLAGS)

gdb: $(IMAGE_NEEDS) ## start QEMU stopped at the first instruction, under gdb-multiarch with symbols
	$(Q)$(call make_image,$(RUN_IMAGE))
	$(Q)mkdir -p build/logs
	$(Q)tools/gdb.sh $(EMULATED) --log build/logs/gdb.log --kernel $(KERNEL) --root '$(ROOT_ELF)' \
	    --gdb-flags '$(GDB_FLAGS)' $(RUN_IMAGE) $(QEMU_FLAGS)

newer-qemu: ## fetch the QEMU of Debian's backports into build/qemu: it has boards that Debian 12's own lacks
	@tools/newer-qemu.sh

# ---- Test ----

.PHONY: test unit model steps compile conformance fastpath system boards boards-dtb fuzz tidy ci fresh canaries nightly

test: $(foreach kind,$(CHOSEN_KINDS),$($(kind)_NEEDS)) ## run every test, or those of KINDS; ends with "N passed, N failed"
	@tools/test.sh $(CHOSEN_KINDS)

unit: $(unit_NEEDS) ## unit tests of the core, the device-tree reader and the simulated machine (sanitizers on)
	@tools/test.sh unit

model: $(model_NEEDS) ## the core beside plain models of it, over SEED=number and EVENTS=number of random operations
	@tools/test.sh model

steps: $(steps_NEEDS) ## what must be bounded in executed steps of the core, with 10,000 threads
	@tools/test.sh steps

compile: $(compile_NEEDS) ## wrong programs against the typed user library must not compile
	@tools/test.sh compile

conformance: $(conformance_NEEDS) ## the API suite, on the simulated machine and in QEMU (debug and release kernel)
	@tools/test.sh conformance

fastpath: $(fastpath_NEEDS) ## the assembly fastpath against the C path, over STATES=number of states from SEED=number; broken on purpose
	@tools/test.sh fastpath

system: $(system_NEEDS) ## boot images in QEMU: boards, CPUs, bad input
	@tools/test.sh system

boards: $(boards_NEEDS) ## boot the conformance program on every board that QEMU models: the matrix as a table
	@tests/system/boards.sh

boards-dtb: build/host-board/read_tree ## boot the description of every board in Debian's arm64 kernel package on the host (fetches it); UPDATE=1: the new outcomes are right
	@tests/boards/run.sh $(if $(UPDATE),--update)

fuzz: build/host-fuzz/fuzz/$(TARGET) build/tools/watch ## run the fuzz target TARGET=name for TIME=seconds; found inputs in build/fuzz
	@tools/fuzz.sh '$(TARGET)' '$(TIME)'

tidy: $(tools_NEEDS) $(tidy_NEEDS) ## the rules of the house: layering, function length, globals, formatting, ...
	@tools/test.sh tools tidy

ci: $(foreach kind,$(ALL_KINDS),$($(kind)_NEEDS)) ## what the continuous integration runs: test, the first command on bare systems
	@tools/test.sh $(ALL_KINDS) $(CI_KINDS)

fresh: build/tools/watch ## bare Debian 12 and 13 systems in build/fresh: the README's first command there, and unit (needs root)
	@tools/test.sh fresh

canaries: build/tools/watch ## plant faults (tests/canaries) in a copy of the tree: each kind of test must notice its own
	@ALL_KINDS='$(ALL_KINDS)' tools/canaries.sh '$(ONLY)'

nightly: ## what takes too long for each change: canaries, every board, other seeds, NIGHT seconds of each fuzz target
	@FUZZ_TARGETS='$(FUZZ_TARGETS)' tools/nightly.sh '$(NIGHT)'

# ---- Measure ----

.PHONY: bench bench-check growth profile size coverage

bench: $(bench_NEEDS) ## what operations cost, beside the reference: bench/report.md, report.json and the pictures of the growth tables
	@tools/bench.sh report

bench-check: $(bench_NEEDS) ## fails when a figure has risen by more than 2 % over bench/report.json
	@tools/test.sh bench

growth: build/host-step/steps/growth ## the growth table alone: steps of the core for 1 to 10,000 threads
	@$<

profile: build/bench/bench.img build/bench/trace.so build/tools/watch ## where the kernel's instructions of ROW=name go, a row of bench/report.md
	@tools/bench-profile.sh '$(ROW)'

size: $(BOTH_KERNELS) ## size of the kernel: text, rodata, data, bss, image, lines of code
	@tools/size.sh

coverage: $(coverage_NEEDS) ## line and branch coverage of core by unit and conformance tests: build/coverage
	@tools/coverage.sh

# ---- Document ----

.PHONY: errors ipc-tables size-table drawings measures

errors: build/errors.md ## write docs/errors.md: which conformance test shows which error of which invocation
	$(Q)cp build/errors.md docs/errors.md

ipc-tables: $(IPC_TESTS) ## write docs/ipc-tables.md, the outcome of every IPC operation in every state, from the unit tests
	@tools/ipc-tables.sh $(IPC_TESTS)

size-table: $(BOTH_KERNELS) ## write the size of the kernel into the README's table
	$(Q)tools/size.sh --write README.md

drawings: $(DRAWING_NEEDS) ## write the drawings of docs/tour.md from the code: objects, address space, states of a thread
	$(Q)tools/drawings.sh --write docs/tour.md

measures: ## print the measures of the house, room by room, and write them into docs/architecture.md
	$(Q)tools/measures.sh --write docs/architecture.md
	@tools/measures.sh
