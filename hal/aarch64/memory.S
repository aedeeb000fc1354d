/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Block operations (memory.h), in assembly so that no compiler turns a loop in
 * one of them into a call of itself. Words are used when addresses and length
 * allow it, so that they also work while the MMU is off.
 */
        .text

        .globl  memcpy, memmove, memset, memcmp
        .type   memcpy, %function
        .type   memmove, %function
        .type   memset, %function
        .type   memcmp, %function

/* x0 destination, x1 source, x2 bytes. Overlapping regions: from the end when the destination is higher. */
memmove:
        sub     x3, x0, x1
        cmp     x3, x2                          /* unsigned: destination inside [source, source + bytes) */
        b.lo    move_down
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

move_down:
        cbz     x2, 4f
        sub     x2, x2, #1
        ldrb    w4, [x1, x2]
        strb    w4, [x0, x2]
        b       move_down
4:      ret

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

/* x0, x1 blocks, x2 bytes. */
memcmp:
        mov     x3, x0
        mov     w0, wzr
8:      cbz     x2, 9f
        ldrb    w4, [x3], #1
        ldrb    w5, [x1], #1
        sub     x2, x2, #1
        subs    w0, w4, w5
        b.eq    8b
9:      ret

        .size   memmove, memcpy - memmove
        .size   memcpy, memset - memcpy
        .size   memset, memcmp - memset
        .size   memcmp, . - memcmp

        .section .note.GNU-stack, "", %progbits
