/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The one check of the boot parameters: the image builder runs it before it
 * writes an image, the kernel before it believes one.
 */
#include "core/boot/boot.h"

#include <kaal/bootinfo.h>
#include <kaal/objects.h>

#include "core/config.h"

/* The largest values that the table allows. */
enum {
#define GREATEST(field, name, default_value, minimum, maximum, meaning) GREATEST_##field = (maximum),
    BOOT_PARAMETERS(GREATEST)
#undef GREATEST
};

_Static_assert((word_t)GREATEST_domains <= CONFIG_MAX_DOMAINS, "kernel.h has room for all domains");
_Static_assert((word_t)GREATEST_schedule_entries <= CONFIG_MAX_DOMAIN_SCHEDULE, "and for the schedule");
_Static_assert((word_t)GREATEST_max_untypeds <= KAAL_BOOTINFO_MAX_UNTYPEDS, "and bootinfo for the untypeds");

/* The pages directly above the root task's image: its IPC buffer and the boot information
 * (docs/spec/aarch64-boot.md 8). */
enum { PAGES_ABOVE_IMAGE = 2 };

/* Where the root task's image lies in user space and in the kernel's image. */
static const char *check_root_task(const struct boot_params *params)
{
    const word_t top = (word_t)KAAL_USER_TOP + 1;
    const word_t above = (word_t)PAGES_ABOVE_IMAGE << KAAL_SMALL_PAGE_BITS;
    const word_t sizes = params->root_offset | params->root_file_bytes | params->root_size;

    if (params->root_size == 0) {
        return "the image holds no root task";
    }
    if (!is_aligned(sizes | params->root_vaddr, KAAL_SMALL_PAGE_BITS)) {
        return "root task: an offset, address or size is not a multiple of the page size";
    }
    if (params->root_file_bytes > params->root_size) {
        return "root task: more bytes in the file than in memory";
    }
    if (params->root_size > top - above || params->root_vaddr > top - above - params->root_size) {
        return "root task: image, IPC buffer and boot information do not fit below the end of user space";
    }
    if (params->root_offset > WORD_MAX - params->root_size) {
        return "root task: its offset in the image is out of range";
    }
    if (params->root_entry < params->root_vaddr ||
        params->root_entry - params->root_vaddr >= params->root_size) {
        return "root task: the entry point is outside its image";
    }
    return NULL;
}

/*
 * The slots that the root CNode needs at least: the fixed ones, one table of each
 * of the three levels, one scheduling control, the image's pages, one untyped.
 */
static word_t least_slots(const struct boot_params *params)
{
    return KAAL_BOOT_FIRST_DYNAMIC + 3 + 1 + (params->root_size >> KAAL_SMALL_PAGE_BITS) + 1;
}

const char *boot_params_check(const struct boot_params *params)
{
    if (params->magic != BOOT_PARAMS_MAGIC) {
        return "the boot parameters are missing";
    }
    if (params->version != BOOT_PARAMS_VERSION) {
        return "the boot parameters are of another version than this kernel";
    }
    /* One unsigned comparison checks both ends of a range. */
#define CHECK_RANGE(field, name, default_value, minimum, maximum, meaning) \
    if (params->field - (minimum) > (word_t)(maximum) - (minimum)) {       \
        return name " must be from " #minimum " to " #maximum;             \
    }
    BOOT_PARAMETERS(CHECK_RANGE)
#undef CHECK_RANGE

    const char *error = check_root_task(params);
    if (!error && bit((unsigned)params->root_cnode_bits) < least_slots(params)) {
        return "root-cnode-bits: too few slots for the root task's pages";
    }
    return error;
}
