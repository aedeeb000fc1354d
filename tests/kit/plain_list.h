/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of numbers, in order: queues of models.
 */
#ifndef TESTS_KIT_PLAIN_LIST_H
#define TESTS_KIT_PLAIN_LIST_H

enum {
    NONE = -1, /* no thread, no object, no position */
    LIST_MAX = 16,
};

struct list {
    unsigned count;
    int item[LIST_MAX];
};

int list_find(const struct list *list, int item); /* position; NONE */
void list_insert(struct list *list, unsigned position, int item);
void list_remove(struct list *list, int item); /* nothing if it is not there */

#endif
