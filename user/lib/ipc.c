/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System calls: registers in, registers out (docs/spec/abi.md 1.1).
 */
#include "user/lib/ipc.h"

struct kaal_message kaal_system_call(enum kaal_syscall number, kaal_cptr_t x0, kaal_cptr_t x6, kaal_cptr_t x8,
                                     struct kaal_message message)
{
    struct sys_registers registers = {.x = {x0, message.info, message.words[0], message.words[1],
                                            message.words[2], message.words[3], x6,
                                            (kaal_word_t)(int64_t)number, x8}};

    sys_call(&registers);
    return (struct kaal_message){
        .badge = registers.x[0],
        .info = registers.x[1],
        .words = {registers.x[2], registers.x[3], registers.x[4], registers.x[5]},
    };
}

void kaal_debug_put_char(char character)
{
    (void)kaal_system_call(KAAL_SYS_DEBUG_PUT_CHAR, (unsigned char)character, 0, 0, KAAL_EMPTY_MESSAGE(0));
}

void kaal_debug_dump_scheduler(void)
{
    (void)kaal_system_call(KAAL_SYS_DEBUG_DUMP_SCHEDULER, 0, 0, 0, KAAL_EMPTY_MESSAGE(0));
}

void kaal_debug_halt(void)
{
    (void)kaal_system_call(KAAL_SYS_DEBUG_HALT, 0, 0, 0, KAAL_EMPTY_MESSAGE(0));
}

enum kaal_cap_type kaal_debug_identify(kaal_any_t cap)
{
    return (enum kaal_cap_type)kaal_system_call(KAAL_SYS_DEBUG_CAP_IDENTIFY, cap.cptr, 0, 0,
                                                KAAL_EMPTY_MESSAGE(0))
        .badge;
}

void kaal_debug_name_thread(kaal_tcb_t tcb, const char *name)
{
    struct kaal_ipc_buffer *buffer = kaal_ipc_buffer();

    if (!buffer) {
        return;
    }

    char *text = (char *)buffer->msg;
    unsigned length = 0;

    /* Debug kernels keep fewer characters than this. */
    for (; name[length] && length < 63; length++) {
        text[length] = name[length];
    }
    text[length] = '\0';
    (void)kaal_system_call(KAAL_SYS_DEBUG_NAME_THREAD, tcb.cptr, 0, 0, KAAL_EMPTY_MESSAGE(0));
}
