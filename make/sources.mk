# SPDX-License-Identifier: BSD-2-Clause
#
# What is built from which files. The lists are wildcards: a new file in a room is built without a change here.

# ---- The kernel, as a kernel and as a library ----

CORE_SOURCES := $(call files,core,*.c)
BOARD_LAYER := $(call files,hal/board,*.c)
HAL_SOURCES := $(filter-out %/offsets.c,$(call files,hal/aarch64,*.c))
KERNEL_SOURCES := $(CORE_SOURCES) $(BOARD_LAYER) $(HAL_SOURCES)
KERNEL_ASSEMBLY := $(call files,hal/aarch64,*.S)

# What contains no assembly and no register of a device: the simulated machine uses the very same files.
SHARED_HAL := hal/aarch64/memory/page_table.c $(filter-out %/console.c %/uarts.c,$(BOARD_LAYER))
HOST_SOURCES := $(CORE_SOURCES) $(call files,hal/host,*.c) $(SHARED_HAL)

# ---- Programs ----

USER_LIB := $(call files,user/lib,*.c)
USER_AARCH64 := $(call files,user/sys/aarch64,*.S) $(USER_LIB) $(call files,user/sys/aarch64,*.c)
USER_HOST := $(USER_LIB) $(call files,user/sys/host,*.c)

# Programs that run on both machines, and what only runs under QEMU.
PORTABLE_PROGRAMS := demo conformance
demo_SOURCES := $(call files,user/demo,*.c)
conformance_SOURCES := $(call files,tests/conformance,*.c)
bench_SOURCES := $(call files,bench/root,*.c)
SYSTEM_SOURCES := $(sort $(wildcard tests/system/*.c))
SYSTEM_PROGRAMS := $(basename $(notdir $(SYSTEM_SOURCES)))
SYSTEM_STAGES := $(basename $(notdir $(sort $(wildcard tests/system/stages/*.S))))

TOOLS := mkimage watch layouts
layouts_SOURCES := tools/layouts.c
mkimage_SOURCES := tools/mkimage.c tools/elf.c core/boot/params.c
watch_SOURCES := tools/watch.c tools/work.c

# ---- Tests ----

# Unit tests lie in the folder of what they test; each is known by its name, which no other has.
UNIT_SOURCES := $(call files,tests/unit,test_*.c)
UNIT_TESTS := $(sort $(basename $(notdir $(UNIT_SOURCES))))
ifneq ($(words $(UNIT_SOURCES)),$(words $(UNIT_TESTS)))
$(error two files of tests/unit have the same name: \
    $(foreach test,$(UNIT_TESTS),$(if $(word 2,$(filter %/$(test).c,$(UNIT_SOURCES))),$(test))))
endif
# What tests share, as a library: each takes of it what it needs.
KIT_SOURCES := $(call files,tests/kit,*.c)
# What a unit test is made of besides.
test_elf_SOURCES := tools/elf.c
test_mkimage_SOURCES := tools/elf.c

# A model test is made of all tests/model/NAME_*.c: a plain model of a part of the core, and what drives both.
MODEL_SOURCES := $(sort $(wildcard tests/model/*_*.c))
MODELS := $(sort $(foreach file,$(notdir $(MODEL_SOURCES)),$(firstword $(subst _, ,$(file)))))

STEP_SOURCES := $(sort $(wildcard tests/steps/*.c)) bench/growth.c
STEP_TESTS := $(basename $(notdir $(STEP_SOURCES)))
STEP_SHARED := bench/steps.c bench/crowd.c

FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
# The fuzzer of IPC runs the programs of the IPC model.
fuzz_ipc_SOURCES := $(filter-out %_main.c,$(filter tests/model/ipc_%,$(MODEL_SOURCES)))
fuzz_elf_SOURCES := tools/elf.c

# The whole way from a device tree to the root task, for the trees of real boards: the first file begins the kernel's
# image and the last one ends it. Of the hardware layer all but what is assembly or serves a running machine.
read_tree_SOURCES := tests/boards/read_tree.c $(addprefix tests/boards/,loader.c machine.c outcome.c) $(CORE_SOURCES) \
    $(BOARD_LAYER) $(filter-out %/cache.c %/early.c %/fpu.c %/params.c %/psci.c %/report.c %/traps.c,$(HAL_SOURCES)) \
    tests/boards/image_end.c

# Device trees: of machines, and those with changes: what boards say that the kernel must live with, or must refuse.
UNIT_DTS := $(sort $(wildcard tests/kit/dts/*.dts))
BOARD_DTS := $(sort $(wildcard tests/boards/dts/*.dts))
UNIT_TREES := $(patsubst %.dts,build/dts/%.dtb,$(notdir $(UNIT_DTS)))
BOARD_TREES := $(patsubst %.dts,build/dts/%.dtb,$(notdir $(BOARD_DTS)))

FASTPATH_SOURCES := $(sort $(wildcard tests/fastpath/*.c))
FASTPATH_ASSEMBLY := $(sort $(wildcard tests/fastpath/*.S))
# What the fastpath test tests: its driver has no copy of these.
FASTPATH_TESTED := core/kernel.c core/api/entry.c \
    $(addprefix hal/aarch64/,hardware.c boot/early.c boot/params.c traps/traps.c)

# ---- Everything in C ----

FORMATTED = $(filter-out tests/tidy/samples/%,$(call files,core include hal user tests tools bench,*.c *.h))
