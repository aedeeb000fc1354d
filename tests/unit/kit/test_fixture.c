/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The world of unit tests (tests/kit/fixture.h) does what its header says, seen
 * through small uses of the kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/kit/fixture.h"

#define STATE (&host_machine.state)

enum { LINE = 40 };

static void root_runs_and_knows_its_world(void **state)
{
    (void)state;
    const struct kaal_bootinfo *bootinfo = fixture_bootinfo();
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_int_equal(bootinfo->root_cnode_bits, FIXTURE_ROOT_CNODE_BITS);
    assert_int_equal(bootinfo->empty.end, 1 << FIXTURE_ROOT_CNODE_BITS);
    assert_int_equal(fixture_root()->regs[REG_NEXT_IP], MACHINE_ROOT_VADDR);
    assert_ptr_equal(fixture_tcb(KAAL_BOOT_TCB), fixture_root());
    assert_non_null(fixture_buffer(fixture_root()));
}

static void failing_invocation_answers_with_its_details(void **state)
{
    (void)state;
    struct fixture_answer answer = fixture_invoke(
        fixture_untyped(), kaal_label_untyped_retype,
        FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, fixture_new_slot(), 0), FIXTURE_LIST(KAAL_BOOT_CNODE));
    assert_int_equal(answer.outcome, FIXTURE_DONE);
    assert_int_equal(answer.error, KAAL_RANGE_ERROR);
    assert_int_equal(answer.length, 2);
    assert_int_equal(answer.words[0], 1);
    assert_int_equal(answer.words[1], KAAL_RETYPE_MAX_OBJECTS);
}

static void send_leaves_the_registers_alone(void **state)
{
    (void)state;
    kaal_cptr_t notification = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
    struct fixture_registers registers = {
        .x = {notification, 0, 3, 4, 5, 6, 7, (kaal_word_t)KAAL_SYS_SEND, 9}};
    const struct fixture_registers before = registers;
    assert_int_equal(fixture_syscall(&registers), FIXTURE_DONE);
    assert_memory_equal(&registers, &before, sizeof(before));
    assert_true(fixture_notification(notification)->active);
}

static void blocking_lets_the_next_thread_run(void **state)
{
    (void)state;
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    struct fixture_thread server = fixture_thread(100, 5000, 5000, 0);
    fixture_resume(server.tcb);
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_int_equal(fixture_receive(KAAL_SYS_RECV, endpoint, reply), FIXTURE_SWITCHED);
    assert_ptr_equal(fixture_current(), fixture_tcb(server.tcb));
    assert_int_equal(fixture_send(endpoint, 5, FIXTURE_LIST(10, 20)), FIXTURE_SWITCHED);
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_int_equal(fixture_root()->regs[REG_INFO], kaal_info(5, 0, 0, 2));
    assert_int_equal(fixture_root()->regs[REG_MSG + 1], 20);
    assert_int_equal(fixture_receive(KAAL_SYS_RECV, endpoint, reply), FIXTURE_SWITCHED);
    assert_int_equal(fixture_receive(KAAL_SYS_WAIT, endpoint, 0), FIXTURE_SWITCHED);
    assert_int_equal(fixture_current()->state, THREAD_IDLE);
}

static void switch_takes_turns_among_equals(void **state)
{
    (void)state;
    struct fixture_thread other = fixture_thread(KAAL_MAX_PRIORITY, 5000, 5000, 0);
    fixture_resume(other.tcb);
    fixture_switch_to(fixture_tcb(other.tcb));
    assert_ptr_equal(fixture_current(), fixture_tcb(other.tcb));
    assert_int_equal(fixture_root()->queue, QUEUE_READY);
    fixture_switch_to(fixture_root());
    assert_ptr_equal(fixture_current(), fixture_root());
    assert_int_equal(fixture_tcb(other.tcb)->queue, QUEUE_READY);
}

static void advancing_delivers_each_interrupt_at_its_time(void **state)
{
    (void)state;
    struct fixture_thread other = fixture_thread(KAAL_MAX_PRIORITY, 1000, 1000, 0);
    fixture_resume(other.tcb);
    fixture_advance(4999);
    assert_ptr_equal(fixture_current(), fixture_root());
    fixture_advance(2); /* root's slice of 5 ms is over */
    assert_ptr_equal(fixture_current(), fixture_tcb(other.tcb));
    fixture_advance(990);
    assert_ptr_equal(fixture_current(), fixture_tcb(other.tcb));
    fixture_advance(10); /* its millisecond is over */
    assert_ptr_equal(fixture_current(), fixture_root());
    fixture_advance(20000); /* 5 + 1 + 5 + 1 + 5 + 1 + 2 */
    assert_ptr_equal(fixture_current(), fixture_root());
}

/* A long operation that an interrupt stops leaves the caller to be restarted, and is finished afterwards. */
static void stopped_operation_is_continued(void **state)
{
    (void)state;
    enum { COPIES = 150 }; /* more than the kernel deletes between two polls */
    kaal_cptr_t handler = fixture_new_slot();
    assert_int_equal(fixture_invoke(KAAL_BOOT_IRQ_CONTROL, kaal_label_irq_control_get_trigger,
                                    FIXTURE_LIST(LINE, 1, handler, 64), FIXTURE_LIST(KAAL_BOOT_CNODE))
                         .error,
                     KAAL_NO_ERROR);
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t copy = 0;
    for (unsigned i = 0; i < COPIES; i++) {
        copy = fixture_mint(endpoint, KAAL_RIGHTS_ALL, i + 1);
    }
    uint64_t entries = STATE->counters.entries;
    machine_pulse_at_poll(LINE, 1);
    struct fixture_answer answer =
        fixture_invoke(KAAL_BOOT_CNODE, kaal_label_cnode_revoke, FIXTURE_LIST(endpoint, 64), FIXTURE_NONE);
    assert_int_equal(answer.outcome, FIXTURE_DONE);
    assert_int_equal(answer.error, KAAL_NO_ERROR);
    assert_int_equal(STATE->counters.entries - entries, 2);
    for (unsigned i = 0; i < COPIES; i++) {
        assert_int_equal(fixture_slot(copy - i)->cap.w0, 0);
    }
}

static void faults_come_from_the_current_thread(void **state)
{
    (void)state;
    kaal_cptr_t endpoint = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    kaal_cptr_t reply = fixture_object(KAAL_OBJECT_REPLY, 0);
    struct fixture_thread child = fixture_thread(100, 5000, 5000, endpoint);
    fixture_resume(child.tcb);
    fixture_receive(KAAL_SYS_RECV, endpoint, reply);
    fixture_vm_fault(0x1234, 0x5678, 0x92000007);
    assert_ptr_equal(fixture_current(), fixture_root());
    const word_t *regs = fixture_root()->regs;
    assert_int_equal(regs[REG_INFO], kaal_info(KAAL_FAULT_VM, 0, 0, KAAL_VM_FAULT_LENGTH));
    assert_int_equal(regs[REG_MSG + 0], 0x1234);
    assert_int_equal(regs[REG_MSG + 1], 0x5678);
    assert_int_equal(regs[REG_MSG + 3], 0x92000007);
}

static void halting_is_reported(void **state)
{
    (void)state;
    struct fixture_registers registers = {.x = {[REG_SYSCALL] = (kaal_word_t)KAAL_SYS_DEBUG_HALT}};
    assert_int_equal(fixture_syscall(&registers), FIXTURE_HALTED);
    assert_true(STATE->halted);
}

/* A restored world goes on exactly as the first time, whatever happened in between. */
static void worlds_can_be_restored_and_replayed(void **state)
{
    (void)state;
    kaal_cptr_t slot = fixture_new_slot();
    struct machine_snapshot *snapshot = machine_snapshot();
    assert_non_null(snapshot);
    word_t addresses[3];
    for (unsigned i = 0; i < 3; i++) {
        machine_restore(snapshot);
        struct fixture_answer answer = fixture_invoke(fixture_untyped(), kaal_label_untyped_retype,
                                                      FIXTURE_LIST(KAAL_OBJECT_ENDPOINT, 0, 0, 0, slot, 1),
                                                      FIXTURE_LIST(KAAL_BOOT_CNODE));
        assert_int_equal(answer.error, KAAL_NO_ERROR);
        addresses[i] = (word_t)(uintptr_t)fixture_endpoint(slot);
        fixture_advance(100000);
        fixture_receive(KAAL_SYS_WAIT, slot, 0);
        assert_int_equal(fixture_current()->state, THREAD_IDLE);
    }
    assert_int_equal(addresses[0], addresses[1]);
    assert_int_equal(addresses[0], addresses[2]);
}

static unsigned entries_seen;

static void count_entry(void)
{
    entries_seen++;
}

static void observer_sees_boot_and_every_entry(void **state)
{
    (void)state;
    struct machine_config config = fixture_config();
    config.after_entry = count_entry;
    entries_seen = 0;
    fixture_boot(&config);
    assert_int_equal(entries_seen, 1);
    fixture_object(KAAL_OBJECT_ENDPOINT, 0);
    assert_int_equal(entries_seen, 2);
    fixture_advance(5000);
    assert_int_equal(entries_seen, 3);
    machine_destroy();
}

#define world_test(function) cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(root_runs_and_knows_its_world),
        world_test(failing_invocation_answers_with_its_details),
        world_test(send_leaves_the_registers_alone),
        world_test(blocking_lets_the_next_thread_run),
        world_test(switch_takes_turns_among_equals),
        world_test(advancing_delivers_each_interrupt_at_its_time),
        world_test(stopped_operation_is_continued),
        world_test(faults_come_from_the_current_thread),
        world_test(halting_is_reported),
        world_test(worlds_can_be_restored_and_replayed),
        cmocka_unit_test(observer_sees_boot_and_every_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
