/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coroutines: stacks and the changes between them.
 */
#define _GNU_SOURCE
#include "hal/host/coroutine.h"

#include <stdint.h>
#include <sys/mman.h>

#include "core/base/assert.h"
#include "hal/host/context.h"
#include "hal/host/fiber.h"

/* Stacks lie side by side from here on, each above its guard page. */
#define STACKS      ((uintptr_t)0x210000000000)
#define GUARD_BYTES ((size_t)0x1000)

static struct coroutine *running;
static void *caller; /* saved stack pointer of coroutine_resume() */

/* The stack that coroutine_resume() was called on, as AddressSanitizer knows it. */
static void *caller_fake_stack;
static const void *caller_stack;
static size_t caller_stack_bytes;

static void begin(void)
{
    fiber_switch_end(NULL, &caller_stack, &caller_stack_bytes);
    running->function();
    hal_panic("the function of a coroutine returned", __FILE__, __LINE__);
}

static bool map_stack(struct coroutine *coroutine, unsigned index)
{
    size_t pitch = GUARD_BYTES + COROUTINE_STACK_BYTES;
    void *where = (void *)(STACKS + index * pitch);
    void *mapping = mmap(where, pitch, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (mapping != where || mprotect(where, GUARD_BYTES, PROT_NONE) != 0) {
        if (mapping != MAP_FAILED) {
            munmap(mapping, pitch);
        }
        return false;
    }
    coroutine->stack = (void *)(STACKS + index * pitch + GUARD_BYTES);
    return true;
}

bool coroutine_start(struct coroutine *coroutine, unsigned index, void (*function)(void))
{
    if (coroutine->stack == NULL && !map_stack(coroutine, index)) {
        return false;
    }
    fiber_forget(coroutine->stack, COROUTINE_STACK_BYTES);
    coroutine->fake_stack = NULL;
    coroutine->function = function;
    coroutine->context = context_prepare((char *)coroutine->stack + COROUTINE_STACK_BYTES, begin);
    return true;
}

void coroutine_resume(struct coroutine *coroutine)
{
    running = coroutine;
    fiber_switch_begin(&caller_fake_stack, coroutine->stack, COROUTINE_STACK_BYTES);
    context_switch(&caller, coroutine->context);
    fiber_switch_end(caller_fake_stack, NULL, NULL);
    running = NULL;
}

void coroutine_leave(void)
{
    struct coroutine *self = running;
    fiber_switch_begin(&self->fake_stack, caller_stack, caller_stack_bytes);
    context_switch(&self->context, caller);
    fiber_switch_end(self->fake_stack, &caller_stack, &caller_stack_bytes);
}

void coroutine_free(struct coroutine *coroutine)
{
    if (coroutine->stack == NULL) {
        return;
    }
    fiber_forget(coroutine->stack, COROUTINE_STACK_BYTES);
    munmap((char *)coroutine->stack - GUARD_BYTES, GUARD_BYTES + COROUTINE_STACK_BYTES);
    coroutine->stack = NULL;
}
