/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Block operations (memory.h), in assembly so that no compiler turns a loop in
 * one of them into a call of itself. Words are used when addresses and length
 * allow it, so that they also work while the MMU is off.
 */
        .text

        .globl  memcpy, memset
        .type   memcpy, %function
        .type   memset, %function

/* x0 destination, x1 source, x2 bytes. */
memcpy:
        mov     x3, x0
        orr     x4, x0, x1
        orr     x4, x4, x2
        tst     x4, #7
        b.ne    2f
1:      cbz     x2, 3f
        ldr     x4, [x1], #8
        str     x4, [x3], #8
        sub     x2, x2, #8
        b       1b
2:      cbz     x2, 3f
        ldrb    w4, [x1], #1
        strb    w4, [x3], #1
        sub     x2, x2, #1
        b       2b
3:      ret
        .size   memcpy, . - memcpy

/* x0 destination, w1 byte, x2 bytes. */
memset:
        mov     x3, x0
        and     w1, w1, #255
        orr     x4, x0, x2
        tst     x4, #7
        b.ne    6f
        mov     x4, #0x0101010101010101
        mul     x1, x1, x4
5:      cbz     x2, 7f
        str     x1, [x3], #8
        sub     x2, x2, #8
        b       5b
6:      cbz     x2, 7f
        strb    w1, [x3], #1
        sub     x2, x2, #1
        b       6b
7:      ret
        .size   memset, . - memset

        .section .note.GNU-stack, "", %progbits
