/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The simulated machine itself: clock, interrupt controller, MMU and TLB, RAM,
 * snapshots, user threads as coroutines.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hal/host/threads.h"
#include "tests/kit/fixture.h"

#define STATE (&host_machine.state)

/* An interrupt line of a device, and one more. */
enum { LINE = 40, OTHER_LINE = 100 };

static int power_on(void **state)
{
    (void)state;
    struct machine_config config = fixture_config();
    assert_null(machine_create(&config));
    return 0;
}

/* ---- What the machine refuses loudly ---- */

static jmp_buf panic_jump;
static const char *panic_message;

static void remember_panic(const char *message, const char *file, unsigned line)
{
    (void)file;
    (void)line;
    panic_message = message;
    longjmp(panic_jump, 1);
}

#define assert_panics(action, expected)               \
    do {                                              \
        panic_message = NULL;                         \
        host_machine.on_panic = remember_panic;       \
        if (setjmp(panic_jump) == 0) {                \
            action;                                   \
        }                                             \
        host_machine.on_panic = NULL;                 \
        assert_non_null(panic_message);               \
        assert_string_equal(panic_message, expected); \
    } while (0)

/* ---- Creation ---- */

static void wrong_configurations_are_named(void **state)
{
    (void)state;
    struct machine_config config = fixture_config();
    config.ram_bytes += 1;
    assert_string_equal(machine_create(&config), "machine: RAM must be a multiple of 4 KiB");
    config.ram_bytes = MACHINE_MIN_RAM - 4096;
    assert_string_equal(machine_create(&config), "machine: RAM must be between 1 MiB and 4 GiB");
    config = fixture_config();
    config.params.root_size = config.ram_bytes;
    assert_string_equal(machine_create(&config), "machine: the root task does not fit in RAM");
    config = fixture_config();
    config.params.domains = 0;
    assert_non_null(machine_create(&config));
}

static void ram_is_zero_and_bounded(void **state)
{
    (void)state;
    const word_t end = MACHINE_RAM_BASE + bit(FIXTURE_RAM_BITS);
    uint8_t *first = hal_window(paddr(MACHINE_RAM_BASE));
    uint8_t *last = hal_window(paddr(end - 1));
    assert_int_equal(*first, 0);
    assert_int_equal(*last, 0);
    assert_int_equal(last - first, bit(FIXTURE_RAM_BITS) - 1);
    assert_int_equal(hal_window_paddr(last).raw, end - 1);
    assert_panics(hal_window(paddr(end)), "physical address outside RAM");
    assert_panics(hal_window(paddr(MACHINE_RAM_BASE - 1)), "physical address outside RAM");
    assert_panics(hal_window(paddr(0)), "physical address outside RAM");
    assert_panics(hal_window_paddr(last + 1), "pointer outside RAM");
    assert_panics(hal_window_paddr(NULL), "pointer outside RAM");
    assert_panics(hal_memory_clear(paddr(end - 4096), 4097), "memory range reaches beyond RAM");
}

static void memory_clear_zeroes_exactly_its_range(void **state)
{
    (void)state;
    uint8_t *memory = hal_window(paddr(MACHINE_RAM_BASE));
    memset(memory, 0xff, 300);
    hal_memory_clear(paddr(MACHINE_RAM_BASE + 16), 256);
    assert_int_equal(memory[15], 0xff);
    assert_int_equal(memory[272], 0xff);
    for (unsigned i = 16; i < 272; i++) {
        assert_int_equal(memory[i], 0);
    }
    assert_int_equal(STATE->counters.cleared_bytes, 256);
}

static void cache_maintenance_is_counted(void **state)
{
    enum { VADDR = 0x5000, ASID = 3 };
    paddr_t root = paddr(MACHINE_RAM_BASE + 0x10000);
    word_t frame = hal_entry_frame(paddr(MACHINE_RAM_BASE), 12, HAL_VM_READ_ONLY, KAAL_VM_DEFAULT);

    (void)state;
    for (unsigned level = 0; level < 3; level++) {
        hal_entry_write(hal_walk(root, VADDR).entry, hal_entry_table(paddr_add(root, (level + 1) * 0x1000)));
    }
    hal_entry_write(hal_walk(root, VADDR).entry, frame);
    hal_cache_maintain(HAL_CACHE_UNIFY, root, ASID, VADDR + 64, 64);
    hal_cache_maintain(HAL_CACHE_UNIFY, root, ASID, VADDR, 4096);
    hal_cache_maintain(HAL_CACHE_CLEAN, root, ASID, VADDR + 4095, 1);
    assert_int_equal(STATE->counters.cache_operations[HAL_CACHE_UNIFY], 2);
    assert_int_equal(STATE->counters.cache_operations[HAL_CACHE_CLEAN], 1);
    assert_int_equal(STATE->counters.cache_operations[HAL_CACHE_INVALIDATE], 0);
    assert_int_equal(STATE->counters.cache_bytes, 64 + 4096 + 1);
    assert_panics(hal_cache_maintain(HAL_CACHE_CLEAN, root, ASID, VADDR, 4097), "cache maintenance faults");
    assert_panics(hal_cache_maintain(HAL_CACHE_INVALIDATE, root, ASID, VADDR, 1), "cache maintenance faults");
}

static void console_keeps_the_latest_output(void **state)
{
    (void)state;
    for (const char *text = "hello\n"; *text != '\0'; text++) {
        hal_console_write(*text);
    }
    assert_string_equal(host_machine.console, "hello\n");
    for (unsigned i = 0; i < 3 * MACHINE_CONSOLE_BYTES; i++) {
        hal_console_write((char)('a' + i % 26));
    }
    size_t length = strlen(host_machine.console);
    assert_int_equal(length, STATE->console_length);
    assert_in_range(length, MACHINE_CONSOLE_BYTES / 2, MACHINE_CONSOLE_BYTES);
    assert_int_equal(host_machine.console[length - 1], 'a' + (3 * MACHINE_CONSOLE_BYTES - 1) % 26);
    machine_console_clear();
    assert_string_equal(host_machine.console, "");
}

/* ---- Clock ---- */

static void time_advances_only_when_told(void **state)
{
    (void)state;
    assert_int_equal(hal_time_now(), 0);
    assert_int_equal(hal_time_now(), 0);
    machine_advance(5);
    assert_int_equal(hal_time_now(), 5);
    machine_advance(WORD_MAX);
    assert_int_equal(hal_time_now(), WORD_MAX - 1);
}

static void microseconds_are_62_and_a_half_ticks(void **state)
{
    (void)state;
    assert_int_equal(machine_ticks(1), 62);
    assert_int_equal(machine_ticks(2), 125);
    assert_int_equal(machine_ticks(1000000), 62500000);
}

static void timer_fires_at_its_deadline_not_before(void **state)
{
    (void)state;
    hal_time_set_deadline(1000);
    assert_int_equal(machine_next_event(), 1000);
    machine_advance(999);
    assert_false(machine_irq_signalled());
    machine_advance(1);
    assert_true(machine_irq_signalled());
    assert_int_equal(hal_irq_begin(), MACHINE_TIMER_IRQ);
    hal_time_acknowledge();
    hal_irq_end(MACHINE_TIMER_IRQ);
    assert_false(machine_irq_signalled());
    assert_int_equal(machine_next_event(), WORD_MAX);
}

static void timer_is_level_sensitive(void **state)
{
    (void)state;
    machine_advance(10);
    hal_time_set_deadline(5); /* past: at once */
    assert_true(machine_irq_signalled());
    hal_irq_begin();
    hal_irq_end(MACHINE_TIMER_IRQ); /* not acknowledged: comes again */
    assert_true(machine_irq_signalled());
    hal_time_set_deadline(11); /* a later deadline withdraws it */
    assert_false(machine_irq_signalled());
    hal_time_set_deadline(WORD_MAX);
    machine_advance(WORD_MAX);
    assert_false(machine_irq_signalled());
}

/* ---- Interrupt controller ---- */

static void masked_interrupts_are_not_signalled(void **state)
{
    (void)state;
    machine_line_set(LINE, true);
    assert_false(hal_irq_pending());
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    hal_irq_unmask(LINE);
    assert_true(hal_irq_pending());
    hal_irq_mask(LINE);
    assert_false(hal_irq_pending());
}

static void level_line_is_pending_as_long_as_it_is_high(void **state)
{
    (void)state;
    hal_irq_unmask(LINE);
    machine_line_set(LINE, true);
    machine_line_set(LINE, false);
    assert_false(hal_irq_pending());
    machine_line_set(LINE, true);
    assert_int_equal(hal_irq_begin(), LINE);
    assert_false(hal_irq_pending()); /* active */
    hal_irq_end(LINE);
    assert_true(hal_irq_pending());
}

static void edge_is_remembered_once(void **state)
{
    (void)state;
    hal_irq_set_trigger(LINE, true);
    machine_line_pulse(LINE); /* while masked */
    machine_line_pulse(LINE);
    hal_irq_unmask(LINE);
    assert_int_equal(hal_irq_begin(), LINE);
    machine_line_pulse(LINE); /* while active: pending again */
    hal_irq_end(LINE);
    assert_int_equal(hal_irq_begin(), LINE);
    hal_irq_end(LINE);
    assert_false(hal_irq_pending());
    machine_line_set(LINE, true);
    machine_line_set(LINE, true); /* no second edge */
    hal_irq_begin();
    hal_irq_end(LINE);
    assert_false(hal_irq_pending());
}

static void delivered_interrupt_waits_for_the_user(void **state)
{
    (void)state;
    hal_irq_unmask(LINE);
    machine_line_set(LINE, true);
    hal_irq_begin();
    hal_irq_end_delivered(LINE);
    assert_false(hal_irq_pending());
    hal_irq_unmask(OTHER_LINE);
    machine_line_set(OTHER_LINE, true); /* others are not affected */
    assert_int_equal(hal_irq_begin(), OTHER_LINE);
    hal_irq_end_delivered(OTHER_LINE);
    hal_irq_user_ack(LINE); /* still high: fires again */
    assert_int_equal(hal_irq_begin(), LINE);
    hal_irq_end_delivered(LINE);
    hal_irq_user_ack(LINE);
    machine_line_set(LINE, false);
    assert_false(hal_irq_pending());
}

static void lowest_number_goes_first(void **state)
{
    (void)state;
    for (uint32_t irq = MACHINE_IRQ_COUNT; irq-- > 0;) {
        hal_irq_unmask(irq);
        if (irq != MACHINE_TIMER_IRQ) {
            machine_line_set(irq, true);
        }
    }
    for (uint32_t irq = 0; irq < MACHINE_IRQ_COUNT; irq++) {
        if (irq != MACHINE_TIMER_IRQ) {
            assert_int_equal(hal_irq_begin(), irq);
            hal_irq_end_delivered(irq);
        }
    }
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void misuse_of_the_controller_is_found(void **state)
{
    (void)state;
    hal_irq_unmask(LINE);
    machine_line_set(LINE, true);
    assert_panics(hal_irq_end(LINE), "the interrupt that ends is not the one in service");
    hal_irq_begin();
    assert_panics(hal_irq_begin(), "an interrupt is taken before the last one was ended");
    assert_panics(hal_irq_end(OTHER_LINE), "the interrupt that ends is not the one in service");
    assert_panics(hal_irq_mask(MACHINE_IRQ_COUNT), "interrupt number out of range");
    assert_panics(hal_sgi_send(16, 0), "software-generated interrupt out of range");
    assert_panics(hal_sgi_send(0, 8), "software-generated interrupt out of range");
}

static void software_interrupts_reach_only_this_cpu(void **state)
{
    (void)state;
    hal_irq_unmask(3);
    hal_irq_set_trigger(3, false); /* has no effect */
    hal_sgi_send(3, 1);
    assert_false(hal_irq_pending());
    hal_sgi_send(3, 0);
    assert_int_equal(hal_irq_begin(), 3);
    hal_irq_end(3);
    assert_false(hal_irq_pending());
    assert_true(hal_sgi_target_valid(7));
    assert_false(hal_sgi_target_valid(8));
}

static void scheduled_changes_happen_in_order(void **state)
{
    (void)state;
    hal_irq_unmask(LINE);
    hal_irq_set_trigger(LINE, true);
    assert_true(machine_line_schedule(300, LINE, false));
    assert_true(machine_line_schedule(200, LINE, true));
    assert_true(machine_line_schedule(100, OTHER_LINE, true));
    assert_int_equal(machine_next_event(), 100);
    machine_advance(150);
    assert_int_equal(machine_next_event(), 200);
    assert_false(hal_irq_pending());
    machine_advance(150);
    assert_int_equal(machine_next_event(), WORD_MAX);
    assert_int_equal(hal_irq_begin(), LINE);
    hal_irq_end(LINE);
    assert_false(machine_line_schedule(400, MACHINE_IRQ_COUNT, true));
    for (unsigned i = 0; i < MACHINE_MAX_EVENTS; i++) {
        assert_true(machine_line_schedule(1000, LINE, true));
    }
    assert_false(machine_line_schedule(1000, LINE, true));
}

static void interrupt_can_come_at_a_poll(void **state)
{
    (void)state;
    hal_irq_unmask(LINE);
    hal_irq_set_trigger(LINE, true);
    machine_pulse_at_poll(LINE, 3);
    STATE->poll_ticks = 7;
    assert_false(hal_irq_pending());
    assert_false(hal_irq_pending());
    assert_true(hal_irq_pending());
    assert_int_equal(hal_time_now(), 21);
    assert_int_equal(STATE->counters.irq_polls, 3);
}

/* ---- MMU: tables made by hand, with their root in the first page of RAM ---- */

#define TABLE(n) paddr(MACHINE_RAM_BASE + (n) * (word_t)0x1000)
#define PAGE     paddr(MACHINE_RAM_BASE + 0x200000)
#define VADDR    ((word_t)0x40201000)

enum { ASID = 5, CACHED = KAAL_VM_DEFAULT, NO_EXECUTE = KAAL_VM_DEFAULT | KAAL_VM_EXECUTE_NEVER };

static paddr_t entry_of_vaddr(unsigned level)
{
    static const unsigned indices[] = {0, 1, 1, 1};
    return paddr_add(TABLE(level), indices[level] * 8);
}

/* Maps PAGE at VADDR, as a small page or a block with the given log2 size. */
static void map_page(unsigned size_bits, enum hal_vm_rights rights, word_t attributes)
{
    unsigned level = 3 - (size_bits - 12) / 9;
    for (unsigned above = 0; above < level; above++) {
        hal_entry_write(entry_of_vaddr(above), hal_entry_table(TABLE(above + 1)));
    }
    paddr_t frame = paddr(align_down(PAGE.raw, size_bits));
    hal_entry_write(entry_of_vaddr(level), hal_entry_frame(frame, size_bits, rights, attributes));
    hal_space_activate(TABLE(0), ASID);
}

static void assert_translates(word_t vaddr, enum machine_access access, word_t expected)
{
    paddr_t memory = paddr(0);
    word_t status = 0;
    assert_true(machine_translate(vaddr, access, &memory, &status));
    assert_int_equal(memory.raw, expected);
}

static void assert_faults(word_t vaddr, enum machine_access access, word_t expected)
{
    paddr_t memory;
    word_t status = 0;
    assert_false(machine_translate(vaddr, access, &memory, &status));
    assert_int_equal(status, expected);
}

static void permissions_are_those_of_the_descriptor(void **state)
{
    (void)state;
    const struct {
        enum hal_vm_rights rights;
        word_t attributes;
        word_t read, write, execute; /* syndrome; 0: allowed */
    } cases[] = {
        {HAL_VM_READ_WRITE, CACHED, 0, 0, 0},
        {HAL_VM_READ_WRITE, NO_EXECUTE, 0, 0, 0x8200000f},
        {HAL_VM_READ_ONLY, CACHED, 0, 0x9200004f, 0},
        {HAL_VM_NONE, CACHED, 0x9200000f, 0x9200004f, 0x8200000f},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        word_t expected[] = {cases[i].read, cases[i].write, cases[i].execute};
        map_page(12, cases[i].rights, cases[i].attributes);
        hal_tlb_invalidate_page(ASID, VADDR);
        for (enum machine_access access = MACHINE_READ; access <= MACHINE_EXECUTE; access++) {
            if (expected[access] == 0) {
                assert_translates(VADDR + 0x123, access, PAGE.raw + 0x123);
            } else {
                assert_faults(VADDR + 0x123, access, expected[access]);
            }
        }
    }
}

static void translation_faults_name_the_level(void **state)
{
    (void)state;
    assert_faults(VADDR, MACHINE_EXECUTE, 0x82000004); /* no address space at all */
    map_page(12, HAL_VM_READ_WRITE, CACHED);
    assert_faults((word_t)1 << 39, MACHINE_READ, 0x92000004);
    assert_faults((word_t)2 << 30, MACHINE_READ, 0x92000005);
    assert_faults(VADDR + 0x200000, MACHINE_EXECUTE, 0x82000006);
    assert_faults(VADDR + 0x1000, MACHINE_WRITE, 0x92000047);
    assert_faults((word_t)1 << 48 | VADDR, MACHINE_READ, 0x92000004); /* not canonical */
    assert_faults(0xffff000000000000 | VADDR, MACHINE_WRITE, 0x92000044);
    hal_space_activate_empty();
    assert_faults(VADDR, MACHINE_READ, 0x92000004);
}

static void blocks_translate_whole(void **state)
{
    (void)state;
    map_page(21, HAL_VM_READ_ONLY, CACHED);
    word_t base = align_down(PAGE.raw, 21);
    assert_translates(0x40200000, MACHINE_READ, base);
    assert_translates(0x403fffff, MACHINE_READ, base + 0x1fffff);
    assert_faults(0x40300000, MACHINE_WRITE, 0x9200004e);
    hal_entry_write(entry_of_vaddr(1), hal_entry_frame(paddr(0x40000000), 30, HAL_VM_READ_ONLY, CACHED));
    hal_tlb_invalidate_asid(ASID);
    assert_translates(0x40000000, MACHINE_READ, 0x40000000);
    assert_faults(0x40000000, MACHINE_WRITE, 0x9200004d);
    assert_faults(0x7ffffff8, MACHINE_READ, 0x92000010); /* beyond RAM: no device answers */
}

static void missing_access_flag_faults(void **state)
{
    (void)state;
    map_page(12, HAL_VM_READ_WRITE, CACHED);
    word_t entry = hal_walk(TABLE(0), VADDR).value;
    hal_entry_write(entry_of_vaddr(3), entry & ~((word_t)1 << 10));
    assert_faults(VADDR, MACHINE_READ, 0x9200000b);
}

static void device_memory_wants_alignment(void **state)
{
    (void)state;
    map_page(12, HAL_VM_READ_WRITE, 0);
    assert_translates(VADDR + 8, MACHINE_READ, PAGE.raw + 8);
    assert_faults(VADDR + 1, MACHINE_READ, 0x92000021);
    assert_faults(VADDR + 4, MACHINE_WRITE, 0x92000061);
}

static void tlb_keeps_translations_until_invalidated(void **state)
{
    (void)state;
    map_page(12, HAL_VM_READ_WRITE, CACHED);
    assert_translates(VADDR, MACHINE_WRITE, PAGE.raw);
    hal_entry_write(entry_of_vaddr(3), 0);
    assert_translates(VADDR, MACHINE_WRITE, PAGE.raw); /* stale, as on hardware */
    assert_int_equal(STATE->counters.tlb_stale_hits, 1);
    hal_tlb_invalidate_page(ASID + 1, VADDR); /* another address space: no effect */
    hal_tlb_invalidate_page(ASID, VADDR + 0x1000);
    hal_tlb_invalidate_asid(ASID + 1);
    assert_translates(VADDR, MACHINE_READ, PAGE.raw);
    hal_tlb_invalidate_page(ASID, VADDR + 0xfff);
    assert_faults(VADDR, MACHINE_READ, 0x92000007);
    assert_int_equal(STATE->counters.tlb_stale_hits, 2);
}

static void tlb_does_not_keep_faults(void **state)
{
    (void)state;
    map_page(12, HAL_VM_READ_WRITE, CACHED);
    word_t entry = hal_walk(TABLE(0), VADDR).value;
    hal_entry_write(entry_of_vaddr(3), 0);
    assert_faults(VADDR, MACHINE_READ, 0x92000007);
    hal_entry_write(entry_of_vaddr(3), entry);
    assert_translates(VADDR, MACHINE_READ, PAGE.raw);
    assert_int_equal(STATE->counters.tlb_stale_hits, 0);
}

static void tlb_is_tagged_with_the_address_space(void **state)
{
    (void)state;
    map_page(12, HAL_VM_READ_WRITE, CACHED);
    assert_translates(VADDR, MACHINE_READ, PAGE.raw);
    hal_space_activate(TABLE(4), ASID + 1); /* empty tables */
    assert_faults(VADDR, MACHINE_READ, 0x92000004);
    hal_space_activate(TABLE(4), ASID); /* the same number for other tables, without invalidation */
    assert_translates(VADDR, MACHINE_READ, PAGE.raw);
    assert_int_equal(STATE->counters.tlb_stale_hits, 1);
    hal_tlb_invalidate_asid(ASID);
    assert_faults(VADDR, MACHINE_READ, 0x92000004);
    assert_panics(hal_space_activate(TABLE(0), 0), "impossible translation table base");
    assert_panics(hal_space_activate(paddr_add(TABLE(0), 8), ASID), "impossible translation table base");
}

static void invalidating_any_page_of_a_block_drops_the_block(void **state)
{
    (void)state;
    map_page(21, HAL_VM_READ_WRITE, CACHED);
    assert_translates(0x40200000, MACHINE_READ, align_down(PAGE.raw, 21));
    hal_entry_write(entry_of_vaddr(2), 0);
    hal_tlb_invalidate_page(ASID, 0x403ff000);
    assert_faults(0x40200000, MACHINE_READ, 0x92000006);
}

static void access_across_pages_is_all_or_nothing(void **state)
{
    (void)state;
    struct machine_trap fault;
    word_t value = 0x1122334455667788;
    uint8_t *page = hal_window(PAGE);
    map_page(12, HAL_VM_READ_WRITE, CACHED);
    assert_false(machine_user_access(VADDR + 0xffc, MACHINE_WRITE, &value, 8, &fault));
    assert_int_equal(fault.address, VADDR + 0x1000);
    assert_int_equal(fault.status, 0x92000047);
    assert_int_equal(page[0xffc], 0);
    hal_entry_write(paddr_add(entry_of_vaddr(3), 8),
                    hal_entry_frame(paddr_add(PAGE, 0x5000), 12, HAL_VM_READ_WRITE, CACHED));
    assert_true(machine_user_access(VADDR + 0xffc, MACHINE_WRITE, &value, 8, &fault));
    assert_int_equal(page[0xffc], 0x88);
    assert_int_equal(page[0x5003], 0x11);
    word_t back = 0;
    assert_true(machine_user_access(VADDR + 0xffc, MACHINE_READ, &back, 8, &fault));
    assert_int_equal(back, value);
}

/* ---- Snapshots ---- */

static void snapshot_brings_everything_back(void **state)
{
    (void)state;
    word_t *ram = hal_window(paddr(MACHINE_RAM_BASE + 0x3000));
    *ram = 1;
    kernel.irq_count = 7;
    machine_advance(10);
    struct machine_snapshot *first = machine_snapshot();
    assert_non_null(first);
    assert_int_equal(*ram, 1);

    *ram = 2;
    ram[4096] = 3;
    kernel.irq_count = 8;
    machine_advance(10);
    machine_line_set(LINE, true);
    struct machine_snapshot *second = machine_snapshot();
    assert_non_null(second);

    *ram = 4;
    machine_restore(first);
    assert_int_equal(*ram, 1);
    assert_int_equal(ram[4096], 0);
    assert_int_equal(kernel.irq_count, 7);
    assert_int_equal(hal_time_now(), 10);
    hal_irq_unmask(LINE);
    assert_false(hal_irq_pending());

    *ram = 5;
    machine_restore(first);
    assert_int_equal(*ram, 1);
    machine_restore(second);
    assert_int_equal(*ram, 2);
    assert_int_equal(ram[4096], 3);
    assert_int_equal(kernel.irq_count, 8);
    assert_int_equal(hal_time_now(), 20);
    hal_irq_unmask(LINE);
    assert_true(hal_irq_pending());
}

/* ---- User threads: programs of these tests run as coroutines on a booted kernel ---- */

/* What programs tell the test; assertions belong outside of coroutines. */
static struct {
    word_t value[8];
    unsigned count;
} said;

static void say(word_t value)
{
    if (said.count < sizeof(said.value) / sizeof(said.value[0])) {
        said.value[said.count] = value;
    }
    said.count++;
}

static word_t *user_call(enum kaal_syscall number, word_t x0, word_t x1, word_t x2)
{
    word_t *regs = machine_user_registers();
    regs[REG_X0] = x0;
    regs[REG_X1] = x1;
    regs[REG_X2] = x2;
    regs[REG_SYSCALL] = (word_t)(int64_t)number;
    machine_user_instruction(USER_SYSCALL);
    return machine_user_registers();
}

static word_t user_load(word_t vaddr)
{
    machine_user_registers()[REG_X0] = vaddr;
    machine_user_instruction(USER_LOAD);
    return machine_user_registers()[REG_X0];
}

static void user_store(word_t vaddr, word_t value)
{
    machine_user_registers()[REG_X0] = vaddr;
    machine_user_registers()[REG_X1] = value;
    machine_user_instruction(USER_STORE);
}

static void user_exit(word_t status)
{
    machine_user_registers()[REG_X0] = status;
    machine_user_instruction(USER_EXIT);
}

/* Runs a function as the program of root's thread, from its start. */
static enum machine_stop run_program(void (*function)(word_t argument), uint64_t limit)
{
    memset(&said, 0, sizeof(said));
    assert_true(machine_register_entry(MACHINE_ROOT_VADDR, function));
    fixture_root()->regs[REG_NEXT_IP] = MACHINE_ROOT_VADDR;
    return machine_run(limit);
}

/* Makes a thread begin in a function when it is resumed. */
static void set_program(kaal_cptr_t tcb, void (*function)(word_t argument))
{
    word_t address = (word_t)(uintptr_t)function;
    assert_true(machine_register_entry(address, function));
    fixture_tcb(tcb)->regs[REG_FAULT_IP] = address;
    fixture_tcb(tcb)->regs[REG_NEXT_IP] = address;
}

static void print_and_halt(word_t argument)
{
    (void)argument;
    user_call(KAAL_SYS_DEBUG_PUT_CHAR, 'h', 11, 12);
    word_t *regs = user_call(KAAL_SYS_DEBUG_PUT_CHAR, 'i', 21, 22);
    say(regs[REG_X0]);
    say(regs[REG_X1]);
    say(regs[REG_X2]);
    user_call(KAAL_SYS_DEBUG_HALT, 0, 0, 0);
    say(0);
}

static void program_makes_system_calls_until_it_halts(void **state)
{
    (void)state;
    machine_console_clear();
    assert_int_equal(run_program(print_and_halt, 100), STOP_HALTED);
    assert_false(STATE->failed);
    assert_int_equal(strncmp(host_machine.console, "hi", 2), 0);
    assert_int_equal(said.count, 3);
    assert_int_equal(said.value[0], 'i');
    assert_int_equal(said.value[1], 21);
    assert_int_equal(said.value[2], 22);
    assert_false(machine_enter((struct machine_trap){.kind = TRAP_SYSCALL})); /* halted for good */
    assert_int_equal(machine_run(100), STOP_HALTED);
}

static void look_at_bootinfo(word_t argument)
{
    const struct kaal_bootinfo *bootinfo = machine_user_pointer(argument);
    say(bootinfo->root_cnode_bits);
    user_exit(1);
}

static void program_gets_its_argument_and_says_how_it_ended(void **state)
{
    (void)state;
    assert_int_equal(run_program(look_at_bootinfo, 100), STOP_HALTED);
    assert_true(STATE->failed);
    assert_int_equal(said.value[0], FIXTURE_ROOT_CNODE_BITS);
}

static void load_store_fault(word_t argument)
{
    (void)argument;
    user_store(MACHINE_ROOT_VADDR + 0x808, 0x1234);
    say(user_load(MACHINE_ROOT_VADDR + 0x808));
    user_load(0x1000);
    say(0);
}

static void accesses_go_through_the_tables(void **state)
{
    (void)state;
    assert_int_equal(run_program(load_store_fault, 100), STOP_IDLE);
    assert_int_equal(said.count, 1);
    assert_int_equal(said.value[0], 0x1234);
    assert_int_equal(fixture_root()->state, THREAD_INACTIVE); /* it has no fault handler */
}

static void yield_forever(word_t argument)
{
    (void)argument;
    for (;;) {
        user_call(KAAL_SYS_YIELD, 0, 0, 0);
    }
}

static void hanging_program_is_stopped(void **state)
{
    (void)state;
    assert_int_equal(run_program(yield_forever, 1000), STOP_LIMIT);
    assert_int_equal(STATE->counters.steps, 1000);
}

static void thread_without_address_space_does_not_run(void **state)
{
    (void)state;
    hal_space_activate_empty();
    assert_int_equal(run_program(look_at_bootinfo, 100), STOP_IDLE);
    assert_int_equal(said.count, 0);
}

/* ---- Faults and what a handler can do about them ---- */

static kaal_cptr_t fault_endpoint, fault_reply;

/* What the handler does to the faulting thread's registers before it replies. */
static void (*repair)(word_t *regs);

static void handle_faults(word_t argument)
{
    (void)argument;
    for (;;) {
        machine_user_registers()[REG_REPLY] = fault_reply;
        word_t *regs = user_call(KAAL_SYS_RECV, fault_endpoint, 0, 0);
        say(kaal_info_label(regs[REG_INFO]));
        say(regs[REG_MSG + 1]); /* VM fault: address */
        say(regs[REG_MSG + 3]); /* VM fault: syndrome; exception: number */
        repair(fixture_root()->regs);
        user_call(KAAL_SYS_SEND, fault_reply, kaal_info(0, 0, 0, 0), 0);
    }
}

/* A thread of root's priority waits for root's faults. */
static void start_handler(void (*repair_function)(word_t *regs))
{
    repair = repair_function;
    fault_endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    fault_reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    struct fixture_thread handler = fixture_thread(KAAL_MAX_PRIORITY, 5000, 5000, 0);
    set_program(handler.tcb, handle_faults);
    fixture_resume(handler.tcb);
    struct fixture_answer answer =
        fixture_invoke(KAAL_BOOT_TCB, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                       FIXTURE_LIST(fault_endpoint, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE));
    assert_int_equal(answer.error, KAAL_NO_ERROR);
}

static void repair_address(word_t *regs)
{
    regs[REG_X0] = MACHINE_ROOT_VADDR;
}

static void repair_by_skipping(word_t *regs)
{
    regs[REG_FAULT_IP] += MACHINE_INSTRUCTION_BYTES;
}

static void repair_by_returning(word_t *regs)
{
    regs[REG_FAULT_IP] = regs[REG_X30];
}

static void load_unmapped(word_t argument)
{
    (void)argument;
    user_store(MACHINE_ROOT_VADDR, 77);
    say(user_load(0x1000));
    user_exit(0);
}

static void faulting_load_is_executed_again(void **state)
{
    (void)state;
    start_handler(repair_address);
    assert_int_equal(run_program(load_unmapped, 1000), STOP_HALTED);
    assert_int_equal(said.count, 4);
    assert_int_equal(said.value[0], KAAL_FAULT_VM);
    assert_int_equal(said.value[1], 0x1000);
    assert_int_equal(said.value[2], 0x92000006);
    assert_int_equal(said.value[3], 77);
}

static void faulting_load_is_skipped(void **state)
{
    (void)state;
    start_handler(repair_by_skipping);
    assert_int_equal(run_program(load_unmapped, 1000), STOP_HALTED);
    assert_int_equal(said.count, 4);
    assert_int_equal(said.value[3], 0x1000); /* the destination register as it was */
}

static void branch_to(word_t target)
{
    machine_user_registers()[REG_X0] = target;
    machine_user_instruction(USER_BRANCH);
}

static void branch_to_nowhere(word_t argument)
{
    (void)argument;
    branch_to(0x7edc00000000);
    say(1);
    user_exit(0);
}

static void faulting_branch_returns_through_the_link_register(void **state)
{
    (void)state;
    start_handler(repair_by_returning);
    assert_int_equal(run_program(branch_to_nowhere, 1000), STOP_HALTED);
    assert_int_equal(said.count, 4);
    assert_int_equal(said.value[0], KAAL_FAULT_VM);
    assert_int_equal(said.value[1], 0x7edc00000000);
    assert_int_equal(said.value[2], 0x82000004);
    assert_int_equal(said.value[3], 1);
}

static void execute_memory(word_t argument)
{
    (void)argument;
    user_store(MACHINE_ROOT_VADDR + 0x100, 0xd65f03c0); /* ret */
    branch_to(MACHINE_ROOT_VADDR + 0x100);
    say(1);
    branch_to(MACHINE_ROOT_VADDR + 0x104); /* zeros: undefined */
    say(2);
    branch_to(MACHINE_ROOT_VADDR + 0x102);
    say(3);
    user_exit(0);
}

static void memory_is_executed_as_far_as_it_goes(void **state)
{
    (void)state;
    start_handler(repair_by_returning);
    assert_int_equal(run_program(execute_memory, 1000), STOP_HALTED);
    assert_int_equal(said.count, 9);
    assert_int_equal(said.value[0], 1);
    assert_int_equal(said.value[1], KAAL_FAULT_USER_EXCEPTION);
    assert_int_equal(said.value[3], 0x02000000);
    assert_int_equal(said.value[4], 2);
    assert_int_equal(said.value[5], KAAL_FAULT_USER_EXCEPTION);
    assert_int_equal(said.value[7], 0x8a000000);
}

static void undefined_instruction(word_t argument)
{
    (void)argument;
    machine_user_instruction(USER_UNDEFINED);
    say(1);
    user_exit(0);
}

static void undefined_instruction_is_an_exception(void **state)
{
    (void)state;
    start_handler(repair_by_skipping);
    assert_int_equal(run_program(undefined_instruction, 1000), STOP_HALTED);
    assert_int_equal(said.count, 4);
    assert_int_equal(said.value[0], KAAL_FAULT_USER_EXCEPTION);
    assert_int_equal(said.value[2], 0x02000000);
    assert_int_equal(said.value[3], 1);
}

/* ---- Time ---- */

static void spin_18_ms(word_t exits)
{
    machine_user_spin(machine_ticks(18000));
    say(hal_time_now());
    if (exits != 0) {
        user_exit(0);
    }
    machine_user_spin(machine_ticks(1000000));
}

static void spin_takes_exactly_its_time(void **state)
{
    (void)state;
    uint64_t entries = STATE->counters.entries;
    fixture_root()->regs[REG_X0] = 1;
    assert_int_equal(run_program(spin_18_ms, 1000), STOP_HALTED);
    assert_int_equal(said.value[0], machine_ticks(18000));
    assert_true(STATE->counters.entries - entries >= 3); /* its slices ended at 5, 10 and 15 ms */
}

static void spinning_threads_share_the_processor(void **state)
{
    (void)state;
    struct fixture_thread other = fixture_thread(KAAL_MAX_PRIORITY, 5000, 5000, 0);
    set_program(other.tcb, spin_18_ms);
    fixture_tcb(other.tcb)->regs[REG_X0] = 1;
    fixture_resume(other.tcb);
    fixture_root()->regs[REG_X0] = 0;
    assert_int_equal(run_program(spin_18_ms, 1000), STOP_HALTED);
    /* 5 ms for root, 5 ms for the other, in turn: root has had 18 ms after 33. */
    assert_int_equal(said.count, 2);
    assert_int_equal(said.value[0], machine_ticks(33000));
    assert_int_equal(said.value[1], machine_ticks(38000));
}

static kaal_cptr_t notification;

static void wait_for_interrupt(word_t argument)
{
    (void)argument;
    word_t *regs = user_call(KAAL_SYS_WAIT, notification, 0, 0);
    say(regs[REG_BADGE]);
    say(hal_time_now());
    user_exit(0);
}

static void idle_machine_jumps_to_the_next_event(void **state)
{
    (void)state;
    kaal_cptr_t handler = fixture_new_slot();
    notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    kaal_cptr_t badged = fixture_mint(notification, KAAL_RIGHTS_ALL, 9);
    assert_int_equal(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get,
                                    FIXTURE_LIST(LINE, handler, 64), FIXTURE_LIST(KAAL_BOOT_CNODE))
                         .error,
                     KAAL_NO_ERROR);
    assert_int_equal(
        fixture_invoke(handler, kaal_label_irq_handler_set_notification, FIXTURE_NONE, FIXTURE_LIST(badged))
            .error,
        KAAL_NO_ERROR);
    const word_t time = machine_ticks(1234567);
    machine_line_schedule(time, LINE, true);
    assert_int_equal(run_program(wait_for_interrupt, 100000), STOP_HALTED);
    assert_int_equal(said.value[0], 9);
    assert_int_equal(said.value[1], time);
}

/* ---- Many threads ---- */

static void signal_and_stop(word_t tcb)
{
    user_call(KAAL_SYS_SEND, notification, 0, 0);
    user_call(KAAL_SYS_CALL, tcb, kaal_info(kaal_label_tcb_suspend, 0, 0, 0), 0);
}

static void stacks_of_dead_threads_are_used_again(void **state)
{
    (void)state;
    enum { THREADS = MACHINE_MAX_THREADS + 50 };
    notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    struct fixture_thread thread = fixture_thread(KAAL_MAX_PRIORITY, 5000, 5000, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        set_program(thread.tcb, signal_and_stop);
        fixture_tcb(thread.tcb)->regs[REG_X0] = thread.tcb;
        fixture_resume(thread.tcb);
        assert_int_equal(fixture_receive(KAAL_SYS_WAIT, notification, 0), FIXTURE_SWITCHED);
        /* It starts, signals, goes on, and suspends itself: root is current again. */
        assert_int_equal(machine_run(4), STOP_LIMIT);
        assert_ptr_equal(fixture_current(), fixture_root());
        assert_int_equal(fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_delete,
                                        FIXTURE_LIST(thread.tcb, 64), FIXTURE_NONE)
                             .error,
                         KAAL_NO_ERROR);
        assert_int_equal(fixture_invoke(fixture_untyped(), kaal_label_untyped_retype,
                                        FIXTURE_LIST(KAAL_OBJECT_TCB, 0, 0, 0, thread.tcb, 1),
                                        FIXTURE_LIST(KAAL_BOOT_CNODE))
                             .error,
                         KAAL_NO_ERROR);
        assert_int_equal(fixture_invoke(thread.tcb, kaal_label_tcb_configure, FIXTURE_LIST(0, 0, 0),
                                        FIXTURE_LIST(KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE, 0))
                             .error,
                         KAAL_NO_ERROR);
        assert_int_equal(fixture_invoke(thread.tcb, kaal_label_tcb_set_sched_params,
                                        FIXTURE_LIST(KAAL_MAX_PRIORITY, KAAL_MAX_PRIORITY),
                                        FIXTURE_LIST(KAAL_BOOT_TCB, thread.sched_context, 0))
                             .error,
                         KAAL_NO_ERROR);
    }
    assert_true(machine_threads_exist());
    assert_panics(machine_snapshot(), "a snapshot cannot hold running user threads");
}

/* ---- Determinism ---- */

static void print_in_turns(word_t argument)
{
    for (unsigned i = 0; i < 200; i++) {
        user_call(KAAL_SYS_DEBUG_PUT_CHAR, argument == 1 ? 'a' : 'b', 0, 0);
        machine_user_spin(machine_ticks(argument == 1 ? 130 : 170));
    }
    if (argument == 1) {
        user_exit(0);
    }
    for (;;) {
        user_call(KAAL_SYS_YIELD, 0, 0, 0);
    }
}

enum { OUTPUT_BYTES = 1024 };

static word_t run_seeded(word_t seed, char *output)
{
    struct machine_config config = fixture_config();
    config.seed = seed;
    fixture_boot(&config);
    struct fixture_thread other = fixture_thread(KAAL_MAX_PRIORITY, 1000, 1000, 0);
    set_program(other.tcb, print_in_turns);
    fixture_tcb(other.tcb)->regs[REG_X0] = 2;
    fixture_resume(other.tcb);
    machine_console_clear();
    fixture_root()->regs[REG_X0] = 1;
    assert_int_equal(run_program(print_in_turns, 1000000), STOP_HALTED);
    assert_in_range(STATE->console_length, 1, OUTPUT_BYTES - 1);
    memcpy(output, host_machine.console, STATE->console_length + 1);
    return hal_time_now();
}

static void runs_are_reproducible_and_seeds_differ(void **state)
{
    (void)state;
    static char first[OUTPUT_BYTES], again[OUTPUT_BYTES], other[OUTPUT_BYTES];
    word_t time = run_seeded(42, first);
    assert_int_equal(run_seeded(42, again), time);
    assert_string_equal(first, again);
    assert_non_null(strchr(first, 'a'));
    assert_non_null(strchr(first, 'b'));
    assert_int_not_equal(run_seeded(43, other), time);
}

#define machine_test(function) cmocka_unit_test_setup_teardown(function, power_on, fixture_teardown)
#define kernel_test(function)  cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_configurations_are_named),
        machine_test(ram_is_zero_and_bounded),
        machine_test(memory_clear_zeroes_exactly_its_range),
        machine_test(cache_maintenance_is_counted),
        machine_test(console_keeps_the_latest_output),
        machine_test(time_advances_only_when_told),
        machine_test(microseconds_are_62_and_a_half_ticks),
        machine_test(timer_fires_at_its_deadline_not_before),
        machine_test(timer_is_level_sensitive),
        machine_test(masked_interrupts_are_not_signalled),
        machine_test(level_line_is_pending_as_long_as_it_is_high),
        machine_test(edge_is_remembered_once),
        machine_test(delivered_interrupt_waits_for_the_user),
        machine_test(lowest_number_goes_first),
        machine_test(misuse_of_the_controller_is_found),
        machine_test(software_interrupts_reach_only_this_cpu),
        machine_test(scheduled_changes_happen_in_order),
        machine_test(interrupt_can_come_at_a_poll),
        machine_test(permissions_are_those_of_the_descriptor),
        machine_test(translation_faults_name_the_level),
        machine_test(blocks_translate_whole),
        machine_test(missing_access_flag_faults),
        machine_test(device_memory_wants_alignment),
        machine_test(tlb_keeps_translations_until_invalidated),
        machine_test(tlb_does_not_keep_faults),
        machine_test(tlb_is_tagged_with_the_address_space),
        machine_test(invalidating_any_page_of_a_block_drops_the_block),
        machine_test(access_across_pages_is_all_or_nothing),
        machine_test(snapshot_brings_everything_back),
        kernel_test(program_makes_system_calls_until_it_halts),
        kernel_test(program_gets_its_argument_and_says_how_it_ended),
        kernel_test(accesses_go_through_the_tables),
        kernel_test(hanging_program_is_stopped),
        kernel_test(thread_without_address_space_does_not_run),
        kernel_test(faulting_load_is_executed_again),
        kernel_test(faulting_load_is_skipped),
        kernel_test(faulting_branch_returns_through_the_link_register),
        kernel_test(memory_is_executed_as_far_as_it_goes),
        kernel_test(undefined_instruction_is_an_exception),
        kernel_test(spin_takes_exactly_its_time),
        kernel_test(spinning_threads_share_the_processor),
        kernel_test(idle_machine_jumps_to_the_next_event),
        kernel_test(stacks_of_dead_threads_are_used_again),
        cmocka_unit_test(runs_are_reproducible_and_seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
