# SPDX-License-Identifier: BSD-2-Clause
#
# How anything is compiled and linked: one rule for each. What differs is data: the variants in make/flags.mk, and what the
# other files of this folder have said to be `linked`.

# ---- Compile ----

# $(1): variant, $(2): source
compile = $(if $(filter %.S,$(2)),$(compile_assembly),$(compile_c))
compile_c = $($(1)_CC) $($(1)_FLAGS) $(foreach row,$($(1)_SOME),$(if $(filter $(call of_row,1),$(2)),$(call of_row,2)))
compile_assembly = $($(1)_CC) $(filter-out -flto% -std=c11,$($(1)_FLAGS))
of_row = $(word $(1),$(subst :, ,$(row)))

build/%.o: $$(call source,$$@) build/$$(call variant,$$@)/command
	@mkdir -p $(@D)
	@echo '  $(if $(filter %.S,$<),AS,CC) $(call variant,$@) $<'
	$(Q)$(call compile,$(call variant,$@),$<) -c -o $@ $<

# The note of a variant.
command = $($(1)_CC) $($(1)_FLAGS) $($(1)_SOME)
$(VARIANTS:%=build/%/command): build/%/command: $$(call noted,$$@,$$(call command,$$*))
	@mkdir -p $(@D)
	@$(call note,$@,$(call command,$*))

# Which headers an object was made of: the compiler has said it. The kernel alone need not know it of all objects.
READ_OF := $(if $(filter-out $(NEEDS_RUN),$(GOALS)),*,$(if $(GOALS),aarch64-* user tools))
-include $(wildcard $(foreach folder,$(READ_OF),build/$(folder)/*.d build/$(folder)/generated/*.d \
    $(depths:%=build/$(folder)/obj%*.d)))

# ---- Link ----

# $(1): file
link = $(if $(filter %.a,$(1)),ar rcs,$(call link_program,$($(1)_VARIANT)) -o) $(1) $($(1)_OF)
link_program = $($(1)_CC) $($(1)_LINK)
link_note = $(1:build/%=build/links/%)
built_first = $(filter build/%,$($(1)_OF))

$(LINKED): $$(call built_first,$$@) $$(call noted,$$(call link_note,$$@),$$(call link,$$@))
	@mkdir -p $(@D) $(dir $(call link_note,$@))
	@echo '  $(if $(filter %.a,$@),AR,LD) $@'
	$(Q)rm -f $@ $@.ltrans*
	$(Q)$(call link,$@)
	$(if $($@_THEN),$(Q)$($@_THEN))
	@$(call note,$(call link_note,$@),$(call link,$@))
