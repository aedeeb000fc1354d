/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Copies of the kernel state that the differential test takes, restores and
 * compares, and the names of what differs.
 *
 * Of all state, the parts that system calls of the world's threads may change are
 * compared for each state. The rest (FPU areas, ready queues of other domains,
 * frames outside IPC buffers, ...) is compared with what it was at the beginning
 * now and then, with image_rest_changed().
 */
#ifndef TESTS_FASTPATH_MEMORY_IMAGE_H
#define TESTS_FASTPATH_MEMORY_IMAGE_H

#include <kaal/message.h>

#include "core/base/word.h"

enum image { IMAGE_BASE, IMAGE_BEFORE, IMAGE_AFTER, IMAGES };

/* Notes what is part of the state, and keeps IMAGE_BASE and the rest. */
void image_init(void);

/*
 * Which of its IPC buffers a thread uses in the state that has just been generated; in IMAGE_BASE they are
 * the same.
 */
void image_use_buffer(unsigned thread, struct kaal_ipc_buffer *buffer);

void image_take(enum image image);
void image_restore(enum image image);

/* Does the live state differ from IMAGE_AFTER? */
bool image_differs(void);

/* Prints each word that differs, with its name: `left` is what IMAGE_AFTER has. */
void image_print_differences(const char *left, const char *right);

/* With IMAGE_BASE restored: is some state different from what it was, that nothing may have touched? Says
 * where, if asked to. */
bool image_rest_changed(bool print);

/* Makes the rest what it was. */
void image_restore_rest(void);

#endif
