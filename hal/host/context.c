/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Change of stacks: the registers that a function call preserves, for each
 * processor that the simulated machine runs on. (swapcontext() would do, but makes
 * two Linux system calls a switch and is not supported by AddressSanitizer.)
 */
#include "hal/host/context.h"

#include <stdint.h>

#if defined(__x86_64__)

/* System V ABI: rbx, rbp, r12..r15, the control words of SSE and x87. */
__asm__(".text\n"
        ".globl context_switch\n"
        ".type context_switch, @function\n"
        "context_switch:\n"
        "    pushq %rbp\n"
        "    pushq %rbx\n"
        "    pushq %r12\n"
        "    pushq %r13\n"
        "    pushq %r14\n"
        "    pushq %r15\n"
        "    subq $8, %rsp\n"
        "    stmxcsr (%rsp)\n"
        "    fnstcw 4(%rsp)\n"
        "    movq %rsp, (%rdi)\n"
        "    movq %rsi, %rsp\n"
        "    ldmxcsr (%rsp)\n"
        "    fldcw 4(%rsp)\n"
        "    addq $8, %rsp\n"
        "    popq %r15\n"
        "    popq %r14\n"
        "    popq %r13\n"
        "    popq %r12\n"
        "    popq %rbx\n"
        "    popq %rbp\n"
        "    ret\n"
        ".size context_switch, . - context_switch\n");

struct frame {
    uint32_t mxcsr;
    uint32_t x87_control;
    uint64_t callee_saved[6];
    uint64_t return_address;
    uint64_t no_caller; /* keeps the stack aligned as after a call, and ends backtraces */
};

static const uint32_t default_mxcsr = 0x1f80;
static const uint32_t default_x87_control = 0x037f;

void *context_prepare(void *stack_end, void (*function)(void))
{
    struct frame *frame = (struct frame *)stack_end - 1;
    *frame = (struct frame){.mxcsr = default_mxcsr,
                            .x87_control = default_x87_control,
                            .return_address = (uint64_t)(uintptr_t)function};
    return frame;
}

#elif defined(__aarch64__)

/* AAPCS64: x19..x30, d8..d15. */
__asm__(".text\n"
        ".globl context_switch\n"
        ".type context_switch, %function\n"
        "context_switch:\n"
        "    sub sp, sp, #160\n"
        "    stp x19, x20, [sp]\n"
        "    stp x21, x22, [sp, #16]\n"
        "    stp x23, x24, [sp, #32]\n"
        "    stp x25, x26, [sp, #48]\n"
        "    stp x27, x28, [sp, #64]\n"
        "    stp x29, x30, [sp, #80]\n"
        "    stp d8, d9, [sp, #96]\n"
        "    stp d10, d11, [sp, #112]\n"
        "    stp d12, d13, [sp, #128]\n"
        "    stp d14, d15, [sp, #144]\n"
        "    mov x9, sp\n"
        "    str x9, [x0]\n"
        "    mov sp, x1\n"
        "    ldp x19, x20, [sp]\n"
        "    ldp x21, x22, [sp, #16]\n"
        "    ldp x23, x24, [sp, #32]\n"
        "    ldp x25, x26, [sp, #48]\n"
        "    ldp x27, x28, [sp, #64]\n"
        "    ldp x29, x30, [sp, #80]\n"
        "    ldp d8, d9, [sp, #96]\n"
        "    ldp d10, d11, [sp, #112]\n"
        "    ldp d12, d13, [sp, #128]\n"
        "    ldp d14, d15, [sp, #144]\n"
        "    add sp, sp, #160\n"
        "    ret\n"
        ".size context_switch, . - context_switch\n");

struct frame {
    uint64_t callee_saved[11];
    uint64_t return_address; /* x30 */
    uint64_t floating_point[8];
};

void *context_prepare(void *stack_end, void (*function)(void))
{
    struct frame *frame = (struct frame *)stack_end - 1;
    *frame = (struct frame){.return_address = (uint64_t)(uintptr_t)function};
    return frame;
}

#else
#error "the simulated machine runs on x86-64 and AArch64 hosts"
#endif
