/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Making the world of the IPC model, and entering both of its sides.
 */
#include "tests/model/ipc_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cap/cap.h"
#include "core/sched/thread.h"

struct world world;

static struct world fresh;
static struct machine_snapshot *snapshot;

static void keep(struct cptr_list *list, kaal_cptr_t cptr)
{
    if (list->count == WORLD_MAX_SLOTS) {
        fprintf(stderr, "ipc_world: too many capabilities\n");
        abort();
    }
    list->item[list->count++] = cptr;
}

/* The model hears of a capability that the kernel has. */
static void note(struct cptr_list *list, kaal_cptr_t cptr, struct model_cap cap)
{
    world.model.slots[cptr] = cap;
    keep(list, cptr);
    keep(&world.all, cptr);
}

/* ---- Objects ---- */

static void mint(struct cptr_list *list, kaal_cptr_t source, unsigned rights, kaal_word_t badge)
{
    struct model_cap cap = world.model.slots[source];

    cap.rights &= rights;
    cap.badge = badge;
    note(list, fixture_mint(source, rights, badge), cap);
}

static void make_endpoint(int index)
{
    static const unsigned rights[] = {KAAL_RIGHT_WRITE, KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT,
                                      KAAL_RIGHT_WRITE | KAAL_RIGHT_GRANT_REPLY, KAAL_RIGHTS_ALL};
    kaal_cptr_t cptr = fixture_object(KAAL_OBJECT_ENDPOINT, 0);

    world.endpoints[index] = fixture_endpoint(cptr);
    world.model.endpoints[index].exists = true;
    note(&world.endpoint_caps, cptr, (struct model_cap){KAAL_CAP_ENDPOINT, index, 0, KAAL_RIGHTS_ALL});
    keep(&world.originals, cptr);
    for (unsigned i = 0; i < 4; i++) {
        mint(&world.endpoint_caps, cptr, rights[i], 0x10000 * (kaal_word_t)(index + 1) + 0x1001 + i);
    }
    mint(&world.endpoint_caps, cptr, KAAL_RIGHT_READ, 0);
}

static void make_notification(int index)
{
    kaal_cptr_t cptr = fixture_object(KAAL_OBJECT_NOTIFICATION, 0);

    world.notifications[index] = fixture_notification(cptr);
    world.model.notifications[index] = (struct model_notification){.exists = true, .bound = NONE, .sc = NONE};
    note(&world.notification_caps, cptr, (struct model_cap){KAAL_CAP_NOTIFICATION, index, 0, 3});
    keep(&world.originals, cptr);
    mint(&world.notification_caps, cptr, KAAL_RIGHT_WRITE, (kaal_word_t)0x100000 << index);
    mint(&world.notification_caps, cptr, KAAL_RIGHT_READ, 0);
}

static void make_reply(int index)
{
    kaal_cptr_t cptr = fixture_object(KAAL_OBJECT_REPLY, 0);

    world.replies[index] = fixture_reply(cptr);
    world.model.replies[index] = (struct model_reply){.exists = true, .thread = NONE};
    note(&world.reply_caps, cptr, (struct model_cap){KAAL_CAP_REPLY, index, 0, KAAL_RIGHT_GRANT});
    keep(&world.originals, cptr);
    if (index % 2 == 0) {
        mint(&world.reply_caps, cptr, 0, 0);
    }
}

/* Budget and period in microseconds; budget equal to period: round robin. */
static void make_context(int index, kaal_cptr_t cptr, kaal_word_t budget, kaal_word_t period, bool sporadic)
{
    struct model_context *context = &world.model.contexts[index];
    kaal_word_t data = 0x5c0 + (kaal_word_t)index;

    fixture_do(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
               FIXTURE_LIST(budget, period, 0, data, sporadic), FIXTURE_LIST(cptr));
    world.contexts[index] = fixture_sched_context(cptr);
    *context = (struct model_context){.exists = true,
                                      .period = budget == period ? 0 : machine_ticks(period),
                                      .budget = machine_ticks(budget),
                                      .sporadic = sporadic,
                                      .badge = data,
                                      .ready_at = host_machine.state.now,
                                      .thread = NONE,
                                      .notification = NONE};
    note(&world.context_caps, cptr, (struct model_cap){KAAL_CAP_SCHED_CONTEXT, index, 0, 0});
    keep(&world.originals, cptr);
}

static void fill_thread(int index)
{
    struct model_thread *thread = &world.model.threads[index];
    kaal_word_t *regs = world.threads[index]->regs;

    for (unsigned i = 0; i < REGISTERS; i++) {
        regs[i] = (kaal_word_t)(0xa0 + index) << 56 | 0x5200000000 | i;
    }
    regs[R_SPSR] = 0x40;
    fast_set_obstacle(world.threads[index], OBSTACLE_REGISTER, true);
    memcpy(thread->regs, regs, sizeof(thread->regs));
    for (unsigned i = 0; i < BUFFER_WORDS; i++) {
        world.memory[index][i] = (kaal_word_t)(0xa0 + index) << 56 | 0xbf00000000 | i;
        world.model.memory[index][i] = world.memory[index][i];
    }
}

static void note_thread(int index, kaal_cptr_t tcb, kaal_cptr_t frame, kaal_cptr_t handler)
{
    struct model_thread *thread = &world.model.threads[index];
    struct model_cap buffer = {KAAL_CAP_FRAME, index, 0, 2};

    world.threads[index] = fixture_tcb(tcb);
    world.memory[index] = (kaal_word_t *)(void *)fixture_buffer(world.threads[index]);
    *thread = (struct model_thread){.exists = true,
                                    .sc = NONE,
                                    .reply = NONE,
                                    .bound = NONE,
                                    .endpoint = NONE,
                                    .notification = NONE,
                                    .buffer = buffer};
    if (handler != 0) {
        thread->fault_handler = world.model.slots[handler];
    }
    note(&world.tcb_caps, tcb, (struct model_cap){KAAL_CAP_TCB, index, 0, 0});
    note(&world.frame_caps, frame, buffer);
    keep(&world.originals, frame);
}

static void set_priority(int index, int priority)
{
    fixture_do(world.tcb_caps.item[index], kaal_label_tcb_set_priority,
               FIXTURE_LIST(LOWEST_PRIORITY + priority), FIXTURE_LIST(KAAL_BOOT_TCB));
    world.model.threads[index].priority = priority;
}

static void set_timeout_handler(int index, kaal_cptr_t handler)
{
    fixture_do(world.tcb_caps.item[index], kaal_label_tcb_set_timeout_endpoint, FIXTURE_NONE,
               FIXTURE_LIST(handler));
    world.model.threads[index].timeout_handler = world.model.slots[handler];
}

/* Threads 1 to 6 have a scheduling context each, 7 and 8 are passive; the last two contexts are free. */
static void make_threads(void)
{
    static const struct {
        kaal_word_t budget, period;
        bool sporadic;
    } contexts[CONTEXTS] = {{5000, 5000, false}, {1000, 1000, false}, {1000, 3000, false},
                            {2000, 5000, true},  {500, 4000, false},  {1000, 2000, true},
                            {2000, 2000, true},  {1000, 10000, true}, {700, 9000, false}};

    note_thread(0, KAAL_BOOT_TCB, KAAL_BOOT_IPC_BUFFER, 0);
    make_context(0, KAAL_BOOT_SCHED_CONTEXT, contexts[0].budget, contexts[0].period, contexts[0].sporadic);
    world.model.threads[0].sc = 0;
    world.model.contexts[0].thread = 0;
    for (int i = 1; i < THREADS; i++) {
        kaal_cptr_t handler = i % 3 == 0 ? 0 : world.endpoint_caps.item[i % 3 == 1 ? 4 : 9];
        bool passive = i > 6;
        struct fixture_thread made = fixture_thread(LOWEST_PRIORITY, passive ? 0 : contexts[i].budget,
                                                    passive ? 0 : contexts[i].period, handler);

        note_thread(i, made.tcb, made.buffer, handler);
        make_context(i, passive ? fixture_object(KAAL_OBJECT_SCHED_CONTEXT, 8) : made.sched_context,
                     contexts[i].budget, contexts[i].period, contexts[i].sporadic);
        if (!passive) {
            world.model.threads[i].sc = i;
            world.model.contexts[i].thread = i;
        }
        if (i % 3 == 2) {
            set_timeout_handler(i, world.endpoint_caps.item[14]);
        }
        set_priority(i, i % PRIORITIES);
    }
    mint(&world.frame_caps, world.frame_caps.item[2], KAAL_RIGHT_READ, 0);
    world.model.slots[world.frame_caps.item[world.frame_caps.count - 1]].rights = 1;
}

static void make_interrupt(void)
{
    kaal_cptr_t notification = world.notification_caps.item[1];

    world.irq_handler = fixture_interrupt(WORLD_LINE, notification);
    note(&world.others, world.irq_handler, (struct model_cap){KAAL_CAP_IRQ_HANDLER, 0, 0, 0});
    world.model.irq_cap = world.model.slots[notification];
    world.model.irq_enabled = true;
}

static void note_boot_capabilities(void)
{
    note(&world.others, KAAL_BOOT_CNODE, (struct model_cap){KAAL_CAP_CNODE, 0, 0, 0});
    note(&world.others, KAAL_BOOT_VSPACE, (struct model_cap){KAAL_CAP_VSPACE, 0, 0, 0});
    note(&world.others, KAAL_BOOT_IRQ_CONTROL, (struct model_cap){KAAL_CAP_IRQ_CONTROL, 0, 0, 0});
    note(&world.others, KAAL_BOOT_DOMAIN, (struct model_cap){KAAL_CAP_DOMAIN, 0, 0, 0});
    note(&world.others, KAAL_BOOT_ASID_POOL, (struct model_cap){KAAL_CAP_ASID_POOL, 0, 0, 0});
}

static void make_objects(void)
{
    for (int i = 0; i < ENDPOINTS; i++) {
        make_endpoint(i);
    }
    for (int i = 0; i < NOTIFICATIONS; i++) {
        make_notification(i);
    }
    for (int i = 0; i < REPLIES; i++) {
        make_reply(i);
    }
    make_threads();
    make_interrupt();
    note_boot_capabilities();
    for (unsigned i = 0; i < WORLD_RECEIVE_SLOTS; i++) {
        note(&world.receive_slots, fixture_new_slot(), (struct model_cap){KAAL_CAP_NULL, 0, 0, 0});
    }
}

void world_create(void)
{
    struct machine_config config = fixture_config();

    config.ram_bytes = bit(22);
    config.params.root_cnode_bits = SLOT_BITS;
    config.params.log_level = 0;
    fixture_boot(&config);
    world.slots = fixture_slot(0);
    make_objects();
    set_priority(0, PRIORITIES - 1); /* so that it can resume all others before they run */
    for (int i = 0; i < THREADS; i++) {
        fill_thread(i);
    }
    world.model.threads[0].state = STATE_RUNNING;
    world.model.now = host_machine.state.now;
    world.model.invoker = NONE;
    snapshot = machine_snapshot();
    fresh = world;
    if (snapshot == NULL) {
        fprintf(stderr, "ipc_world: no memory for a snapshot\n");
        abort();
    }
}

void world_reset(void)
{
    machine_restore(snapshot);
    world = fresh;
}

/* ---- Entering both sides ---- */

static kaal_word_t *kernel_regs(void)
{
    return fixture_current()->regs;
}

static kaal_word_t *model_regs(void)
{
    return world.model.threads[world.model.current].regs;
}

void world_syscall(const kaal_word_t *x)
{
    memcpy(kernel_regs(), x, 9 * sizeof(*x));
    memcpy(model_regs(), x, 9 * sizeof(*x));
    kernel_regs()[REG_NEXT_IP] = FIXTURE_SVC + SVC_LENGTH;
    model_regs()[R_NEXT_IP] = FIXTURE_SVC + SVC_LENGTH;
    machine_enter((struct machine_trap){.kind = TRAP_SYSCALL});
    model_syscall(&world.model);
}

void world_store(unsigned index, kaal_word_t value)
{
    const struct model_cap *buffer = &world.model.threads[world.model.current].buffer;

    if (buffer->type == KAAL_CAP_FRAME) {
        world.memory[buffer->object][index] = value;
        world.model.memory[buffer->object][index] = value;
    }
}

void world_vm_fault(bool is_fetch, kaal_word_t ip, kaal_word_t address, kaal_word_t status)
{
    kernel_regs()[REG_NEXT_IP] = ip;
    model_regs()[R_NEXT_IP] = ip;
    machine_enter((struct machine_trap){
        .kind = TRAP_VM_FAULT, .is_fetch = is_fetch, .address = address, .status = status});
    model_vm_fault(&world.model, is_fetch, address, status);
}

void world_exception(kaal_word_t ip, kaal_word_t number)
{
    kernel_regs()[REG_NEXT_IP] = ip;
    model_regs()[R_NEXT_IP] = ip;
    machine_enter((struct machine_trap){.kind = TRAP_EXCEPTION, .address = number});
    model_exception(&world.model, number);
}

void world_raise_interrupt(void)
{
    machine_line_pulse(WORLD_LINE);
    world.model.irq_pending = true;
}

void world_interrupt(void)
{
    machine_enter((struct machine_trap){.kind = TRAP_INTERRUPT});
    model_interrupt(&world.model);
}

void world_pass_time(void)
{
    kaal_word_t before = world.model.now;

    model_pass_time(&world.model);
    machine_advance(world.model.now - before);
}

bool world_interrupt_signalled(void)
{
    return machine_irq_signalled();
}
