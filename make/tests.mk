# SPDX-License-Identifier: BSD-2-Clause
#
# The libraries and programs of tests and measurements, and what each kind of test needs built.

# ---- The libraries ----

libkaal_SOURCES := $(HOST_SOURCES)
libkit_SOURCES := $(KIT_SOURCES)
$(foreach variant,asan fuzz cov gcc step,$(foreach library,libkaal libkit, \
    $(call linked,host-$(variant),build/host-$(variant)/$(library).a,$(call objects,host-$(variant),$($(library)_SOURCES)))))

# ---- Programs for Linux ----

# $(1): variant, $(2): the program below build/host-VARIANT, $(3): its sources, $(4): libraries
with_core = $(call linked,host-$(1),build/host-$(1)/$(2),$(call objects,host-$(1),$(3)) build/host-$(1)/libkaal.a $(4))
with_kit = $(call linked,host-$(1),build/host-$(1)/$(2),$(call objects,host-$(1),$(3)) build/host-$(1)/libkit.a \
    build/host-$(1)/libkaal.a $(4))

$(foreach variant,asan cov gcc, \
    $(foreach test,$(UNIT_TESTS), \
        $(call with_kit,$(variant),unit/$(test),$(filter %/$(test).c,$(UNIT_SOURCES)) $($(test)_SOURCES),-lcmocka -lfdt)) \
    $(foreach program,$(PORTABLE_PROGRAMS), \
        $(call with_core,$(variant),program/$(program),$(USER_HOST) $($(program)_SOURCES))))
$(foreach model,$(MODELS),$(call with_kit,gcc,model/$(model),$(filter tests/model/$(model)_%,$(MODEL_SOURCES))))
$(call with_kit,gcc,model/transitions,tests/model/transitions.c $(fuzz_ipc_SOURCES))
$(foreach test,$(STEP_TESTS),$(call with_kit,step,steps/$(test),$(filter %/$(test).c,$(STEP_SOURCES)) $(STEP_SHARED)))
$(foreach target,$(FUZZ_TARGETS), \
    $(call with_kit,fuzz,fuzz/$(target),tests/fuzz/fuzz_$(target).c $(fuzz_$(target)_SOURCES),-lfdt))
$(call linked,host-board,build/host-board/read_tree,$(call objects,host-board,$(read_tree_SOURCES)) -lfdt)

# ---- Programs for the kernel ----

# $(1): variant, $(2): program, $(3): its sources
root_task = $(call linked,$(1),build/$(1)/$(2).elf,$(call objects,$(1),$(USER_AARCH64) $(3)))

$(foreach program,$(PORTABLE_PROGRAMS),$(call root_task,user,$(program),$($(program)_SOURCES)))
$(foreach program,$(SYSTEM_PROGRAMS),$(call root_task,user,$(program),tests/system/$(program).c))
$(call root_task,bench,bench,$(bench_SOURCES))
$(filter %.elf,$(filter build/user/% build/bench/%,$(LINKED))): user/sys/aarch64/root.ld

build/user/%.bin: tests/system/stages/%.S build/stages/command
	@mkdir -p $(@D)
	$(Q)$(stages_CC) $(stages_FLAGS) -o $(@:.bin=.stage) $<
	$(Q)$(CROSS)objcopy -O binary -j .text $(@:.bin=.stage) $@

build/bench/conformance.img: build/aarch64-measured/first.elf build/user/conformance.elf build/tools/mkimage
	@mkdir -p $(@D)
	$(Q)build/tools/mkimage --kernel build/aarch64-measured/first.elf --root build/user/conformance.elf --output $@ \
	    --params 'log-level=0'

build/bench/bench.img: build/aarch64-release/kernel.elf build/bench/bench.elf build/tools/mkimage
	$(Q)build/tools/mkimage --kernel build/aarch64-release/kernel.elf --root build/bench/bench.elf --output $@ \
	    --params 'user-pmu=on user-counters=on user-timer=on root-cnode-bits=16 log-level=0 domains=1'

# ---- Device trees ----

tree_source = $(filter %/$(1).dts,$(UNIT_DTS) $(BOARD_DTS))
$(UNIT_TREES) $(BOARD_TREES): build/dts/%.dtb: $$(call tree_source,$$*) build/dts/command
	@mkdir -p $(@D)
	$(Q)$(dts_CC) $(dts_FLAGS) -d $(@:.dtb=.d) -o $@ $<

# What a tree was once made of may be gone.
tests/%.dts: ;

# ---- Documents ----

# The kernel says in debug builds why each operation failed; the table says which test made it do so.
build/errors.md: tests/conformance/errors.txt tools/errors.awk build/host-asan/program/conformance
	@mkdir -p build/logs
	$(Q)build/host-asan/program/conformance --log-level=3 --unchecked >build/logs/errors.log
	$(Q)awk -f tools/errors.awk tests/conformance/errors.txt build/logs/errors.log >$@.new && mv $@.new $@

# ---- What each kind of test needs ----

# The kinds of tests, in the order in which `make test` runs them; tools/test.sh runs each.
ALL_KINDS := tools tidy unit model steps compile conformance fastpath bench system boards fuzz
# What only the continuous integration adds.
CI_KINDS := first

# The tests that tell the cells of docs/ipc-tables.md.
IPC_TESTS := $(addprefix build/host-asan/unit/,test_syscall test_endpoint test_message test_reply test_notification \
    test_fault test_cancel test_irq test_invoke)
UNIT_CHOSEN := $(foreach test,$(UNIT_TESTS),$(if $(ONLY),$(if $(findstring $(ONLY),$(test)),$(test)),$(test)))
BOTH_KERNELS := build/aarch64-debug/kernel.elf build/aarch64-release/kernel.elf
EMULATOR_NEEDS := build/tools/watch build/tools/mkimage $(BOTH_KERNELS)

tidy_NEEDS := build/tools/watch $(BOTH_KERNELS) $(call objects,aarch64-debug,$(CORE_SOURCES)) build/host-gcc/libkaal.a \
    compile_commands.json
DRAWING_NEEDS := build/tools/layouts build/host-gcc/model/transitions
tools_NEEDS := $(tidy_NEEDS) $(DRAWING_NEEDS)
unit_NEEDS := $(UNIT_CHOSEN:%=build/host-asan/unit/%) $(if $(findstring $(ONLY),ipc-tables),$(IPC_TESTS)) \
    $(UNIT_TREES) build/tools/watch build/tools/mkimage
model_NEEDS := build/tools/watch $(MODELS:%=build/host-gcc/model/%)
steps_NEEDS := build/tools/watch $(STEP_TESTS:%=build/host-step/steps/%)
compile_NEEDS := build/tools/watch
conformance_NEEDS := $(EMULATOR_NEEDS) build/host-asan/program/conformance build/user/conformance.elf
fastpath_NEEDS := build/tools/watch build/fastpath.img build/fastpath-debug.img
bench_NEEDS := build/bench/bench.img build/bench/conformance.img build/bench/trace.so build/tools/watch \
    build/host-step/steps/growth
system_NEEDS := $(EMULATOR_NEEDS) build/host-asan/program/demo build/user/demo.elf \
    $(SYSTEM_PROGRAMS:%=build/user/%.elf) $(SYSTEM_STAGES:%=build/user/%.bin) $(UNIT_TREES)
boards_NEEDS := $(EMULATOR_NEEDS) build/user/conformance.elf $(UNIT_TREES) $(BOARD_TREES) build/host-board/read_tree
fuzz_NEEDS := build/tools/watch $(FUZZ_TARGETS:%=build/host-fuzz/fuzz/%)
coverage_NEEDS := $(UNIT_TESTS:%=build/host-cov/unit/%) build/host-cov/program/conformance $(UNIT_TREES) build/tools/watch \
    build/tools/mkimage

CHOSEN_KINDS := $(or $(KINDS),$(ALL_KINDS))
ifneq (,$(filter-out $(ALL_KINDS),$(CHOSEN_KINDS)))
$(error KINDS=$(KINDS): must be some of $(ALL_KINDS))
endif

export QEMU IPC_TESTS CROSS HOST_CC UNIT_TESTS MODELS STEP_TESTS SEED EVENTS STATES FUZZ_TARGETS FUZZ_RUNS ONLY
