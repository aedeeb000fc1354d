/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where a root task begins, and the few things of user/sys/sys.h that must be
 * single instructions.
 */

/* Entry: x0 = address of the boot information, no stack (docs/spec/abi.md 15.1). The loader has cleared bss. */
.section .text.start, "ax"
.global _start
.type _start, %function
_start:
    mov     x29, xzr
    mov     x30, xzr
    adrp    x1, root_stack_top
    add     x1, x1, :lo12:root_stack_top
    mov     sp, x1
    b       sys_start
.size _start, . - _start

.text

/* void sys_call(struct sys_registers *registers): x0..x8 in, x0..x8 out. x9 is preserved by the kernel. */
.global sys_call
.type sys_call, %function
sys_call:
    mov     x9, x0
    ldp     x0, x1, [x9]
    ldp     x2, x3, [x9, #16]
    ldp     x4, x5, [x9, #32]
    ldp     x6, x7, [x9, #48]
    ldr     x8, [x9, #64]
    svc     #0
    stp     x0, x1, [x9]
    stp     x2, x3, [x9, #16]
    stp     x4, x5, [x9, #32]
    stp     x6, x7, [x9, #48]
    str     x8, [x9, #64]
    ret
.size sys_call, . - sys_call

/* kaal_word_t sys_load(kaal_word_t vaddr). A handler that skips the load leaves the address as the result. */
.global sys_load
.type sys_load, %function
sys_load:
    ldr     x0, [x0]
    ret
.size sys_load, . - sys_load

/* void sys_store(kaal_word_t vaddr, kaal_word_t value) */
.global sys_store
.type sys_store, %function
sys_store:
    str     x1, [x0]
    ret
.size sys_store, . - sys_store

/* void sys_execute(kaal_word_t vaddr). x30 is the caller's address: a handler returns by setting pc to x30. */
.global sys_execute
.type sys_execute, %function
sys_execute:
    br      x0
.size sys_execute, . - sys_execute

/* void sys_undefined_instruction(void) */
.global sys_undefined_instruction
.type sys_undefined_instruction, %function
sys_undefined_instruction:
    .inst   0x00000000 /* UDF #0 */
    ret
.size sys_undefined_instruction, . - sys_undefined_instruction

/* void sys_spin_loop(kaal_word_t rounds) */
.global sys_spin_loop
.type sys_spin_loop, %function
sys_spin_loop:
    subs    x0, x0, #1
    b.hi    sys_spin_loop
    ret
.size sys_spin_loop, . - sys_spin_loop

/* The stack of the root task's first thread. */
.section .bss.stack, "aw", %nobits
.balign 16
root_stack:
    .skip   32768
root_stack_top:

.section .note.GNU-stack, "", %progbits
