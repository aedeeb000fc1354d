# SPDX-License-Identifier: BSD-2-Clause
#
# The words with which the other files of this folder say what is built; what make does with them is in make/rules.mk.
#
# A built file has its variant and its source in its name: build/VARIANT/obj/PATH.o comes from PATH.c, and
# build/VARIANT/obj/PATH.S.o from PATH.S.

# Prerequisites with two dollars are found for each file by itself.
.SECONDEXPANSION:

# $(1): folders, $(2): patterns for the names of files in them and below
depths := / /*/ /*/*/ /*/*/*/ /*/*/*/*/ /*/*/*/*/*/
files = $(sort $(wildcard $(foreach folder,$(1),$(foreach depth,$(depths),$(2:%=$(folder)$(depth)%)))))

# The objects of sources. $(1): variant, $(2): sources
objects = $(patsubst %.c.o,%.o,$(2:%=build/$(1)/obj/%.o))

# The variant and the source of a built file.
variant = $(word 2,$(subst /, ,$(1)))
source = $(patsubst %.S.c,%.S,$(word 2,$(subst /obj/, ,$(1:%.o=%))).c)

# A program or a library. $(1): variant, $(2): the file, $(3): what it is linked of: objects and libraries of ours, which
# are built first, and words for the linker. A command that follows is in the variable with the file's name and _THEN.
linked = $(eval LINKED += $(2))$(eval $(2)_VARIANT := $(1))$(eval $(2)_OF := $(3))
LINKED :=

# ---- What has changed ----

# A command that makes a file is written into a note, and the file depends on it: another flag makes anew what has it,
# and a source that is gone what it was in. $(1): the note, $(2): the command as it is now
noted = $(if $(and $(findstring $(strip $(2)),$(said)),$(findstring $(said),$(strip $(2)))),,always)
# Stripped, because make as Debian 12 has it leaves the newline at the end of a file sometimes, as its memory happens to lie.
said = $(strip $(file <$(1)))
note = printf '%s\n' '$(subst ','\'',$(strip $(2)))' >$(1)

# What depends on this is made each time.
.PHONY: always
always:
