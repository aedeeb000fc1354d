/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The driver of the interrupt controller, version 3, against a model of
 * distributor, redistributors and CPU interface (Arm IHI 0069;
 * docs/spec/aarch64-traps.md 8.2, 8.3).
 */
#include "tests/unit/gic_model.h"

static word_t mmio_read64(word_t base, word_t offset);
static void mmio_write64(word_t base, word_t offset, word_t value);
static word_t model_read_sysreg(const char *name);
static void model_write_sysreg(const char *name, word_t value);

#include "hal/aarch64/gic/gic.c"
#include "hal/aarch64/gic/lines.c"
#include "hal/aarch64/gic/gic_v3.c"
#include "hal/aarch64/hardware.c"

/* The other version, which no test here selects. */
const struct gic_operations gic_v2;

enum { DISTRIBUTOR = 0x8000000, REDISTRIBUTORS = 0x80a0000, FRAMES = 0x20000, CPUS = 4 };

/* A bit of GICR_CTLR that is not the kernel's. */
enum { OTHER_CONTROL = 1 << 24 };

enum { RWP_DISTRIBUTOR_OFF = 1, RWP_DISTRIBUTOR_ON = 2, WAKER = 3, RWP_REDISTRIBUTOR = 4 };

enum { FIRST_LPI = 8192, FIRST_EXTENDED_PRIVATE = 1056, FIRST_EXTENDED_SHARED = 4096, EXTENDED = 96 };

/* An interrupt beyond the first 1024, which no kernel entry point can name: pending or not. */
struct beyond {
    unsigned irq; /* 0: there is none */
    bool enabled;
    bool pending;
    bool active; /* LPIs never are */
};

static struct {
    struct model_distributor distributor; /* its first 32 lines are those of this CPU's redistributor */
    bool lpis_enabled;
    bool lpis_are_for_good; /* once enabled */
    struct beyond beyond;
    bool extended_private[EXTENDED], extended_shared[EXTENDED]; /* which of them are enabled */
    unsigned extended_private_count, extended_shared_count;     /* multiples of 32 */
    bool states_too_many;                                       /* extended private ones */
    word_t route[MODEL_LINES];
    word_t affinity; /* of this CPU: Aff3.Aff2.Aff1.Aff0 */
    unsigned own;    /* index of its redistributor */
    unsigned cpus;
    word_t first; /* where the redistributors are, and how far apart */
    word_t stride;
    bool has_virtual_frames; /* two more frames each */
    bool asleep;
    unsigned dead; /* what never answers */
    bool no_system_registers;
    unsigned polls_to_go; /* until a write has had its effect */
    word_t sre, priority_mask, control, group_enable, binary_point, active_priorities;
    word_t sgi_register;
    unsigned drops;           /* of the priority: interrupts ended */
    unsigned writes_while_on; /* to the distributor, of what must not change then */
} model;

static bool beyond_is_pending(void)
{
    bool enabled = model.beyond.irq >= FIRST_LPI ? model.lpis_enabled : model.beyond.enabled;

    return model.beyond.irq != 0 && enabled && model.beyond.pending && !model.beyond.active;
}

/* What is beyond the first 1024 has the higher priority here: it hides the rest. */
static unsigned highest(void)
{
    bool on = model.distributor.control == (1u << 4 | 1u << 1) && model.group_enable == 1 && model.sre == 7;

    if (on && model.active_priorities == 0 && beyond_is_pending()) {
        return model.beyond.irq;
    }
    for (unsigned i = 0; on && model.active_priorities == 0 && i < model.distributor.lines && i < 1020; i++) {
        const struct model_line *line = &model.distributor.line[i];
        word_t here = (model.affinity >> 24) << 32 | (model.affinity & 0xffffff);

        if (line->enabled && model_pending(line) && !line->active && line->group1 &&
            line->priority < model.priority_mask && (i < 32 || model.route[i] == here)) {
            return i;
        }
    }
    return MODEL_NONE;
}

/* ---- CPU interface ---- */

static word_t acknowledge(void)
{
    unsigned irq = highest();

    if (irq != MODEL_NONE && irq == model.beyond.irq) {
        model.beyond.pending = false;
        model.beyond.active = irq < FIRST_LPI;
        model.active_priorities = 1;
    } else if (irq != MODEL_NONE) {
        model.distributor.line[irq].latched = false;
        model.distributor.line[irq].active = true;
        model.active_priorities = 1;
    }
    return irq;
}

static word_t model_read_sysreg(const char *name)
{
    if (strcmp(name, "mpidr_el1") == 0) {
        return 0x80000000 | (model.affinity & 0xffffff) | (model.affinity >> 24) << 32;
    }
    if (strcmp(name, "s3_0_c12_c12_5") == 0) {
        return model.sre;
    }
    if (strcmp(name, "s3_0_c12_c12_0") == 0) {
        return acknowledge();
    }
    assert_string_equal(name, "s3_0_c12_c12_2");
    return highest();
}

/* Ending is in two steps: the priority drops, later the interrupt becomes inactive. */
static void drop_priority(word_t irq)
{
    assert_int_equal(model.control, 2);
    if (irq != model.beyond.irq) {
        assert_true(irq < model.distributor.lines && model.distributor.line[irq].active);
    }
    assert_int_equal(model.active_priorities, 1);
    model.active_priorities = 0;
    model.drops++;
}

static void deactivated(word_t irq)
{
    if (irq == model.beyond.irq) {
        assert_true(model.beyond.active);
        model.beyond.active = false;
    } else {
        assert_true(irq < model.distributor.lines);
        model.distributor.line[irq].active = false;
    }
}

static void model_write_sysreg(const char *name, word_t value)
{
    if (strcmp(name, "s3_0_c12_c12_5") == 0) {
        model.sre = model.no_system_registers ? 0 : value;
        return;
    }
    assert_int_equal(model.sre, 7);
    if (strcmp(name, "s3_0_c4_c6_0") == 0) {
        model.priority_mask = value;
    } else if (strcmp(name, "s3_0_c12_c12_3") == 0) {
        model.binary_point = value;
    } else if (strcmp(name, "s3_0_c12_c12_4") == 0) {
        model.control = value;
    } else if (strcmp(name, "s3_0_c12_c12_7") == 0) {
        model.group_enable = value;
    } else if (strcmp(name, "s3_0_c12_c9_0") == 0) {
        model.active_priorities = value;
    } else if (strcmp(name, "s3_0_c12_c11_5") == 0) {
        model.sgi_register = value;
    } else if (strcmp(name, "s3_0_c12_c12_1") == 0) {
        drop_priority(value);
    } else {
        assert_string_equal(name, "s3_0_c12_c11_1");
        deactivated(value);
    }
}

/* ---- Memory-mapped registers ---- */

/* Index of a redistributor and offset in it; fails outside all of them. */
static unsigned redistributor_at(word_t address, word_t *offset)
{
    unsigned index = (unsigned)((address - model.first) / model.stride);

    assert_true(address >= model.first);
    assert_in_range(index, 0, model.cpus - 1);
    *offset = (address - model.first) % model.stride;
    return index;
}

/* Is a write still on its way? A few polls, or for ever. */
static bool busy(unsigned what)
{
    if (model.dead == what) {
        return true;
    }
    return model.polls_to_go > 0 && model.polls_to_go-- > 0;
}

static uint32_t read_own_redistributor(word_t offset)
{
    switch (offset) {
    case 0x0: return (busy(RWP_REDISTRIBUTOR) ? 1 << 3 : 0) | OTHER_CONTROL | model.lpis_enabled;
    case 0x14: return model.asleep || busy(WAKER) ? 1 << 1 | 1 << 2 : 0;
    default: fail(); return 0;
    }
}

static uint32_t distributor_type(void)
{
    unsigned extended = model.extended_shared_count / 32;

    return (model.distributor.lines / 32 - 1) | (extended > 0 ? 1u << 8 | (extended - 1) << 27 : 0);
}

static uint32_t mmio_read32(word_t base, word_t offset)
{
    word_t inside;

    if (base == DISTRIBUTOR) {
        if (offset == 0) {
            unsigned what = model.distributor.control == 0 ? RWP_DISTRIBUTOR_OFF : RWP_DISTRIBUTOR_ON;

            return model.distributor.control | (busy(what) ? 1u << 31 : 0);
        }
        return offset == 4 ? distributor_type() : model_read_triggers(&model.distributor, offset);
    }
    assert_int_equal(redistributor_at(base + offset, &inside), model.own);
    return inside >= 0x10000 ? model_read_triggers(&model.distributor, inside - 0x10000)
                             : read_own_redistributor(inside);
}

/* Extended interrupts are disabled, 32 with each register, and nothing else. */
static void disable_extended(bool *enabled, unsigned count, word_t offset, uint32_t value)
{
    unsigned first = (unsigned)offset * 8;

    assert_true(first < count);
    for (unsigned i = 0; i < 32; i++) {
        enabled[first + i] = enabled[first + i] && (value >> i & 1) == 0;
    }
}

static void write_distributor(word_t offset, uint32_t value)
{
    if (offset == 0) {
        model.distributor.control = value;
        return;
    }
    model.writes_while_on += (model.distributor.control & 3) != 0 && !model_is_mask(offset);
    if (offset >= 0x1400 && offset < 0x1480) {
        disable_extended(model.extended_shared, model.extended_shared_count, offset - 0x1400, value);
    } else {
        assert_true(model_write_lines(&model.distributor, 32, MODEL_LINES, offset, value));
    }
}

static void write_own_redistributor(word_t offset, uint32_t value)
{
    if (offset == 0x14) {
        model.asleep = model.asleep && (value & 1 << 1) != 0;
    } else if (offset == 0) {
        assert_int_equal(value & OTHER_CONTROL, OTHER_CONTROL);
        model.lpis_enabled = model.lpis_enabled && (model.lpis_are_for_good || (value & 1) != 0);
    } else {
        fail();
    }
}

static void mmio_write32(word_t base, word_t offset, uint32_t value)
{
    word_t inside;

    model.polls_to_go = 3;
    if (base == DISTRIBUTOR) {
        write_distributor(offset, value);
        return;
    }
    assert_int_equal(redistributor_at(base + offset, &inside), model.own);
    if (inside < 0x10000) {
        write_own_redistributor(inside, value);
    } else if (inside > 0x10180 && inside < 0x10200) {
        disable_extended(model.extended_private, model.extended_private_count, inside - 0x10184, value);
    } else {
        assert_true(model_write_lines(&model.distributor, 0, 32, inside - 0x10000, value));
    }
}

static unsigned private_registers(void)
{
    return model.states_too_many ? 31 : model.extended_private_count / 32;
}

static word_t mmio_read64(word_t base, word_t offset)
{
    word_t inside;
    unsigned index = redistributor_at(base + offset, &inside);
    word_t affinity = model.affinity - model.own + index;

    assert_int_equal(inside, 8);
    return affinity << 32 | (word_t)private_registers() << 27 | (index == model.cpus - 1 ? 1 << 4 : 0) |
           (model.has_virtual_frames ? 1 << 1 : 0);
}

static void mmio_write64(word_t base, word_t offset, word_t value)
{
    word_t irq = (offset - 0x6000) / 8;

    assert_int_equal(base, DISTRIBUTOR);
    assert_in_range(irq, 32, 1019);
    assert_int_equal(model.distributor.control,
                     1u << 4 | 1u << 1); /* routes exist with affinity routing only */
    model.route[irq] = value;
}

/* ---- The worlds of the tests ---- */

static void reset(unsigned lines)
{
    memset(&model, 0, sizeof(model));
    memset(&hardware, 0, sizeof(hardware));
    model.distributor.lines = lines;
    model.affinity = 0x01020302;
    model.own = 2;
    model.cpus = CPUS;
    model.first = REDISTRIBUTORS;
    model.stride = FRAMES;
    model.asleep = true;
    model_leave_traces(&model.distributor);
    hardware.machine.cpu_count = CPUS;
    hardware.machine.gic = (struct machine_gic){
        .version = 3,
        .distributor = {DISTRIBUTOR, DISTRIBUTOR + 0x10000},
        .redistributor_count = 1,
        .redistributor = {{REDISTRIBUTORS, REDISTRIBUTORS + CPUS * FRAMES}},
    };
}

static struct model_line *start_with(unsigned lines, unsigned irq)
{
    reset(lines);
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
        reset(sizes[size]);
        model.active_priorities = 0x80;
        assert_null(gic_initialize());
        for (unsigned i = 0; i < gic_line_count(); i++) {
            const struct model_line *line = &model.distributor.line[i];

            assert_int_equal(line->enabled, i < 16); /* software-generated ones stay enabled */
            assert_false(line->latched);
            assert_false(line->active);
            assert_true(line->group1);
            assert_int_equal(line->priority, GIC_PRIORITY);
            assert_true(i < 16 || !line->edge);
            assert_true(i < 32 || model.route[i] == 0x0100020302);
        }
        assert_true(GIC_PRIORITY < model.priority_mask);
        assert_int_equal(model.binary_point, 0);
        assert_int_equal(model.control, 2);
        assert_int_equal(model.group_enable, 1);
        assert_false(model.asleep);
        assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
        assert_int_equal(model.active_priorities, 0);
    }
}

/* Groups, priorities and triggers may change only while nothing is forwarded. */
static void distributor_is_off_while_it_is_set_up(void **state)
{
    (void)state;
    reset(288);
    model.distributor.control = 1u << 4 | 1u << 1;
    assert_null(gic_initialize());
    assert_int_equal(model.writes_while_on, 0);
    assert_int_equal(model.distributor.control, 1u << 4 | 1u << 1);
}

static void redistributor_that_is_awake_is_left_so(void **state)
{
    (void)state;
    reset(64);
    model.asleep = false;
    assert_null(gic_initialize());
    assert_int_equal(hardware.redistributor, REDISTRIBUTORS + 2 * FRAMES);
}

static void redistributor_is_found_by_affinity(void **state)
{
    (void)state;
    /* Frames as the type register says, as the tree says, and in the second of two regions. */
    reset(64);
    model.has_virtual_frames = true;
    model.stride = 2 * FRAMES;
    hardware.machine.gic.redistributor[0].end = REDISTRIBUTORS + CPUS * 2 * FRAMES;
    assert_null(gic_initialize());
    assert_int_equal(hardware.redistributor, REDISTRIBUTORS + 2 * 2 * FRAMES);

    reset(64);
    model.stride = 0x40000;
    hardware.machine.gic.redistributor_stride = 0x40000;
    hardware.machine.gic.redistributor[0].end = REDISTRIBUTORS + CPUS * 0x40000;
    assert_null(gic_initialize());
    assert_int_equal(hardware.redistributor, REDISTRIBUTORS + 2 * 0x40000);

    reset(64);
    hardware.machine.gic.redistributor_count = 3;
    hardware.machine.gic.redistributor[0] = (struct region){REDISTRIBUTORS, REDISTRIBUTORS + FRAMES};
    hardware.machine.gic.redistributor[1] =
        (struct region){REDISTRIBUTORS + FRAMES, REDISTRIBUTORS + 3 * FRAMES};
    hardware.machine.gic.redistributor[2] = (struct region){0, 0x1000};
    assert_null(gic_initialize());
    assert_int_equal(hardware.redistributor, REDISTRIBUTORS + 2 * FRAMES);
}

static void missing_redistributor_is_reported(void **state)
{
    (void)state;
    static const char message[] = "interrupt controller: no redistributor belongs to this CPU";

    /* The regions end before ours; the last one is marked and is not ours; there are no regions. */
    reset(64);
    hardware.machine.gic.redistributor[0].end = REDISTRIBUTORS + 2 * FRAMES;
    assert_string_equal(gic_initialize(), message);
    reset(64);
    hardware.machine.gic.redistributor[0].end = REDISTRIBUTORS + 3 * FRAMES - 1;
    assert_string_equal(gic_initialize(), message);
    reset(64);
    model.own = CPUS; /* none has the affinity */
    hardware.machine.gic.redistributor[0].end = REDISTRIBUTORS + 16 * FRAMES;
    assert_string_equal(gic_initialize(), message);
    reset(64);
    hardware.machine.gic.redistributor_count = 0;
    assert_string_equal(gic_initialize(), message);
}

static void controller_that_does_not_answer_is_reported(void **state)
{
    (void)state;
    for (unsigned dead = RWP_DISTRIBUTOR_OFF; dead <= RWP_REDISTRIBUTOR; dead++) {
        reset(64);
        model.dead = dead;
        assert_string_equal(gic_initialize(), "interrupt controller: it does not respond");
    }
}

static void missing_registers_are_reported(void **state)
{
    (void)state;
    reset(64);
    model.no_system_registers = true;
    assert_string_equal(gic_initialize(), "interrupt controller: its system registers are not available");
    reset(64);
    hardware.machine.gic.distributor.end = DISTRIBUTOR + 0xffff;
    assert_string_equal(gic_initialize(), "interrupt controller: fewer registers than version 3 has");
}

static void unusable_redistributors_are_reported(void **state)
{
    (void)state;
    static const char message[] = "interrupt controller: redistributors at no multiples of 64 KiB";
    static const word_t strides[] = {1, 0x10000, 0x18000, 0x20001, WORD_MAX, 0 - (word_t)FRAMES + 1};

    for (unsigned i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
        reset(64);
        hardware.machine.gic.redistributor_stride = strides[i];
        assert_string_equal(gic_initialize(), message);
    }
    reset(64);
    hardware.machine.gic.redistributor[0].start += 8;
    assert_string_equal(gic_initialize(), message);
    reset(64);
    hardware.machine.gic.redistributor_count = 2;
    hardware.machine.gic.redistributor[1] = (struct region){0x1001, 0x2000};
    assert_string_equal(gic_initialize(), message);
}

/* The last redistributor that fits is ours; the walk must not go around the end of all addresses. */
static void enormous_stride_ends_the_region(void **state)
{
    (void)state;
    reset(64);
    model.own = 0;
    hardware.machine.gic.redistributor_stride = 0 - (word_t)GICR_FRAME;
    assert_null(gic_initialize());
    model.own = 1;
    hardware.redistributor = 0;
    assert_string_equal(gic_initialize(), "interrupt controller: no redistributor belongs to this CPU");
}

/* ---- Interrupts beyond the first 1024: nobody's ---- */

static void lpis_that_firmware_enabled_are_disabled(void **state)
{
    (void)state;
    reset(64);
    model.lpis_enabled = true;
    model.beyond = (struct beyond){.irq = FIRST_LPI, .pending = true};
    assert_null(gic_initialize());
    assert_false(model.lpis_enabled);
    assert_false(hal_irq_pending());
}

static void extended_interrupts_that_firmware_enabled_are_disabled(void **state)
{
    (void)state;
    static const unsigned counts[][2] = {{0, 0}, {32, 32}, {64, 96}};

    for (unsigned i = 0; i < 3; i++) {
        reset(64);
        model.extended_private_count = counts[i][0];
        model.extended_shared_count = counts[i][1];
        memset(model.extended_private, 1, counts[i][0]);
        memset(model.extended_shared, 1, counts[i][1]);
        assert_null(gic_initialize());
        for (unsigned j = 0; j < EXTENDED; j++) {
            assert_false(model.extended_private[j] || model.extended_shared[j]);
        }
    }
    /* A number of private ones that no architecture has reaches no other registers. */
    reset(64);
    model.extended_private_count = 64;
    model.states_too_many = true;
    assert_null(gic_initialize());
}

/* One that cannot be disabled is taken and ended, and holds up nothing. */
static void interrupts_of_nobody_are_ended(void **state)
{
    (void)state;
    static const unsigned irqs[] = {FIRST_LPI, 0xffffff, FIRST_EXTENDED_PRIVATE, FIRST_EXTENDED_SHARED, 1024};

    for (unsigned i = 0; i < sizeof(irqs) / sizeof(irqs[0]); i++) {
        reset(64);
        model.lpis_enabled = true;
        model.lpis_are_for_good = true;
        assert_null(gic_initialize());
        assert_true(model.lpis_enabled);
        hal_irq_unmask(27);
        model_drive(&model.distributor.line[27], true);
        model.beyond = (struct beyond){.irq = irqs[i], .enabled = true, .pending = true};
        assert_true(hal_irq_pending()); /* it hides 27: a long operation must stop for both */
        assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
        assert_int_equal(model.drops, 1);
        assert_false(model.beyond.active);
        assert_true(hal_irq_pending());
        assert_int_equal(hal_irq_begin(), 27);
        hal_irq_end(27);
    }
}

/* 1020 to 1023 are answers, not interrupts. */
static void special_numbers_are_not_ended(void **state)
{
    (void)state;
    start_with(64, 33);
    for (unsigned irq = 1020; irq < 1024; irq++) {
        model.beyond = (struct beyond){.irq = irq, .enabled = true, .pending = true};
        assert_false(hal_irq_pending());
        assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
        assert_int_equal(model.drops, 0);
        model.active_priorities = 0;
    }
}

/* ---- Life cycle (docs/spec/aarch64-traps.md 8.3) ---- */

/* Its driver acknowledges once when it is set up (docs/spec/aarch64-traps.md 8.3). */
static void interrupt_left_active_waits_for_a_later_handler(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 40);

    model_drive(line, true);
    assert_int_equal(hal_irq_begin(), 40);
    hal_irq_end_delivered(40);
    hal_irq_mask(40); /* the handler is deleted */
    hal_irq_unmask(40);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    hal_irq_user_ack(40);
    assert_int_equal(hal_irq_begin(), 40);
}

/* ---- Software-generated interrupts ---- */

static void software_interrupt_is_an_interrupt(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 5);

    line->latched = true;
    assert_int_equal(hal_irq_begin(), 5);
    hal_irq_end(5);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void software_interrupts_name_their_target_by_affinity(void **state)
{
    (void)state;
    static const struct {
        uint32_t sgi;
        word_t target;
        word_t expected;
    } cases[] = {
        {0, 0, 0x1},
        {15, 3, 0xf000008},
        {1, 0x0000000f, 0x1008000},
        {1, 0x00000010, 0x0000100001000001}, /* affinity 0 of 16 and more: range selector */
        {2, 0x00000100, 0x0000000002010001},
        {3, 0x00020000, 0x0000000203000001},
        {4, 0x03000000, 0x0003000004000001},
        {7, 0xfffefdfc, 0x00fff0fe07fd1000},
    };

    reset(64);
    assert_null(gic_initialize());
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(hal_sgi_target_valid(cases[i].target));
        hal_sgi_send(cases[i].sgi, cases[i].target);
        assert_int_equal(model.sgi_register, cases[i].expected);
    }
    assert_true(hal_sgi_target_valid(0xffffffff));
    assert_false(hal_sgi_target_valid(0x100000000));
}

/* ---- What the kernel keeps (docs/spec/aarch64-boot.md 5.2) ---- */

/* What the kernel keeps of one region that begins at REDISTRIBUTORS and has so many bytes. */
static word_t kept_bytes(word_t bytes)
{
    struct region_list list = {0};

    hardware.machine.gic.redistributor[0].end = REDISTRIBUTORS + bytes;
    assert_true(hardware.gic->kernel_pages(&hardware.machine.gic, &list));
    assert_int_equal(list.count, 2);
    assert_int_equal(list.region[0].start, DISTRIBUTOR);
    assert_int_equal(list.region[0].end, DISTRIBUTOR + 0x10000);
    assert_int_equal(list.region[1].start, REDISTRIBUTORS);
    return list.region[1].end - REDISTRIBUTORS;
}

static void kernel_keeps_the_distributor_and_all_redistributors(void **state)
{
    (void)state;
    reset(64);
    assert_null(gic_initialize());
    hardware.machine.cpu_count = 1; /* the tree's idea does not matter */
    assert_int_equal(kept_bytes(0x200000), 0x100000);
    assert_int_equal(kept_bytes(0x40000), 0x40000);

    /* Two frames each, four each, and as the tree says. */
    model.cpus = 12;
    assert_int_equal(kept_bytes(0x400000), 12 * FRAMES);
    assert_int_equal(kept_bytes(0x170000), 11 * FRAMES); /* a short region has no more than it has */
    model.has_virtual_frames = true;
    model.stride = 2 * FRAMES;
    assert_int_equal(kept_bytes(0x400000), 12 * 2 * FRAMES);
    model.stride = 0x50000;
    hardware.machine.gic.redistributor_stride = 0x50000;
    assert_int_equal(kept_bytes(0x400000), 12 * 0x50000);
    assert_int_equal(kept_bytes(11 * 0x50000 + 0x20000), 11 * 0x50000 + 0x20000);
    assert_int_equal(kept_bytes(11 * 0x50000), 11 * 0x50000);
}

/* Each region is walked by itself: one ends where it ends, another one behind its last redistributor. */
static void kernel_keeps_the_redistributors_of_every_region(void **state)
{
    (void)state;
    struct region_list list = {0};

    reset(64);
    model.stride = 0x200000;
    model.cpus = 6;
    hardware.machine.gic.redistributor_stride = 0x200000;
    hardware.machine.gic.redistributor_count = 2;
    hardware.machine.gic.redistributor[0] = (struct region){REDISTRIBUTORS, REDISTRIBUTORS + 3 * 0x200000};
    hardware.machine.gic.redistributor[1] =
        (struct region){REDISTRIBUTORS + 4 * 0x200000, REDISTRIBUTORS + 9 * 0x200000};
    assert_null(gic_initialize());
    assert_true(hardware.gic->kernel_pages(&hardware.machine.gic, &list));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.region[1].end, REDISTRIBUTORS + 3 * 0x200000);
    assert_int_equal(list.region[2].start, REDISTRIBUTORS + 4 * 0x200000);
    assert_int_equal(list.region[2].end, REDISTRIBUTORS + 6 * 0x200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        GIC_CASES,
        cmocka_unit_test(start_leaves_every_line_masked_and_quiet),
        cmocka_unit_test(distributor_is_off_while_it_is_set_up),
        cmocka_unit_test(redistributor_that_is_awake_is_left_so),
        cmocka_unit_test(redistributor_is_found_by_affinity),
        cmocka_unit_test(missing_redistributor_is_reported),
        cmocka_unit_test(controller_that_does_not_answer_is_reported),
        cmocka_unit_test(missing_registers_are_reported),
        cmocka_unit_test(unusable_redistributors_are_reported),
        cmocka_unit_test(enormous_stride_ends_the_region),
        cmocka_unit_test(lpis_that_firmware_enabled_are_disabled),
        cmocka_unit_test(extended_interrupts_that_firmware_enabled_are_disabled),
        cmocka_unit_test(interrupts_of_nobody_are_ended),
        cmocka_unit_test(special_numbers_are_not_ended),
        cmocka_unit_test(interrupt_left_active_waits_for_a_later_handler),
        cmocka_unit_test(software_interrupt_is_an_interrupt),
        cmocka_unit_test(software_interrupts_name_their_target_by_affinity),
        cmocka_unit_test(kernel_keeps_the_distributor_and_all_redistributors),
        cmocka_unit_test(kernel_keeps_the_redistributors_of_every_region),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
