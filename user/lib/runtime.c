/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The per-thread block, the IPC buffer, and the names of errors and faults.
 */
#include "user/lib/runtime.h"
#include "user/sys/sys.h"

static struct kaal_thread_block root_block;

void kaal_runtime_start(const struct kaal_bootinfo *bootinfo)
{
    root_block.ipc_buffer = bootinfo->ipc_buffer;
    sys_set_thread_pointer((uintptr_t)&root_block);
}

struct kaal_ipc_buffer *kaal_ipc_buffer(void)
{
    const struct kaal_thread_block *block = (const struct kaal_thread_block *)(uintptr_t)sys_thread_pointer();

    if (!block || !block->ipc_buffer) {
        return NULL;
    }
    return sys_pointer(block->ipc_buffer);
}

void kaal_set_word(unsigned i, kaal_word_t value)
{
    struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();

    if (buffer && i < KAAL_MSG_MAX_LENGTH) {
        buffer->msg[i] = value;
    }
}

kaal_word_t kaal_get_word(unsigned i)
{
    const struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();

    return buffer && i < KAAL_MSG_MAX_LENGTH ? buffer->msg[i] : 0;
}

void kaal_set_cap(unsigned i, kaal_cptr_t cap)
{
    struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();

    if (buffer && i < KAAL_MSG_MAX_EXTRA_CAPS) {
        buffer->caps_or_badges[i] = cap;
    }
}

kaal_word_t kaal_get_badge(unsigned i)
{
    const struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();

    return buffer && i < KAAL_MSG_MAX_EXTRA_CAPS ? buffer->caps_or_badges[i] : 0;
}

void kaal_set_receive_slot(kaal_cptr_t cnode, kaal_word_t index, kaal_word_t depth)
{
    struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();

    if (buffer) {
        buffer->receive_cnode = cnode;
        buffer->receive_index = index;
        buffer->receive_depth = depth;
    }
}

const char *kaal_error_name(kaal_word_t error)
{
    static const char *const names[] = {
#define KAAL_ERROR_NAME(number, name, words) [number] = #name,
        KAAL_ERRORS(KAAL_ERROR_NAME)
#undef KAAL_ERROR_NAME
    };

    return error < KAAL_ERROR_COUNT ? names[error] : "unknown";
}

const char *kaal_fault_name(kaal_word_t fault)
{
    switch (fault) {
    case KAAL_FAULT_NONE: return "none";
    case KAAL_FAULT_CAP: return "CapFault";
    case KAAL_FAULT_UNKNOWN_SYSCALL: return "UnknownSyscall";
    case KAAL_FAULT_USER_EXCEPTION: return "UserException";
    case KAAL_FAULT_TIMEOUT: return "Timeout";
    case KAAL_FAULT_VM: return "VMFault";
    default: return "unknown";
    }
}
