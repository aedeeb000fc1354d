/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A root task that checks its initial registers and its boot information, field
 * by field and byte by byte, for QEMU's virt machine with 256 MiB. It is built
 * elsewhere, and on purpose knows the layout from the specification of the ABI
 * alone (docs/spec/abi.md 14): numbers, not the structures of <kaal/bootinfo.h>.
 */
#include <kaal/types.h>

typedef kaal_word_t word;

/* The registers as they were at the first instruction: x0..x30, sp, nothing (tpidr_el0 is needed),
 * tpidrro_el0. */
word initial[34];

__asm__(".section .text.start, \"ax\"\n"
        ".global _start\n"
        "_start:\n"
        "    msr tpidr_el0, x9\n" /* x9 must survive until it is stored */
        "    adrp x9, initial\n"
        "    add x9, x9, :lo12:initial\n"
        "    stp x0, x1, [x9]\n"
        "    stp x2, x3, [x9, #16]\n"
        "    stp x4, x5, [x9, #32]\n"
        "    stp x6, x7, [x9, #48]\n"
        "    str x8, [x9, #64]\n"
        "    mrs x8, tpidr_el0\n"
        "    stp x8, x10, [x9, #72]\n"
        "    stp x11, x12, [x9, #88]\n"
        "    stp x13, x14, [x9, #104]\n"
        "    stp x15, x16, [x9, #120]\n"
        "    stp x17, x18, [x9, #136]\n"
        "    stp x19, x20, [x9, #152]\n"
        "    stp x21, x22, [x9, #168]\n"
        "    stp x23, x24, [x9, #184]\n"
        "    stp x25, x26, [x9, #200]\n"
        "    stp x27, x28, [x9, #216]\n"
        "    stp x29, x30, [x9, #232]\n"
        "    mov x8, sp\n"
        "    mrs x10, tpidrro_el0\n"
        "    str x8, [x9, #248]\n"
        "    str x10, [x9, #264]\n"
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

void task(word address);

/* Where the first segment begins: from the linker. */
extern const char __executable_start[];
#define IMAGE_START ((word)__executable_start & ~(word)(PAGE - 1))

enum { PAGE = 4096, UNTYPEDS = 230, RAM_BYTES = 256 << 20 };

/* Numbers of the debug system calls, and capability types as CapIdentify tells them (docs/spec/abi.md 1.5).
 */
enum { PUT_CHAR = -12, HALT = -14, CAP_IDENTIFY = -15 };
enum {
    FRAME = 1,
    UNTYPED = 2,
    PAGE_TABLE = 3,
    VSPACE = 9,
    CNODE = 10,
    ASID_CONTROL = 11,
    TCB = 12,
    ASID_POOL = 13,
    IRQ_CONTROL = 14,
    DOMAIN = 20,
    SCHED_CONTEXT = 22,
    SCHED_CONTROL = 24
};

static unsigned failures;
static const uint8_t *info;

static word system_call(int number, word argument)
{
    register word x0 __asm__("x0") = argument;
    register word x7 __asm__("x7") = (word)(int64_t)number;

    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x7) : "x1", "x2", "x3", "x4", "x5", "x6", "memory");
    return x0;
}

static void print(const char *text)
{
    for (; *text != '\0'; text++) {
        system_call(PUT_CHAR, (word)*text);
    }
}

static void print_number(word value)
{
    for (int shift = 60; shift >= 0; shift -= 4) {
        system_call(PUT_CHAR, (word) "0123456789abcdef"[value >> shift & 15]);
    }
}

static void expect(word actual, word expected, const char *what)
{
    if (actual == expected) {
        return;
    }
    failures++;
    print("FAIL ");
    print(what);
    print(" is ");
    print_number(actual);
    print(", not ");
    print_number(expected);
    print("\n");
}

static word field(word offset)
{
    return *(const word *)(info + offset);
}

/* A region's two words must be these. */
static void expect_region(word offset, word start, word end, const char *what)
{
    expect(field(offset), start, what);
    expect(field(offset + 8), end, what);
}

static void expect_types(word start, word end, word type, const char *what)
{
    for (word slot = start; slot < end; slot++) {
        expect(system_call(CAP_IDENTIFY, slot), type, what);
    }
}

static void check_registers(word address)
{
    expect(initial[0], address, "x0");
    for (unsigned i = 1; i < 34; i++) {
        expect(initial[i], 0, i < 31 ? "a general register" : "sp or a thread register");
    }
}

static word pages(word bytes)
{
    return (bytes + PAGE - 1) / PAGE;
}

static word spans(word end, unsigned bits)
{
    return ((end - 1) >> bits) - (IMAGE_START >> bits) + 1;
}

static void check_fields(word address)
{
    word extra = field(0x00);
    word buffer = field(0x20);
    word end = address + PAGE + pages(extra) * PAGE;
    word slot = 16;

    expect(field(0x08), 0, "nodeID");
    expect(field(0x10), 1, "numNodes");
    expect(field(0x18), 0, "numIOPTLevels");
    expect(buffer + PAGE, address, "page after the IPC buffer");
    expect(buffer % PAGE, 0, "alignment of the IPC buffer");
    expect_region(0x38, 0, 0, "sharedFrames");
    expect_region(0x68, 0, 0, "ioSpaceCaps");
    expect(field(0x88), 13, "initThreadCNodeSizeBits");
    expect(field(0x90), 0, "initThreadDomain");
    expect_region(0x58, slot, slot + spans(end, 39) + spans(end, 30) + spans(end, 21), "userImagePaging");
    slot = field(0x60);
    expect_region(0x78, slot, slot + pages(extra), "extraBIPages");
    slot += pages(extra);
    expect_region(0x98, slot, slot + 1, "schedcontrol");
    expect_region(0x48, slot + 1, slot + 1 + (buffer - IMAGE_START) / PAGE, "userImageFrames");
    expect(field(0xa8), field(0x50), "untyped");
    expect_region(0x28, field(0xb0), 1u << 13, "empty");
}

static void check_capabilities(void)
{
    static const uint8_t fixed[16] = {
        [1] = TCB,       [2] = CNODE, [3] = VSPACE, [4] = IRQ_CONTROL, [5] = ASID_CONTROL,
        [6] = ASID_POOL, [9] = FRAME, [10] = FRAME, [11] = DOMAIN,     [14] = SCHED_CONTEXT};

    for (word slot = 0; slot < 16; slot++) {
        expect(system_call(CAP_IDENTIFY, slot), fixed[slot], "a fixed slot");
    }
    expect_types(field(0x58), field(0x60), PAGE_TABLE, "userImagePaging");
    expect_types(field(0x78), field(0x80), FRAME, "extraBIPages");
    expect_types(field(0x98), field(0xa0), SCHED_CONTROL, "schedcontrol");
    expect_types(field(0x48), field(0x50), FRAME, "userImageFrames");
    expect_types(field(0xa8), field(0xb0), UNTYPED, "untyped");
    expect_types(field(0x28), field(0x30), 0, "empty");
}

/* Is an address in an untyped of this kind? */
static bool covered(word address, word is_device)
{
    for (word i = 0; i < field(0xb0) - field(0xa8); i++) {
        word offset = 0xb8 + 16 * i;

        if (info[offset + 9] == is_device && address - field(offset) < (word)1 << info[offset + 8]) {
            return true;
        }
    }
    return false;
}

static void check_untypeds(void)
{
    word count = field(0xb0) - field(0xa8);
    word ram = 0;
    word next = 0;
    word last_is_device = 1;

    expect(count > 0 && count <= UNTYPEDS, 1, "number of untypeds");
    for (word i = 0; i < count; i++) {
        word offset = 0xb8 + 16 * i;
        word bits = info[offset + 8];
        word is_device = info[offset + 9];

        expect(bits >= 4 && bits <= 47, 1, "sizeBits");
        expect(field(offset) & (((word)1 << bits) - 1), 0, "alignment of an untyped");
        expect(is_device <= last_is_device, 1, "order of isDevice");
        expect(field(offset) >= next || is_device != last_is_device, 1, "order of untypeds");
        expect(field(offset + 8) >> 16, 0, "padding of a descriptor");
        next = field(offset) + ((word)1 << bits);
        last_is_device = is_device;
        ram += is_device ? 0 : (word)1 << bits;
    }
    for (word offset = 0xb8 + 16 * count; offset < PAGE; offset += 8) {
        expect(field(offset), 0, "unused part of the page");
    }
    expect(ram > RAM_BYTES - (8 << 20) && ram < RAM_BYTES, 1, "RAM in untypeds");
    expect(covered(0x08000000, 1) || covered(0x08010000, 1), 0, "interrupt controller");
    expect(covered(0x09000000, 1), 1, "UART");
    expect(covered(0, 1), 1, "flash");
    expect(covered(((word)1 << 40) - 1, 1), 1, "end of the addresses");
    expect(covered((word)1 << 40, 1), 0, "addresses behind the end");
}

static word big_endian(const uint8_t *bytes)
{
    return (word)bytes[0] << 24 | (word)bytes[1] << 16 | (word)bytes[2] << 8 | bytes[3];
}

static void check_extra(word address)
{
    const uint8_t *chunk = (const uint8_t *)(address + PAGE);

    expect(((const word *)chunk)[0], 6, "chunk id");
    expect(((const word *)chunk)[1], field(0x00), "chunk length");
    expect(big_endian(chunk + 16), 0xd00dfeed, "magic of the device tree");
    expect(big_endian(chunk + 20), field(0x00) - 16, "total size of the device tree");
}

void task(word address)
{
    info = (const uint8_t *)address;
    check_registers(address);
    check_fields(address);
    check_capabilities();
    check_untypeds();
    check_extra(address);
    print(failures == 0 ? "outside: 1 passed, 0 failed\n" : "outside: 0 passed, 1 failed\n");
    system_call(HALT, 0);
    for (;;) {
    }
}
