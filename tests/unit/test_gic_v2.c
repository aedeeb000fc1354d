/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The driver of the interrupt controller, version 2, against a model of the
 * controller that knows its registers (Arm IHI 0048; docs/spec/aarch64-traps.md 8.1, 8.3).
 */
#include "tests/unit/gic_model.h"

static void mmio_write8(word_t base, word_t offset, uint8_t value);

#include "hal/aarch64/gic/gic.c"
#include "hal/aarch64/gic/lines.c"
#include "hal/aarch64/gic/gic_v2.c"
#include "hal/aarch64/hardware.c"
#include "hal/host/machine.h"

/* The other version, which no test here selects. */
const struct gic_operations gic_v3;

enum { DISTRIBUTOR = 0x8000000, CPU_INTERFACE = 0x8010000 };

static struct {
    struct model_distributor distributor;
    unsigned cpu;       /* number of this CPU's interface */
    bool hides_targets; /* a controller for one CPU: target registers read as zero */
    uint32_t control;
    uint32_t priority_mask;
    uint32_t binary_point;
    uint32_t sgi_source[16];
    uint32_t active_priorities; /* how many are in service, by their priority; all have the same here */
    unsigned sgi_writes;
    uint32_t sgi_register;
    unsigned ends;
    unsigned writes_while_on; /* to the distributor, of what must not change then */
} model;

/* The interrupt that would be taken, highest priority first, lowest number among equals. */
static unsigned highest(void)
{
    unsigned best = MODEL_NONE;

    for (unsigned i = 0; i < model.distributor.lines && i < 1020; i++) {
        const struct model_line *line = &model.distributor.line[i];
        bool here = i < 32 || (line->target & 1u << model.cpu) != 0;

        if (here && line->enabled && model_pending(line) && !line->active && !line->group1 &&
            line->priority < model.priority_mask &&
            (best == MODEL_NONE || line->priority < model.distributor.line[best].priority)) {
            best = i;
        }
    }
    if (model.distributor.control != 1 || model.control != 1 || model.active_priorities != 0) {
        return MODEL_NONE;
    }
    return best;
}

static uint32_t with_source(unsigned irq)
{
    return irq < 16 ? irq | model.sgi_source[irq] << 10 : irq;
}

static uint32_t acknowledge(void)
{
    unsigned irq = highest();

    if (irq != MODEL_NONE) {
        model.distributor.line[irq].latched = false;
        model.distributor.line[irq].active = true;
        model.active_priorities = 1;
    }
    return with_source(irq);
}

static void end_of_interrupt(uint32_t value)
{
    unsigned irq = value & 0x3ff;

    assert_true(irq < model.distributor.lines);
    assert_true(model.distributor.line[irq].active);
    assert_int_equal(value, with_source(irq));
    model.distributor.line[irq].active = false;
    model.active_priorities = 0;
    model.ends++;
}

static uint32_t read_targets(word_t offset)
{
    assert_in_range(offset, 0x800, 0x81c);
    /* The first two registers belong to software-generated interrupts; some controllers show only later ones.
     */
    return model.hides_targets ? 0 : (uint32_t)0x01010101 << model.cpu;
}

static uint32_t mmio_read32(word_t base, word_t offset)
{
    if (base == CPU_INTERFACE) {
        switch (offset) {
        case 0x0c: return acknowledge();
        case 0x18: return with_source(highest());
        default: fail(); return 0;
        }
    }
    assert_int_equal(base, DISTRIBUTOR);
    if (offset == 4) {
        return model.distributor.lines / 32 - 1;
    }
    return offset < 0xc00 ? read_targets(offset) : model_read_triggers(&model.distributor, offset);
}

static void write_cpu_interface(word_t offset, uint32_t value)
{
    switch (offset) {
    case 0x00: model.control = value; break;
    case 0x04: model.priority_mask = value; break;
    case 0x08: model.binary_point = value; break;
    case 0x10: end_of_interrupt(value); break;
    case 0xd0:
    case 0xd4:
    case 0xd8:
    case 0xdc: model.active_priorities = value; break;
    default: fail();
    }
}

static void mmio_write32(word_t base, word_t offset, uint32_t value)
{
    if (base == CPU_INTERFACE) {
        write_cpu_interface(offset, value);
        return;
    }
    assert_int_equal(base, DISTRIBUTOR);
    if (offset == 0) {
        model.distributor.control = value;
    } else if (offset == 0xf00) {
        model.sgi_register = value;
        model.sgi_writes++;
    } else if (offset >= 0xf10 && offset < 0xf20) {
        for (unsigned i = 0; i < 4; i++) {
            model.distributor.line[offset - 0xf10 + i].latched &= (value >> 8 * i & 0xff) != 0xff;
        }
    } else {
        model.writes_while_on += (model.distributor.control & 3) != 0 && !model_is_mask(offset);
        /* The targets of the first 32 lines are read-only. */
        assert_true(offset < 0x800 || offset >= 0x820);
        assert_true(model_write_lines(&model.distributor, 0, MODEL_LINES, offset, value));
    }
}

static void mmio_write8(word_t base, word_t offset, uint8_t value)
{
    assert_int_equal(base, DISTRIBUTOR);
    assert_in_range(offset, 0x400, 0x400 + model.distributor.lines - 1);
    model.distributor.line[offset - 0x400].priority = value;
}

static void reset(unsigned lines, unsigned cpu)
{
    memset(&model, 0, sizeof(model));
    memset(&hardware, 0, sizeof(hardware));
    model.distributor.lines = lines;
    model.distributor.sgi_apart = true;
    model.cpu = cpu;
    model_leave_traces(&model.distributor);
    hardware.machine.gic = (struct machine_gic){
        .version = 2,
        .distributor = {DISTRIBUTOR, DISTRIBUTOR + 0x1000},
        .cpu_interface = {CPU_INTERFACE, CPU_INTERFACE + 0x2000},
    };
}

static struct model_line *start_with(unsigned lines, unsigned irq)
{
    reset(lines, 0);
    assert_null(gic_initialize());
    hal_irq_unmask(irq);
    return &model.distributor.line[irq];
}

#include "tests/unit/gic_cases.h"

/* ---- Start ---- */

static void start_leaves_every_line_masked_and_quiet(void **state)
{
    (void)state;
    static const unsigned sizes[] = {32, 64, 288, 1024};

    for (unsigned size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
        reset(sizes[size], 2);
        assert_null(gic_initialize());
        assert_int_equal(gic_line_count(), sizes[size] < 1020 ? sizes[size] : 1020);
        assert_int_equal(model.distributor.control, 1);
        assert_int_equal(model.control, 1);
        for (unsigned i = 0; i < gic_line_count(); i++) {
            const struct model_line *line = &model.distributor.line[i];

            assert_int_equal(line->enabled, i < 16);
            assert_false(line->latched);
            assert_false(line->active);
            assert_false(line->group1);
            assert_int_equal(line->priority, GIC_PRIORITY);
            assert_true(i < 32 || line->target == 4);
            assert_true(i < 16 || !line->edge);
        }
        assert_true(GIC_PRIORITY < model.priority_mask);
        assert_int_equal(model.binary_point, 3);
        assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    }
}

/* Groups, priorities, targets and triggers may change only while nothing is forwarded. */
static void distributor_is_off_while_it_is_set_up(void **state)
{
    (void)state;
    reset(288, 0);
    model.distributor.control = 1;
    assert_null(gic_initialize());
    assert_int_equal(model.writes_while_on, 0);
    assert_int_equal(model.distributor.control, 1);
}

static void controller_for_one_cpu_targets_cpu_0(void **state)
{
    (void)state;
    reset(96, 0);
    model.hides_targets = true;
    assert_null(gic_initialize());
    assert_int_equal(model.distributor.line[95].target, 1);
}

/* It would block all others of its priority. */
static void interrupt_that_the_boot_loader_never_ended_is_forgotten(void **state)
{
    (void)state;
    reset(64, 0);
    model.active_priorities = 0x10000;
    assert_null(gic_initialize());
    hal_irq_unmask(40);
    model_drive(&model.distributor.line[40], true);
    assert_int_equal(hal_irq_begin(), 40);
}

/* ---- Life cycle (docs/spec/aarch64-traps.md 8.3) ---- */

static jmp_buf panicked;

static void note_panic(const char *message, const char *file, unsigned line)
{
    (void)message, (void)file, (void)line;
    longjmp(panicked, 1);
}

static void ending_another_interrupt_than_was_taken_is_a_kernel_bug(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 27);

    model_drive(line, true);
    assert_int_equal(hal_irq_begin(), 27);
    host_machine.on_panic = note_panic;
    if (setjmp(panicked) == 0) {
        hal_irq_end(28);
        fail();
    }
    host_machine.on_panic = NULL;
    assert_true(line->active);
}

/* ---- Software-generated interrupts ---- */

static void software_interrupt_ends_with_its_sender(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 5);

    model.sgi_source[5] = 3;
    line->latched = true;
    assert_int_equal(hal_irq_begin(), 5);
    hal_irq_end(5); /* the model checks the source */
    assert_int_equal(model.ends, 1);
}

/* It cannot be disabled, and waits for the user all the same. */
static void delivered_software_interrupt_waits_for_the_user(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 5);

    line->latched = true;
    assert_int_equal(hal_irq_begin(), 5);
    hal_irq_end_delivered(5);
    line->latched = true;
    assert_false(hal_irq_pending());
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    hal_irq_user_ack(5);
    assert_int_equal(hal_irq_begin(), 5);
    hal_irq_end_delivered(5);
    hal_irq_user_ack(5);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void software_interrupts_go_to_one_target(void **state)
{
    (void)state;
    reset(64, 0);
    assert_null(gic_initialize());
    for (unsigned target = 0; target < 8; target++) {
        assert_true(hal_sgi_target_valid(target));
        hal_sgi_send(target + 8, target);
        assert_int_equal(model.sgi_register, 1u << (16 + target) | (target + 8));
        assert_int_equal(model.sgi_writes, target + 1);
    }
    assert_false(hal_sgi_target_valid(8));
    assert_false(hal_sgi_target_valid(WORD_MAX));
}

/* ---- What the kernel keeps ---- */

static void kernel_keeps_one_page_of_each_frame(void **state)
{
    (void)state;
    struct region_list list = {0};

    reset(64, 0);
    assert_null(gic_initialize());
    assert_true(hardware.gic->kernel_pages(&hardware.machine.gic, &list));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.region[0].start, DISTRIBUTOR);
    assert_int_equal(list.region[0].end, DISTRIBUTOR + 0x1000);
    assert_int_equal(list.region[1].start, CPU_INTERFACE);
    assert_int_equal(list.region[1].end, CPU_INTERFACE + 0x1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GIC_CASES,
        cmocka_unit_test(start_leaves_every_line_masked_and_quiet),
        cmocka_unit_test(distributor_is_off_while_it_is_set_up),
        cmocka_unit_test(controller_for_one_cpu_targets_cpu_0),
        cmocka_unit_test(interrupt_that_the_boot_loader_never_ended_is_forgotten),
        cmocka_unit_test(ending_another_interrupt_than_was_taken_is_a_kernel_bug),
        cmocka_unit_test(software_interrupt_ends_with_its_sender),
        cmocka_unit_test(delivered_software_interrupt_waits_for_the_user),
        cmocka_unit_test(software_interrupts_go_to_one_target),
        cmocka_unit_test(kernel_keeps_one_page_of_each_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
