# SPDX-License-Identifier: BSD-2-Clause
#
# The tools, and what other tools read.

$(foreach tool,$(TOOLS),$(call linked,tools,build/tools/$(tool),$(call objects,tools,$($(tool)_SOURCES))))
$(call linked,plugin,build/bench/trace.so,$(call objects,plugin,bench/trace.c))

# One entry for each translation unit, with the command that compiles it: clangd and other tools read this.
comma := ,
json_entry = {"directory": "$(CURDIR)", "file": "$(1)", "command": "$(2) -c $(filter-out -MMD -MP,$(3)) $(1)"}$(comma)
# $(1): variant, $(2): sources
add_entries = $(foreach source,$(2),$(file >>build/$@.new,$(call json_entry,$(source),$($(1)_CC),$($(1)_FLAGS))))
define write_entries
$(file >build/$@.new,[)
$(call add_entries,aarch64-debug,$(KERNEL_SOURCES) $(FASTPATH_SOURCES))
$(call add_entries,user,$(filter %.c,$(USER_AARCH64)) $(demo_SOURCES) $(conformance_SOURCES) $(SYSTEM_SOURCES))
$(call add_entries,host-asan,$(filter hal/host/%,$(HOST_SOURCES)) $(filter user/sys/%,$(USER_HOST)) \
    $(UNIT_SOURCES) $(KIT_SOURCES) $(wildcard tests/model/*.c))
$(call add_entries,host-fuzz,$(wildcard tests/fuzz/*.c))
$(call add_entries,tools,$(wildcard tools/*.c))
endef

build/.:
	@mkdir -p $@

compile_commands.json: always | build/.
	$(if $(ASKS_ONLY),,$(write_entries))
	$(Q)sed '$$s/,$$/]/' build/$@.new > build/$@
	$(Q)cmp -s build/$@ $@ || cp build/$@ $@
