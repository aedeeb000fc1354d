/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that needs nothing of this tree but the headers of the ABI: it has
 * its own start-up code and its own system call. tests/system/run.sh builds it in
 * a folder elsewhere, with `make image ROOT=...` in mind.
 */
#include <kaal/kaal.h>

__asm__(".section .text.start, \"ax\"\n"
        ".global _start\n"
        "_start:\n"
        "    adrp x9, stack_top\n"
        "    add x9, x9, :lo12:stack_top\n"
        "    mov sp, x9\n"
        "    bl task\n"
        "    b .\n"
        ".section .bss, \"aw\", %nobits\n"
        "    .balign 16\n"
        "    .skip 4096\n"
        "stack_top:\n"
        ".text\n");

void task(const struct kaal_bootinfo *bootinfo);

static void system_call(kaal_word_t number, kaal_word_t argument)
{
    register kaal_word_t x0 __asm__("x0") = argument;
    register kaal_word_t x7 __asm__("x7") = number;

    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x7) : "x1", "x2", "x3", "x4", "x5", "x6", "memory");
}

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        system_call((kaal_word_t)KAAL_SYS_DEBUG_PUT_CHAR, (kaal_word_t)*text);
    }
}

void task(const struct kaal_bootinfo *bootinfo)
{
    print("outside: ");
    print(bootinfo->untyped.end > bootinfo->untyped.start ? "1 passed, 0 failed\n" : "0 passed, 1 failed\n");
    system_call((kaal_word_t)KAAL_SYS_DEBUG_HALT, 0);
}
