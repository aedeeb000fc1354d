# SPDX-License-Identifier: BSD-2-Clause
#
# Kernels: what is generated for them, and the kernels of the fastpath test.

KERNELS := $(filter aarch64-%,$(VARIANTS))

# The places of members of structs, for assembly.
$(KERNELS:%=build/%/generated/hal_offsets.h): build/%/generated/hal_offsets.h: hal/aarch64/offsets.c build/%/command
	@mkdir -p $(@D)
	$(Q)$(KERNEL_CC) $(filter-out -flto%,$($*_FLAGS)) -MF $(@D)/offsets.d -MT $@ -S -o $(@D)/offsets.s $<
	$(Q)sed -n 's/^->\([A-Za-z0-9_]*\) [$$#]*\([-0-9]*\).*/#define \1 \2/p' $(@D)/offsets.s > $@.new
	$(Q)test -s $@.new && mv $@.new $@

$(foreach kernel,$(KERNELS),$(call objects,$(kernel),$(KERNEL_ASSEMBLY) $(FASTPATH_ASSEMBLY))): \
    build/$$(call variant,$$@)/generated/hal_offsets.h

# The functions that a first link has at which addresses: reports of debug kernels name them.
$(KERNELS:%=build/%/generated/no_symbols.S): tools/symbols.awk
	@mkdir -p $(@D)
	$(Q)awk -f $< /dev/null > $@

$(KERNELS:%=build/%/generated/symbols.S): build/%/generated/symbols.S: build/%/first.elf tools/symbols.awk
	$(Q)$(CROSS)nm -n $< | awk -f tools/symbols.awk > $@

$(foreach kernel,$(KERNELS),build/$(kernel)/generated/symbols.o build/$(kernel)/generated/no_symbols.o): %.o: %.S
	$(Q)$(KERNEL_CC) -c -o $@ $<

aarch64-debug_SYMBOLS := build/aarch64-debug/generated/symbols.o
aarch64-optimised_SYMBOLS := build/aarch64-optimised/generated/no_symbols.o

# With link-time optimisation the assembly that it makes is kept: the fastpath test is made of it.
kernel_extra = $(if $(filter -flto%,$($(1)_FLAGS)),-save-temps) -Wl,-Map,build/$(1)/kernel.map
$(foreach kernel,$(KERNELS), \
    $(call linked,$(kernel),build/$(kernel)/first.elf,$(call objects,$(kernel),$(KERNEL_SOURCES) $(KERNEL_ASSEMBLY)) \
        build/$(kernel)/generated/no_symbols.o) \
    $(call linked,$(kernel),build/$(kernel)/kernel.elf,$(call objects,$(kernel),$(KERNEL_SOURCES) $(KERNEL_ASSEMBLY)) \
        $($(kernel)_SYMBOLS) $(call kernel_extra,$(kernel))))

# Only the table of names may differ between the two links.
build/aarch64-debug/kernel.elf_THEN = $(CROSS)nm -n $@ | awk -f tools/symbols.awk | cmp - $(@D)/generated/symbols.S

$(KERNELS:%=build/%/first.elf) $(KERNELS:%=build/%/kernel.elf): hal/aarch64/kernel.ld

# ---- The fastpath test ----

# The differential test of the fastpath runs the release kernel: the assembly that link-time optimisation has made of it,
# with hooks that lead to the driver, which takes over after the start (tests/fastpath/hooks.sed). What the driver itself
# needs of the core are copies of its own, compiled file by file. The same with assertions shows that the generated
# states keep the invariants.
FASTPATHS := fastpath fastpath-debug
fastpath_KERNEL := aarch64-release
fastpath_COPIES := aarch64-fastpath
fastpath-debug_KERNEL := aarch64-optimised
fastpath-debug_COPIES := aarch64-debug
FASTPATH_WRAPPED := core_syscall core_interrupt core_signal trap_exception
FASTPATH_GLOBAL := __wrap_% driver_start driver_trap run_labels

# The parts come from tests/fastpath/hook.sh: no prerequisites of their own ("./"). $(1): test, $(2): what is linked
# besides, $(3): kind of the parts
fastpath_kernel = ./build/$(1)/parts/*.$(3).o $(2) $(call objects,$($(1)_KERNEL),$(KERNEL_ASSEMBLY))

$(foreach test,$(FASTPATHS), \
    $(call linked,aarch64-fastpath,build/$(test)/plain.elf,$(call fastpath_kernel,$(test),,plain) \
        $($($(test)_KERNEL)_SYMBOLS)) \
    $(call linked,fastpath-driver,build/$(test)/driver.o,$(call objects,$($(test)_COPIES),$(FASTPATH_SOURCES) \
        $(FASTPATH_ASSEMBLY) $(filter-out $(FASTPATH_TESTED),$(KERNEL_SOURCES)))) \
    $(call linked,fastpath-hooked,build/$(test)/driver.elf,$(call fastpath_kernel,$(test),build/$(test)/driver.o,hooked) \
        build/$($(test)_KERNEL)/generated/no_symbols.o))

# What is tested must not be found in the driver, and what is in the driver must not be found from there.
fastpath-driver_CC := $(KERNEL_CC)
fastpath-driver_LINK := -nostdlib -r
fastpath_hide = $(CROSS)objcopy --wildcard $(patsubst %,--keep-global-symbol='%',$(subst %,*,$(FASTPATH_GLOBAL))) $@
build/fastpath/driver.o_THEN = $(fastpath_hide)
build/fastpath-debug/driver.o_THEN = $(fastpath_hide)

fastpath-hooked_CC := $(KERNEL_CC)
fastpath-hooked_LINK := $(KERNEL_LINK) $(FASTPATH_WRAPPED:%=-Wl,--wrap=%)

$(FASTPATHS:%=build/%/parts.done): build/%/parts.done: build/$$($$*_KERNEL)/kernel.elf \
    tests/fastpath/hook.sh tests/fastpath/hooks.sed
	$(Q)tests/fastpath/hook.sh $< $(@D)
	$(Q)touch $@

$(foreach test,$(FASTPATHS),build/$(test)/plain.elf build/$(test)/driver.elf): $$(@D)/parts.done hal/aarch64/kernel.ld

$(FASTPATHS:%=build/%.img): build/%.img: build/%/driver.elf build/%/plain.elf build/user/drive_uart.elf build/tools/mkimage
	$(Q)build/tools/mkimage --kernel $< --root build/user/drive_uart.elf --output $@ --params 'log-level=0 check=on'
