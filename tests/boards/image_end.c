/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of the kernel's image, and behind it the place where the device tree is
 * seen while the kernel boots (hal/aarch64/layout.h). Must be linked last.
 */
__asm__(".section .tables, \"aw\"\n.balign 4096\n.globl image_end\nimage_end:\n.skip 0x400000\n.previous\n");

/* A translation unit has at least one declaration. */
extern char image_end[];
