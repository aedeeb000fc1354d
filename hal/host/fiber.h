/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What AddressSanitizer must hear when the stack changes; nothing in other builds.
 */
#ifndef HAL_HOST_FIBER_H
#define HAL_HOST_FIBER_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define FIBER_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_SANITIZED 1
#endif
#endif

#ifdef FIBER_SANITIZED

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

static inline void fiber_switch_begin(void **saved, const void *stack, size_t bytes)
{
    __sanitizer_start_switch_fiber(saved, stack, bytes);
}

static inline void fiber_switch_end(void *saved, const void **stack_left, size_t *bytes_left)
{
    __sanitizer_finish_switch_fiber(saved, stack_left, bytes_left);
}

/* Frames that were abandoned on this stack no longer exist. */
static inline void fiber_forget(void *stack, size_t bytes)
{
    ASAN_UNPOISON_MEMORY_REGION(stack, bytes);
}

#else

static inline void fiber_switch_begin(void **saved, const void *stack, size_t bytes)
{
    (void)saved;
    (void)stack;
    (void)bytes;
}

static inline void fiber_switch_end(void *saved, const void **stack_left, size_t *bytes_left)
{
    (void)saved;
    (void)stack_left;
    (void)bytes_left;
}

static inline void fiber_forget(void *stack, size_t bytes)
{
    (void)stack;
    (void)bytes;
}

#endif

#endif
