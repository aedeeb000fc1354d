/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sorted lists of disjoint address ranges.
 */
#include "core/boot/boot.h"

#include "core/base/assert.h"

bool region_list_valid(const struct region_list *list)
{
    word_t last = 0;

    for (unsigned i = 0; i < list->count; i++) {
        if (list->region[i].start < last || list->region[i].start >= list->region[i].end) {
            return false;
        }
        last = list->region[i].end;
    }
    return list->count <= BOOT_MAX_REGIONS;
}

bool region_list_overlaps(const struct region_list *list, struct region region)
{
    unsigned i = 0;

    while (i < list->count && list->region[i].end <= region.start) {
        i++;
    }
    return i < list->count && list->region[i].start < region.end;
}

/* Adds a region behind all others unless it is empty. False when there is no room. */
static bool append(struct region_list *list, struct region region)
{
    if (region.start >= region.end) {
        return true;
    }
    core_assert(list->count == 0 || list->region[list->count - 1].end <= region.start);
    if (list->count == BOOT_MAX_REGIONS) {
        return false;
    }
    list->region[list->count++] = region;
    return true;
}

static bool replace_if(bool fits, struct region_list *list, const struct region_list *changed)
{
    core_assert(region_list_valid(changed));
    if (fits) {
        *list = *changed;
    }
    return fits;
}

bool region_list_add(struct region_list *list, struct region region)
{
    struct region_list changed = {.count = 0};
    bool fits = true;

    core_assert(region_list_valid(list));
    if (region.start >= region.end) {
        return true;
    }
    /* `region` is always what comes next: the new one, grown by what it touches, then the old ones above. */
    for (unsigned i = 0; i < list->count; i++) {
        struct region old = list->region[i];

        if (old.end >= region.start && old.start <= region.end) {
            region.start = word_min(region.start, old.start);
            region.end = word_max(region.end, old.end);
        } else if (old.end < region.start) {
            fits &= append(&changed, old);
        } else {
            fits &= append(&changed, region);
            region = old;
        }
    }
    fits &= append(&changed, region);
    return replace_if(fits, list, &changed);
}

bool region_list_remove(struct region_list *list, struct region region)
{
    struct region_list changed = {.count = 0};
    bool fits = true;

    core_assert(region_list_valid(list));
    if (region.start >= region.end) {
        return true;
    }
    for (unsigned i = 0; i < list->count; i++) {
        struct region old = list->region[i];

        fits &= append(&changed, (struct region){old.start, word_min(old.end, region.start)});
        fits &= append(&changed, (struct region){word_max(old.start, region.end), old.end});
    }
    core_assert(!fits || !region_list_overlaps(&changed, region));
    return replace_if(fits, list, &changed);
}
