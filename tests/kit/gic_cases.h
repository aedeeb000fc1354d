/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The life cycle of an interrupt (docs/spec/aarch64-traps.md 8.3), which is the same
 * with every version of the controller. A test file includes this behind its model
 * of the controller and its start_with(lines, irq): a started controller with one
 * unmasked interrupt.
 */
#ifndef TESTS_KIT_GIC_CASES_H
#define TESTS_KIT_GIC_CASES_H

static void masked_line_is_not_delivered(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 33);

    hal_irq_mask(33);
    model_drive(line, true);
    assert_false(hal_irq_pending());
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    hal_irq_unmask(33);
    assert_true(hal_irq_pending());
    assert_int_equal(hal_irq_begin(), 33);
}

static void interrupt_of_the_kernel_can_come_again_at_once(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 27);

    model_drive(line, true);
    assert_true(hal_irq_pending());
    assert_int_equal(hal_irq_begin(), 27);
    assert_true(line->active);
    assert_false(hal_irq_pending());
    hal_irq_end(27);
    assert_false(line->active);
    assert_int_equal(hal_irq_begin(), 27);
    model_drive(line, false);
    hal_irq_end(27);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void delivered_level_interrupt_waits_for_the_user(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 33);

    model_drive(line, true);
    assert_int_equal(hal_irq_begin(), 33);
    hal_irq_end_delivered(33);
    assert_false(hal_irq_pending());
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    /* The device was not served: it fires again. Once it is, it does not. */
    hal_irq_user_ack(33);
    assert_int_equal(hal_irq_begin(), 33);
    hal_irq_end_delivered(33);
    model_drive(line, false);
    hal_irq_user_ack(33);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void edge_before_the_acknowledgement_is_remembered(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 48);

    hal_irq_set_trigger(48, true);
    model_pulse(line);
    assert_int_equal(hal_irq_begin(), 48);
    hal_irq_end_delivered(48);
    model_pulse(line);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    hal_irq_user_ack(48);
    assert_int_equal(hal_irq_begin(), 48);
    hal_irq_end_delivered(48);
    hal_irq_user_ack(48);
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void delivered_interrupt_does_not_hold_up_others(void **state)
{
    static const unsigned others[] = {20, 287};

    (void)state;
    struct model_line *line = start_with(288, 33);

    model_drive(line, true);
    assert_int_equal(hal_irq_begin(), 33);
    hal_irq_end_delivered(33);
    for (unsigned i = 0; i < 2; i++) {
        hal_irq_unmask(others[i]);
        model_drive(&model.distributor.line[others[i]], true);
        assert_int_equal(hal_irq_begin(), others[i]);
        hal_irq_end_delivered(others[i]);
    }
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
}

static void spurious_interrupt_is_none(void **state)
{
    (void)state;
    struct model_line *line = start_with(288, 40);

    model_drive(line, true);
    assert_true(hal_irq_pending());
    model_drive(line, false); /* withdrawn before it was taken */
    assert_int_equal(hal_irq_begin(), HAL_IRQ_NONE);
    assert_int_equal(model.active_priorities, 0);
}

static void each_line_has_its_own_mask_bit_and_trigger(void **state)
{
    (void)state;
    static const unsigned lines[] = {16, 31, 32, 63, 64, 159, 1019};

    for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        start_with(1024, lines[i]);
        hal_irq_set_trigger(lines[i], true);
        for (unsigned j = 0; j < 1020; j++) {
            assert_int_equal(model.distributor.line[j].enabled, j == lines[i] || j < 16);
            assert_true(j < 16 || model.distributor.line[j].edge == (j == lines[i]));
        }
        hal_irq_set_trigger(lines[i], false);
        assert_false(model.distributor.line[lines[i]].edge);
        hal_irq_mask(lines[i]);
        assert_false(model.distributor.line[lines[i]].enabled);
    }
}

static void triggers_of_software_interrupts_cannot_be_set(void **state)
{
    (void)state;
    struct model_line *line = start_with(64, 5);
    bool before = line->edge;

    hal_irq_set_trigger(5, false);
    hal_irq_set_trigger(5, true);
    assert_int_equal(line->edge, before);
}

static void full_list_of_kernel_pages_is_reported(void **state)
{
    (void)state;
    struct region_list list = {0};

    start_with(64, 33);
    for (unsigned i = 0; i < BOOT_MAX_REGIONS; i++) {
        word_t start = 0x100000000 + i * (word_t)0x2000;

        assert_true(region_list_add(&list, (struct region){start, start + 0x1000}));
    }
    assert_false(hardware.gic->kernel_pages(&hardware.machine.gic, &list));
    assert_true(region_list_remove(&list, list.region[0]));
    assert_false(hardware.gic->kernel_pages(&hardware.machine.gic, &list));
}

#define GIC_CASES                                                         \
    cmocka_unit_test(masked_line_is_not_delivered),                       \
        cmocka_unit_test(interrupt_of_the_kernel_can_come_again_at_once), \
        cmocka_unit_test(delivered_level_interrupt_waits_for_the_user),   \
        cmocka_unit_test(edge_before_the_acknowledgement_is_remembered),  \
        cmocka_unit_test(delivered_interrupt_does_not_hold_up_others),    \
        cmocka_unit_test(spurious_interrupt_is_none),                     \
        cmocka_unit_test(each_line_has_its_own_mask_bit_and_trigger),     \
        cmocka_unit_test(triggers_of_software_interrupts_cannot_be_set),  \
        cmocka_unit_test(full_list_of_kernel_pages_is_reported)

#endif
