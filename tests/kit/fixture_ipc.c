/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The society of the IPC tests: making it, acting in it. What is seen of it: fixture_ipc_view.c.
 */
#define _GNU_SOURCE /* program_invocation_short_name */
#include "tests/kit/fixture_ipc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "core/ipc/fault.h"
#include "tests/kit/fixture_ipc_view.h"

struct ipc_world ipc_world;

static struct machine_snapshot *fresh;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "fixture_ipc: %s\n%s\n", what, host_machine.console);
    abort();
}

/* ---- The objects ---- */

struct tcb *ipc_tcb(enum ipc_thread thread)
{
    return thread == ROOT ? fixture_root() : ipc_world_objects.threads[thread];
}

struct endpoint *ipc_endpoint(enum ipc_endpoint endpoint)
{
    return ipc_world_objects.endpoints[endpoint];
}

struct notification *ipc_notification(enum ipc_notification notification)
{
    return ipc_world_objects.notifications[notification];
}

struct reply *ipc_reply(enum ipc_reply reply)
{
    return ipc_world_objects.replies[reply];
}

struct sched_context *ipc_sched_context(enum ipc_sched_context sc)
{
    return ipc_world_objects.sched_contexts[sc];
}

struct kaal_ipc_buffer *ipc_buffer(enum ipc_thread thread)
{
    return ipc_world_objects.buffers[thread];
}

kaal_word_t ipc_page_address(void)
{
    return ipc_world_objects.page;
}

/* ---- Making the society ---- */

kaal_word_t ipc_register_pattern(enum ipc_thread thread, unsigned i)
{
    return (kaal_word_t)(0xa0 + thread) << 56 | 0x5200000000 | i;
}

kaal_word_t ipc_buffer_pattern(enum ipc_thread thread, unsigned i)
{
    return (kaal_word_t)(0xa0 + thread) << 56 | 0xbf00000000 | i;
}

static void fill_registers(enum ipc_thread thread)
{
    struct tcb *tcb = ipc_tcb(thread);
    for (unsigned i = 0; i < REG_COUNT; i++) {
        write_user_register(tcb, (enum reg)i, ipc_register_pattern(thread, i));
    }
    if (thread_is_current(tcb)) {
        this_cpu()->exclusive = true; /* TPIDRRO_EL0 is one of them */
        fast_set_bounds(ready_highest_priority(kernel.current_domain));
    }
    tcb->regs[REG_SPSR] = ARCH_USER_SPSR | (kaal_word_t)(thread + 1) << 28;
    tcb->regs[REG_NEXT_IP] = FIXTURE_SVC;
    tcb->regs[REG_FAULT_IP] = FIXTURE_SVC;
}

static void fill_buffer(enum ipc_thread thread)
{
    kaal_word_t words[sizeof(struct kaal_ipc_buffer) / sizeof(kaal_word_t)];
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        words[i] = ipc_buffer_pattern(thread, i);
    }
    memcpy(ipc_buffer(thread), words, sizeof(words));
}

static void make_capabilities(struct ipc_world *world)
{
    kaal_cptr_t e = world->endpoints[E];
    world->send = fixture_mint(e, KAAL_RIGHT_WRITE, BADGE_SEND);
    world->grant = fixture_mint(e, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT, BADGE_GRANT);
    world->grant_reply = fixture_mint(e, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY, BADGE_GRANT_REPLY);
    world->all = fixture_mint(e, KAAL_RIGHTS_ALL, BADGE_ALL);
    world->receive = fixture_mint(e, KAAL_RIGHT_READ, 0);
    world->no_rights = fixture_mint(e, 0, 0);
    world->handler = fixture_mint(world->endpoints[F], KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT, BADGE_HANDLER);
    world->signal = fixture_mint(world->notifications[N], KAAL_RIGHT_WRITE, BADGE_SIGNAL);
    world->poll = fixture_mint(world->notifications[N], KAAL_RIGHT_READ, 0);
    world->plain_reply = fixture_mint(world->replies[R1], 0, 0);
    world->page = fixture_object(KAAL_OBJECT_SMALL_PAGE, 0);
    ipc_world_objects.page = cap_address(fixture_slot(world->page)->cap).raw;
    world->empty = fixture_new_slot();
    world->cnode = fixture_object(KAAL_OBJECT_CNODE, 8);
    world->irq = fixture_interrupt(IPC_LINE, 0);
    for (unsigned i = 0; i < IPC_RECEIVE_SLOTS; i++) {
        world->slots[i] = fixture_new_slot();
    }
}

static void make_objects(struct ipc_world *world)
{
    struct ipc_objects *objects = &ipc_world_objects;
    for (unsigned i = 0; i < IPC_ENDPOINTS; i++) {
        world->endpoints[i] = fixture_object(KAAL_OBJECT_ENDPOINT, 0);
        objects->endpoints[i] = fixture_endpoint(world->endpoints[i]);
    }
    for (unsigned i = 0; i < IPC_NOTIFICATIONS; i++) {
        world->notifications[i] = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);
        objects->notifications[i] = fixture_notification(world->notifications[i]);
    }
    for (unsigned i = 0; i < IPC_REPLIES; i++) {
        world->replies[i] = fixture_object(KAAL_OBJECT_REPLY, 0);
        objects->replies[i] = fixture_reply(world->replies[i]);
    }
}

static void make_threads(struct ipc_world *world)
{
    for (enum ipc_thread i = A; i <= P; i++) {
        kaal_word_t slice = i == P ? 0 : IPC_SLICE;
        world->threads[i] = fixture_thread(IPC_PRIORITY, slice, slice, world->handler);
        world->sched_contexts[i] = world->threads[i].sched_context;
        ipc_world_objects.threads[i] = fixture_tcb(world->threads[i].tcb);
        ipc_world_objects.buffers[i] = fixture_buffer(ipc_world_objects.threads[i]);
        fill_registers(i);
        fill_buffer(i);
    }
    world->threads[ROOT].tcb = KAAL_BOOT_TCB;
    world->sched_contexts[SC_P] = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    world->sched_contexts[SC_Q] = fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8);
    for (unsigned i = 0; i < IPC_SCHED_CONTEXTS; i++) {
        ipc_world_objects.sched_contexts[i] = fixture_sched_context(world->sched_contexts[i]);
    }
    ipc_configure_sc(SC_P, IPC_SLICE, IPC_SLICE, false);
    ipc_configure_sc(SC_Q, IPC_SLICE, IPC_SLICE, false);
}

int ipc_group_setup(void **state)
{
    (void)state;
    struct machine_config config = fixture_config();
    config.params.log_level = 3;
    config.after_entry = check_kernel;
    fixture_boot(&config);
    ipc_world = (struct ipc_world){0};
    make_objects(&ipc_world);
    make_capabilities(&ipc_world);
    for (unsigned i = 0; i < IPC_RECEIVE_SLOTS; i++) {
        ipc_world_objects.slots[i] = fixture_slot(ipc_world.slots[i]);
    }
    make_threads(&ipc_world);
    ipc_set_priority(ROOT, IPC_PRIORITY);
    for (enum ipc_thread i = A; i <= P; i++) {
        ipc_resume(i);
    }
    for (enum ipc_thread i = A; i < P; i++) {
        fixture_switch_to(ipc_tcb(i)); /* from Restart to Running */
    }
    fixture_switch_to(fixture_root());
    fresh = machine_snapshot();
    if (fresh == NULL) {
        give_up("no memory for a snapshot");
    }
    return 0;
}

int ipc_group_teardown(void **state)
{
    (void)state;
    machine_destroy();
    return 0;
}

void ipc_reset(void)
{
    machine_restore(fresh);
    machine_console_clear();
    host_machine.config.after_entry = check_kernel;
}

int ipc_setup(void **state)
{
    (void)state;
    ipc_reset();
    return 0;
}

/* ---- Acting ---- */

static void become_current(enum ipc_thread thread)
{
    fixture_switch_to(ipc_tcb(thread));
    fill_registers(thread);
}

void ipc_load(enum ipc_thread thread, struct ipc_call call)
{
    become_current(thread);
    kaal_word_t *regs = ipc_tcb(thread)->regs;
    regs[REG_X0] = call.x0 != 0 ? call.x0 : regs[REG_X0];
    regs[REG_INFO] = call.info;
    regs[REG_X6] = call.x6 != 0 ? call.x6 : regs[REG_X6];
    regs[REG_SYSCALL] = (kaal_word_t)(int64_t)call.number;
    regs[REG_X8] = call.x8 != 0 ? call.x8 : regs[REG_X8];
    regs[REG_NEXT_IP] = FIXTURE_SVC + 4;
}

const char *ipc_enter(struct machine_trap trap)
{
    static struct ipc_view before, after;
    ipc_view_take(&before);
    machine_enter(trap);
    ipc_view_take(&after);
    return ipc_view_describe(&before, &after);
}

const char *ipc_act(enum ipc_thread thread, struct ipc_call call)
{
    ipc_load(thread, call);
    return ipc_enter((struct machine_trap){.kind = TRAP_SYSCALL});
}

const char *ipc_vm_fault(enum ipc_thread thread, kaal_word_t address, kaal_word_t status)
{
    become_current(thread);
    return ipc_enter((struct machine_trap){.kind = TRAP_VM_FAULT, .address = address, .status = status});
}

const char *ipc_exception(enum ipc_thread thread, kaal_word_t number)
{
    become_current(thread);
    return ipc_enter((struct machine_trap){.kind = TRAP_EXCEPTION, .address = number});
}

const char *ipc_invoke(kaal_cptr_t cptr, enum kaal_label label, size_t word_count, const kaal_word_t *words,
                       size_t cap_count, const kaal_word_t *caps)
{
    static struct ipc_view before, after;
    fixture_switch_to(fixture_root());
    ipc_view_take(&before);
    ipc_root(cptr, label, word_count, words, cap_count, caps);
    ipc_view_take(&after);
    return ipc_view_describe(&before, &after);
}

bool ipc_continues(enum ipc_thread thread)
{
    return fixture_current() == ipc_tcb(thread) && fixture_current()->regs[REG_NEXT_IP] == FIXTURE_SVC + 4;
}

/* ---- Setting the scene ---- */

void ipc_do(enum ipc_thread thread, struct ipc_call call)
{
    ipc_load(thread, call);
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    if (ipc_tcb(thread)->fault.type != KAAL_FAULT_NONE) {
        give_up("a thread faulted while the scene was set");
    }
}

void ipc_root(kaal_cptr_t cptr, enum kaal_label label, size_t word_count, const kaal_word_t *words,
              size_t cap_count, const kaal_word_t *caps)
{
    fixture_switch_to(fixture_root());
    struct fixture_answer answer = fixture_invoke(cptr, label, word_count, words, cap_count, caps);
    if (answer.error != KAAL_NO_ERROR) {
        give_up("root's invocation failed");
    }
}

void ipc_send(enum ipc_thread thread, kaal_cptr_t cptr, kaal_word_t info)
{
    ipc_do(thread, (struct ipc_call){KAAL_SYS_SEND, .x0 = cptr, .info = info});
}

void ipc_call(enum ipc_thread thread, kaal_cptr_t cptr, kaal_word_t info)
{
    ipc_do(thread, (struct ipc_call){KAAL_SYS_CALL, .x0 = cptr, .info = info});
}

void ipc_recv(enum ipc_thread thread, kaal_cptr_t source, kaal_cptr_t reply)
{
    ipc_do(thread, (struct ipc_call){KAAL_SYS_RECV, .x0 = source, .x6 = reply});
}

void ipc_wait(enum ipc_thread thread, kaal_cptr_t source)
{
    ipc_do(thread, (struct ipc_call){KAAL_SYS_WAIT, .x0 = source});
}

void ipc_passive_recv(kaal_cptr_t source, kaal_cptr_t reply)
{
    ipc_bind_sc(SC_P, ipc_world.threads[P].tcb);
    ipc_recv(P, source, reply);
    ipc_unbind_sc(SC_P, ipc_world.threads[P].tcb);
}

void ipc_passive_wait(kaal_cptr_t source)
{
    ipc_bind_sc(SC_P, ipc_world.threads[P].tcb);
    ipc_wait(P, source);
    ipc_unbind_sc(SC_P, ipc_world.threads[P].tcb);
}

void ipc_bind_sc(enum ipc_sched_context sc, kaal_cptr_t object)
{
    ipc_root(ipc_world.sched_contexts[sc], kaal_label_sched_context_bind, FIXTURE_NONE, FIXTURE_LIST(object));
}

void ipc_unbind_sc(enum ipc_sched_context sc, kaal_cptr_t object)
{
    ipc_root(ipc_world.sched_contexts[sc], kaal_label_sched_context_unbind_object, FIXTURE_NONE,
             FIXTURE_LIST(object));
}

void ipc_bind_notification(enum ipc_thread thread, enum ipc_notification notification)
{
    ipc_root(ipc_world.threads[thread].tcb, kaal_label_tcb_bind_notification, FIXTURE_NONE,
             FIXTURE_LIST(ipc_world.notifications[notification]));
}

void ipc_set_priority(enum ipc_thread thread, unsigned priority)
{
    ipc_root(ipc_world.threads[thread].tcb, kaal_label_tcb_set_priority, FIXTURE_LIST(priority),
             FIXTURE_LIST(KAAL_BOOT_TCB));
}

void ipc_suspend(enum ipc_thread thread)
{
    ipc_root(ipc_world.threads[thread].tcb, kaal_label_tcb_suspend, FIXTURE_NONE, FIXTURE_NONE);
}

void ipc_resume(enum ipc_thread thread)
{
    ipc_root(ipc_world.threads[thread].tcb, kaal_label_tcb_resume, FIXTURE_NONE, FIXTURE_NONE);
}

void ipc_set_handlers(enum ipc_thread thread, kaal_cptr_t fault, kaal_cptr_t timeout)
{
    kaal_cptr_t tcb = ipc_world.threads[thread].tcb;
    ipc_root(tcb, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
             FIXTURE_LIST(fault, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE));
    ipc_root(tcb, kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE, FIXTURE_LIST(timeout));
}

void ipc_configure_sc(enum ipc_sched_context sc, kaal_word_t budget, kaal_word_t period, bool sporadic)
{
    ipc_root(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
             FIXTURE_LIST(budget, period, 0, 0x5c0 + sc, sporadic),
             FIXTURE_LIST(ipc_world.sched_contexts[sc]));
}

void ipc_set_buffer(enum ipc_thread thread, kaal_cptr_t frame)
{
    kaal_word_t address = frame == 0 ? 0 : ipc_tcb(thread)->ipc_buffer;
    ipc_root(ipc_world.threads[thread].tcb, kaal_label_tcb_set_ipc_buffer, FIXTURE_LIST(address),
             FIXTURE_LIST(frame));
}

void ipc_delete(kaal_cptr_t slot)
{
    ipc_root(KAAL_BOOT_CNODE, kaal_label_cnode_delete, FIXTURE_LIST(slot, KAAL_WORD_BITS), FIXTURE_NONE);
}

void ipc_make_zombie(void)
{
    ipc_load(ROOT, (struct ipc_call){KAAL_SYS_SEND, .x0 = KAAL_BOOT_CNODE,
                                     .info = kaal_info(kaal_label_cnode_delete, 0, 0, 2)});
    ipc_tcb(ROOT)->regs[REG_MSG] = ipc_world.cnode;
    ipc_tcb(ROOT)->regs[REG_MSG + 1] = KAAL_WORD_BITS;
    machine_pulse_at_poll(IPC_LINE, 1);
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    if (!cap_is(fixture_slot(ipc_world.cnode)->cap, KAAL_CAP_ZOMBIE)) {
        give_up("there is no zombie");
    }
}

void ipc_revoke(kaal_cptr_t slot)
{
    ipc_root(KAAL_BOOT_CNODE, kaal_label_cnode_revoke, FIXTURE_LIST(slot, KAAL_WORD_BITS), FIXTURE_NONE);
}

/* ---- Tables ---- */

void ipc_cell(const char *table, const char *row, const char *column, const char *outcome, const char *test)
{
    const char *path = getenv("KAAL_IPC_CELLS");
    if (path == NULL) {
        return;
    }
    FILE *file = fopen(path, "a");
    if (file == NULL) {
        fprintf(stderr, "fixture_ipc: %s: %s\n", path, strerror(errno));
        exit(1);
    }
    fprintf(file, "%s\t%s\t%s\t%s\t%s/%s\n", table, row, column, outcome, program_invocation_short_name,
            test);
    fclose(file);
}

bool ipc_expect(const char *table, const char *row, const char *column, const char *actual,
                const char *expected, const char *test)
{
    if (expected == NULL || strcmp(actual, expected) != 0) {
        printf("# %s | %s | %s\n#   is       \"%s\"\n#   expected \"%s\"\n", table, row, column, actual,
               expected != NULL ? expected : "(nothing)");
        fflush(stdout);
        return false;
    }
    ipc_cell(table, row, column, expected, test);
    return true;
}

bool ipc_run(const char *table, const struct ipc_case *cases, size_t count, const char *test)
{
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        ipc_reset();
        cases[i].prepare();
        const char *actual = cases[i].act();
        good &= ipc_expect(table, cases[i].row, cases[i].column, actual, cases[i].expected, test);
    }
    return good;
}

void ipc_nothing(void)
{
}
