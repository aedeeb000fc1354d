/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of numbers.
 */
#include "tests/kit/plain_list.h"

#include <stdio.h>
#include <stdlib.h>

int list_find(const struct list *list, int item)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (list->item[i] == item) {
            return (int)i;
        }
    }
    return NONE;
}

void list_insert(struct list *list, unsigned position, int item)
{
    if (list->count == LIST_MAX || position > list->count || list_find(list, item) != NONE) {
        fprintf(stderr, "model: a list is full, or holds this already\n");
        abort();
    }
    for (unsigned i = list->count; i > position; i--) {
        list->item[i] = list->item[i - 1];
    }
    list->item[position] = item;
    list->count++;
}

void list_remove(struct list *list, int item)
{
    int position = list_find(list, item);

    if (position == NONE) {
        return;
    }
    list->count--;
    for (unsigned i = (unsigned)position; i < list->count; i++) {
        list->item[i] = list->item[i + 1];
    }
}
