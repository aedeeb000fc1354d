/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sorted lists of disjoint address ranges.
 */
#include "core/boot/boot.h"

#include "core/base/assert.h"

/* Index of the first region that ends at `address` or later; count when there is none. */
static unsigned first_ending_from(const struct region_list *list, word_t address)
{
    unsigned i = 0;

    while (i < list->count && list->region[i].end < address) {
        i++;
    }
    return i;
}

/* Replaces `removed` regions from index `at` by the `added` ones. False, and nothing changed, when they do
 * not fit. */
static bool splice(struct region_list *list, unsigned at, unsigned removed, const struct region *with,
                   unsigned added)
{
    unsigned count = list->count - removed + added;
    unsigned tail = list->count - at - removed;

    core_assert(at + removed <= list->count);
    if (count > BOOT_MAX_REGIONS) {
        return false;
    }
    if (added > removed) {
        for (unsigned i = tail; i > 0; i--) {
            list->region[at + added + i - 1] = list->region[at + removed + i - 1];
        }
    } else {
        for (unsigned i = 0; i < tail; i++) {
            list->region[at + added + i] = list->region[at + removed + i];
        }
    }
    for (unsigned i = 0; i < added; i++) {
        list->region[at + i] = with[i];
    }
    list->count = count;
    return true;
}

bool region_list_add(struct region_list *list, struct region region)
{
    if (region.start >= region.end) {
        return true;
    }
    unsigned first = first_ending_from(list, region.start);
    unsigned next = first;

    while (next < list->count && list->region[next].start <= region.end) {
        region.start = word_min(region.start, list->region[next].start);
        region.end = word_max(region.end, list->region[next].end);
        next++;
    }
    return splice(list, first, next - first, &region, 1);
}

bool region_list_remove(struct region_list *list, struct region region)
{
    if (region.start >= region.end) {
        return true;
    }
    unsigned first = first_ending_from(list, region.start + 1);
    unsigned next = first;
    struct region rest[2];
    unsigned kept = 0;

    while (next < list->count && list->region[next].start < region.end) {
        struct region old = list->region[next];

        if (old.start < region.start) {
            rest[kept++] = (struct region){old.start, region.start};
        }
        if (old.end > region.end) {
            rest[kept++] = (struct region){region.end, old.end};
        }
        core_assert(kept <= 2);
        next++;
    }
    return splice(list, first, next - first, rest, kept);
}
