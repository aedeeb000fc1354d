/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drives the kernel and the scheduling model with the same random events and
 * compares them after each kernel entry: who runs, every queue, every refill and
 * every counter to the tick, the timer's deadline, and all answers
 * (tests/kit/seeded.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/kit/seeded.h"
#include "tests/model/sched_world.h"

enum { DEFAULT_EVENTS = 5000000, MOST_WORDS = 5, MOST_CAPS = 3 };

static unsigned long entries;

static void check(void)
{
    const char *why = world_compare();

    entries++;
    if (why == NULL) {
        why = property_check();
    }
    if (why != NULL) {
        seeded_fail(why);
    }
}

/* ---- System calls ---- */

/* A message of the current thread. */
struct request {
    enum kaal_syscall number;
    kaal_cptr_t cptr;
    kaal_cptr_t reply;
    kaal_word_t label;
    unsigned word_count;
    kaal_word_t word[MOST_WORDS];
    unsigned cap_count;
    kaal_cptr_t cap[MOST_CAPS];
};

static struct request call(kaal_cptr_t cptr, enum kaal_label label)
{
    return (struct request){.number = KAAL_SYS_CALL, .cptr = cptr, .label = label};
}

static struct request call_with(kaal_cptr_t cptr, enum kaal_label label, kaal_cptr_t cap)
{
    return (struct request){
        .number = KAAL_SYS_CALL, .cptr = cptr, .label = label, .cap_count = 1, .cap = {cap}};
}

/* Does it. The registers are those of the caller afterwards. */
static struct fixture_registers perform(const struct request *request)
{
    struct fixture_registers registers =
        fixture_message(request->number, request->cptr, request->label, request->word_count, request->word,
                        request->cap_count, request->cap);

    registers.x[REG_REPLY] = request->reply;
    fixture_syscall(&registers);
    return registers;
}

static void compare_answer(const struct fixture_registers *registers, const struct model_answer *expected)
{
    kaal_word_t info = registers->x[REG_INFO];

    if (kaal_info_label(info) != (kaal_word_t)expected->error) {
        printf("kernel: error %lu, model: error %d\n", (unsigned long)kaal_info_label(info), expected->error);
        seeded_fail("another answer");
    }
    for (unsigned i = 0; i < expected->count; i++) {
        if (kaal_info_length(info) < expected->count || registers->x[REG_MSG + i] != expected->word[i]) {
            printf("kernel: %u words, word %u %lu, model: %u words, %lu\n", kaal_info_length(info), i,
                   (unsigned long)registers->x[REG_MSG + i], expected->count,
                   (unsigned long)expected->word[i]);
            seeded_fail("another result");
        }
    }
}

/* ---- Operations: what to ask the kernel for, and what the model says to it ---- */

static int any_thread(void)
{
    return (int)seeded_below(MODEL_THREADS);
}

/* Anybody but root. */
static int victim(void)
{
    return 1 + (int)seeded_below(MODEL_THREADS - 1);
}

static int victim_context(void)
{
    return 1 + (int)seeded_below(MODEL_CONTEXTS - 1);
}

static int any_context(void)
{
    return (int)seeded_below(MODEL_CONTEXTS);
}

static int shared_notification(void)
{
    return 1 + (int)seeded_below(MODEL_NOTIFICATIONS - 1);
}

static unsigned any_priority(void)
{
    static const unsigned priorities[] = {10, 100, 100, 100, 200, 255};

    return priorities[seeded_below(sizeof(priorities) / sizeof(priorities[0]))];
}

/* A time in microseconds over several orders of magnitude. */
static kaal_word_t any_time(kaal_word_t least, unsigned octaves)
{
    return least + (seeded_word() & ((1u << seeded_below(octaves + 1)) - 1));
}

/* What an operation does once the kernel has accepted the system call. */
struct operation {
    struct request request;
    enum {
        YIELD,
        SIGNAL,
        WAIT,
        SIGNAL_AND_WAIT,
        CONFIGURE,
        BIND_THREAD,
        BIND_NOTIFICATION,
        UNBIND_THREAD,
        UNBIND_NOTIFICATION,
        UNBIND,
        CONSUMED,
        YIELD_TO,
        SUSPEND,
        RESUME,
        SET_PRIORITY,
        SET_MCP,
        SET_SCHED_PARAMS,
        SET_TIMEOUT_HANDLER,
        RECEIVE_FAULT,
        ANSWER_FAULT,
        SET_DOMAIN,
        SCHEDULE_CONFIGURE,
        SCHEDULE_SET_START,
        ACKNOWLEDGE,
        OPERATION_COUNT,
    } kind;
    int a; /* numbers of the objects concerned */
    int b;
    bool blocking;
    struct server_parameters parameters;
    struct model_domain_entry entry;
};

static void prepare_wait(struct operation *operation)
{
    operation->blocking = !seeded_one_in(4);
    operation->request = (struct request){.number = operation->blocking ? KAAL_SYS_WAIT : KAAL_SYS_NB_WAIT,
                                          .cptr = world.notification[operation->a]};
}

static void prepare_signal(struct operation *operation)
{
    operation->request =
        (struct request){.number = KAAL_SYS_NB_SEND_WAIT, .cptr = world.notification[operation->a]};
    if (operation->kind == SIGNAL) {
        operation->request.number = KAAL_SYS_SEND;
    } else {
        operation->request.reply = operation->request.cptr;
        operation->request.cptr = world.notification[operation->b];
        operation->blocking = true;
    }
}

static void prepare_configure(struct operation *operation)
{
    static const unsigned percents[] = {100, 101, 110, 150, 200, 300, 700, 3000};
    kaal_word_t budget = any_time(seeded_one_in(50) ? 0 : 20, 11);
    kaal_word_t period = budget * percents[seeded_below(8)] / 100;
    unsigned extra = seeded_one_in(50) ? 9 : seeded_below(9);

    operation->a = victim_context();
    if (seeded_one_in(50)) {
        period = any_time(0, 12);
    }
    operation->parameters = (struct server_parameters){.budget = machine_ticks(budget),
                                                       .period = machine_ticks(period),
                                                       .extra = extra,
                                                       .data = seeded_below(1000),
                                                       .sporadic = seeded_one_in(2)};
    operation->request = call_with(fixture_bootinfo()->sched_control.start,
                                   kaal_label_sched_control_configure_flags, world.context[operation->a]);
    operation->request.word_count = 5;
    operation->request.word[0] = budget;
    operation->request.word[1] = period;
    operation->request.word[2] = extra;
    operation->request.word[3] = operation->parameters.data;
    operation->request.word[4] = operation->parameters.sporadic;
}

static void prepare_context_operation(struct operation *operation)
{
    kaal_cptr_t context;

    operation->a = victim_context();
    context = world.context[operation->a];
    switch (operation->kind) {
    case BIND_THREAD:
    case UNBIND_THREAD:
        operation->b = operation->kind == BIND_THREAD ? victim() : model.context[operation->a].thread;
        if (operation->b == NOBODY || seeded_one_in(10)) {
            operation->b = victim();
        }
        operation->request =
            call_with(context,
                      operation->kind == BIND_THREAD ? kaal_label_sched_context_bind
                                                     : kaal_label_sched_context_unbind_object,
                      world.tcb[operation->b]);
        break;
    case BIND_NOTIFICATION:
    case UNBIND_NOTIFICATION:
        operation->b = shared_notification();
        operation->request =
            call_with(context,
                      operation->kind == BIND_NOTIFICATION ? kaal_label_sched_context_bind
                                                           : kaal_label_sched_context_unbind_object,
                      world.notification[operation->b]);
        break;
    case UNBIND: operation->request = call(context, kaal_label_sched_context_unbind); break;
    default:
        operation->a = any_context();
        operation->request = call(world.context[operation->a], operation->kind == CONSUMED
                                                                   ? kaal_label_sched_context_consumed
                                                                   : kaal_label_sched_context_yield_to);
        break;
    }
}

static void prepare_thread_operation(struct operation *operation)
{
    kaal_cptr_t tcb;

    operation->a = operation->kind == RESUME ? any_thread() : victim();
    operation->b = (int)any_priority();
    tcb = world.tcb[operation->a];
    switch (operation->kind) {
    case SUSPEND: operation->request = call(tcb, kaal_label_tcb_suspend); break;
    case RESUME: operation->request = call(tcb, kaal_label_tcb_resume); break;
    case SET_PRIORITY:
    case SET_MCP:
        operation->request = call_with(
            tcb, operation->kind == SET_MCP ? kaal_label_tcb_set_mcpriority : kaal_label_tcb_set_priority,
            KAAL_BOOT_TCB);
        operation->request.word_count = 1;
        operation->request.word[0] = (kaal_word_t)operation->b;
        break;
    case SET_TIMEOUT_HANDLER:
        operation->b = !seeded_one_in(3);
        operation->request =
            call_with(tcb, kaal_label_tcb_set_timeout_endpoint, operation->b ? world.endpoint : 0);
        break;
    default:                                      /* SET_SCHED_PARAMS */
        operation->entry.domain = any_priority(); /* the priority; b is the context */
        operation->b = seeded_one_in(4) ? NOBODY : victim_context();
        operation->request = call_with(tcb, kaal_label_tcb_set_sched_params, KAAL_BOOT_TCB);
        operation->request.cap_count = 3;
        operation->request.cap[1] = operation->b == NOBODY ? 0 : world.context[operation->b];
        operation->request.word_count = 2;
        operation->request.word[0] = KAAL_MAX_PRIORITY;
        operation->request.word[1] = operation->entry.domain;
        break;
    }
}

static void prepare_domain_operation(struct operation *operation)
{
    switch (operation->kind) {
    case SET_DOMAIN:
        operation->a = victim();
        operation->b = (int)(seeded_one_in(30) ? 4 : seeded_one_in(2) ? 0 : seeded_below(MODEL_DOMAINS));
        operation->request = call_with(KAAL_BOOT_DOMAIN, kaal_label_domain_set, world.tcb[operation->a]);
        operation->request.word_count = 1;
        operation->request.word[0] = (kaal_word_t)operation->b;
        break;
    case SCHEDULE_CONFIGURE:
        operation->a = (int)seeded_below(MODEL_SCHEDULE);
        operation->entry = (struct model_domain_entry){seeded_below(seeded_one_in(30) ? 6 : MODEL_DOMAINS),
                                                       seeded_one_in(4) ? 0 : any_time(900, 20)};
        operation->request = call(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_configure);
        operation->request.word_count = 3;
        operation->request.word[0] = (kaal_word_t)operation->a;
        operation->request.word[1] = operation->entry.domain;
        operation->request.word[2] = operation->entry.duration;
        break;
    default:
        operation->a = (int)seeded_below(MODEL_SCHEDULE + 1);
        operation->request = call(KAAL_BOOT_DOMAIN, kaal_label_domain_schedule_set_start);
        operation->request.word_count = 1;
        operation->request.word[0] = (kaal_word_t)operation->a;
        break;
    }
}

static void prepare_fault_operation(struct operation *operation)
{
    operation->a = (int)seeded_below(MODEL_REPLIES);
    if (operation->kind == RECEIVE_FAULT) {
        operation->request = (struct request){
            .number = KAAL_SYS_NB_RECV, .cptr = world.endpoint, .reply = world.reply[operation->a]};
    } else {
        operation->b = seeded_one_in(4); /* the label: 0 restarts */
        operation->request = (struct request){
            .number = KAAL_SYS_SEND, .cptr = world.reply[operation->a], .label = (kaal_word_t)operation->b};
    }
}

static struct operation prepare(unsigned kind)
{
    struct operation operation = {.kind = kind};

    operation.a = shared_notification();
    operation.b = shared_notification();
    switch (operation.kind) {
    case YIELD: operation.request = (struct request){.number = KAAL_SYS_YIELD}; break;
    case SIGNAL:
    case SIGNAL_AND_WAIT: prepare_signal(&operation); break;
    case WAIT: prepare_wait(&operation); break;
    case CONFIGURE: prepare_configure(&operation); break;
    case SET_DOMAIN:
    case SCHEDULE_CONFIGURE:
    case SCHEDULE_SET_START: prepare_domain_operation(&operation); break;
    case RECEIVE_FAULT:
    case ANSWER_FAULT: prepare_fault_operation(&operation); break;
    case ACKNOWLEDGE:
        operation.a = (int)seeded_below(WORLD_LINES);
        operation.request = call(world.handler[operation.a], kaal_label_irq_handler_ack);
        break;
    case SUSPEND:
    case RESUME:
    case SET_PRIORITY:
    case SET_MCP:
    case SET_SCHED_PARAMS:
    case SET_TIMEOUT_HANDLER: prepare_thread_operation(&operation); break;
    default: prepare_context_operation(&operation); break;
    }
    return operation;
}

/* How often each operation is tried, so that threads mostly have what they need to run. */
static const struct {
    const char *name;
    unsigned weight;
} kinds[OPERATION_COUNT] = {
    [YIELD] = {"Yield", 4},
    [SIGNAL] = {"Signal", 10},
    [WAIT] = {"Wait", 8},
    [SIGNAL_AND_WAIT] = {"NBSendWait", 6},
    [CONFIGURE] = {"ConfigureFlags", 6},
    [BIND_THREAD] = {"Bind thread", 16},
    [BIND_NOTIFICATION] = {"Bind notification", 4},
    [UNBIND_THREAD] = {"UnbindObject thread", 3},
    [UNBIND_NOTIFICATION] = {"UnbindObject notification", 2},
    [UNBIND] = {"Unbind", 1},
    [CONSUMED] = {"Consumed", 4},
    [YIELD_TO] = {"YieldTo", 8},
    [SUSPEND] = {"Suspend", 4},
    [RESUME] = {"Resume", 12},
    [SET_PRIORITY] = {"SetPriority", 4},
    [SET_MCP] = {"SetMCPriority", 2},
    [SET_SCHED_PARAMS] = {"SetSchedParams", 4},
    [SET_TIMEOUT_HANDLER] = {"SetTimeoutEndpoint", 3},
    [RECEIVE_FAULT] = {"receive a timeout fault", 6},
    [ANSWER_FAULT] = {"answer a timeout fault", 6},
    [SET_DOMAIN] = {"Domain_Set", 2},
    [SCHEDULE_CONFIGURE] = {"ScheduleConfigure", 1},
    [SCHEDULE_SET_START] = {"ScheduleSetStart", 1},
    [ACKNOWLEDGE] = {"IRQHandler_Ack", 0}, /* by root, so that it is known when a line can be used again */
};

static unsigned any_kind(void)
{
    unsigned sum = 0;
    unsigned kind = 0;

    for (unsigned i = 0; i < OPERATION_COUNT; i++) {
        sum += kinds[i].weight;
    }
    sum = seeded_below(sum);
    while (sum >= kinds[kind].weight) {
        sum -= kinds[kind].weight;
        kind++;
    }
    return kind;
}

/* What the model makes of it. Operations that answer only with the badge register put that into word 0. */
static struct model_answer model_operation(const struct operation *o)
{
    struct model_answer answer = {.error = KAAL_NO_ERROR};

    switch (o->kind) {
    case YIELD: model_yield(); break;
    case SIGNAL_AND_WAIT:
        model_signal(o->a, world_badge(o->a));
        model_wait(o->b, true, &answer.word[0]);
        break;
    case SIGNAL: model_signal(o->a, world_badge(o->a)); break;
    case WAIT: model_wait(o->a, o->blocking, &answer.word[0]); break;
    case CONFIGURE: return model_configure(o->a, &o->parameters);
    case BIND_THREAD: return model_bind_thread(o->a, o->b);
    case BIND_NOTIFICATION: return model_bind_notification(o->a, o->b);
    case UNBIND_THREAD: return model_unbind_thread(o->a, o->b);
    case UNBIND_NOTIFICATION: return model_unbind_notification(o->a, o->b);
    case UNBIND: return model_unbind(o->a);
    case CONSUMED: return model_consumed(o->a);
    case YIELD_TO: return model_yield_to(o->a);
    case SUSPEND: return model_suspend(o->a);
    case RESUME: return model_resume(o->a);
    case SET_PRIORITY: return model_set_priority(o->a, (unsigned)o->b);
    case SET_MCP: return model_set_mcp(o->a, (unsigned)o->b);
    case SET_SCHED_PARAMS: return model_set_sched_params(o->a, KAAL_MAX_PRIORITY, o->entry.domain, o->b);
    case SET_TIMEOUT_HANDLER: return model_set_timeout_handler(o->a, o->b != 0);
    case RECEIVE_FAULT: answer.pending = !model_receive_fault(o->a, &answer); break;
    case ANSWER_FAULT: model_answer_fault(o->a, o->b == 0); break;
    case SET_DOMAIN: return model_set_domain(o->a, (unsigned)o->b);
    case SCHEDULE_CONFIGURE:
        return model_schedule_configure((unsigned)o->a, o->entry.domain, o->entry.duration);
    case SCHEDULE_SET_START: return model_schedule_set_start((unsigned)o->a);
    case ACKNOWLEDGE:
    case OPERATION_COUNT: break;
    }
    return answer;
}

/* Does the caller find the answer in its registers when it is not the current thread any more? */
static void compare_outcome(const struct operation *o, const struct fixture_registers *registers,
                            const struct model_answer *answer, int caller)
{
    switch (o->kind) {
    case YIELD:
    case SIGNAL:
    case ANSWER_FAULT: break;
    case WAIT:
    case SIGNAL_AND_WAIT:
        if (model.thread[caller].state == RUNNING && registers->x[REG_BADGE] != answer->word[0]) {
            seeded_fail("another word from a notification");
        }
        break;
    case RECEIVE_FAULT:
        if (answer->pending) {
            if (registers->x[REG_BADGE] != 0) {
                seeded_fail("a message from nobody");
            }
            break;
        }
        if (kaal_info_label(registers->x[REG_INFO]) != KAAL_FAULT_TIMEOUT) {
            seeded_fail("not a timeout fault");
        }
        for (unsigned i = 0; i < answer->count; i++) {
            if (registers->x[REG_MSG + i] != answer->word[i]) {
                seeded_fail("another fault message");
            }
        }
        break;
    default:
        if (!answer->pending && model.thread[caller].state != INACTIVE) {
            compare_answer(registers, answer);
        }
        break;
    }
}

/* Would root have time to do something some day with this entry in the schedule, or with this start? */
static bool domain_0_comes_back(unsigned start, unsigned changed, struct model_domain_entry entry)
{
    for (unsigned i = start; i < MODEL_SCHEDULE; i++) {
        struct model_domain_entry here = i == changed ? entry : model.schedule[i];
        if (here.duration == 0) {
            return false;
        }
        if (here.domain == 0 && here.duration > 4 * server_minimum) {
            return true;
        }
    }
    return false;
}

static bool keeps_root_alive(const struct operation *o)
{
    if (o->kind == SCHEDULE_CONFIGURE) {
        return domain_0_comes_back(model.schedule_start, (unsigned)o->a, o->entry);
    }
    if (o->kind == SCHEDULE_SET_START) {
        return o->a >= MODEL_SCHEDULE || model.schedule[o->a].duration == 0 ||
               domain_0_comes_back((unsigned)o->a, MODEL_SCHEDULE, (struct model_domain_entry){0, 0});
    }
    return true;
}

/* False: the kernel gave the system call up. */
static bool operate(const struct operation *operation)
{
    int caller = model.current;
    struct model_answer answer = {.error = KAAL_NO_ERROR};
    struct fixture_registers registers;
    bool accepted = model_enter_syscall(host_machine.state.now);

    seeded_does(kinds[operation->kind].name);
    if (accepted) {
        answer = model_operation(operation);
        if (operation->kind == CONFIGURE && answer.error == KAAL_NO_ERROR) {
            property_configured(operation->a, host_machine.state.now);
        } else if (operation->kind == SET_DOMAIN && answer.error == KAAL_NO_ERROR) {
            property_domain_set(operation->a);
        }
    }
    model_leave();
    registers = perform(&operation->request);
    check();
    if (accepted) {
        compare_outcome(operation, &registers, &answer, caller);
    }
    return accepted;
}

/* ---- Interrupts and time ---- */

static struct {
    bool pending;
    bool masked; /* between delivery and Ack */
} lines[WORLD_LINES];

static void take_interrupts(void)
{
    while (machine_irq_signalled()) {
        bool timer = host_machine.state.deadline <= host_machine.state.now;
        int line = lines[0].pending && !lines[0].masked ? 0 : 1;

        seeded_does(timer ? "timer interrupt" : "device interrupt");
        model_enter_interrupt(host_machine.state.now);
        if (timer) {
            model_timer_interrupt();
        } else {
            lines[line].pending = false;
            lines[line].masked = true;
            model_signal(line, world_badge(line));
        }
        model_leave();
        fixture_take_interrupt();
        check();
    }
}

static void pulse(int line)
{
    lines[line].pending = true;
    machine_line_pulse(WORLD_FIRST_LINE + (uint32_t)line);
    take_interrupts();
}

/* Time passes; interrupts come at their times. */
static void advance(ticks duration)
{
    ticks end = host_machine.state.now + duration;

    while (host_machine.state.now < end) {
        ticks now = host_machine.state.now;
        ticks next = machine_next_event() < end ? machine_next_event() : end;

        seeded_does("time passes");
        property_time_passes(now, next);
        machine_advance(next - now);
        take_interrupts();
    }
}

static ticks any_duration(void)
{
    static const unsigned octaves[] = {4, 10, 11, 12, 14, 16, 17, 20};

    return any_time(1, octaves[seeded_below(8)]);
}

/* ---- Events ---- */

/* Root waits for line 0; nobody runs: either time brings somebody back, or the line does. */
static void idle(void)
{
    if (model.deadline != UINT64_MAX && model.deadline - model.now < machine_ticks(100000) &&
        !seeded_one_in(3)) {
        advance(model.deadline - model.now);
    } else if (!lines[0].masked && !lines[0].pending) {
        pulse(0);
    } else {
        advance(any_duration());
    }
}

static void root_waits(void)
{
    struct operation operation = {.kind = WAIT, .a = 0, .b = 0};

    operation.blocking = true;
    operation.request = (struct request){.number = KAAL_SYS_WAIT, .cptr = world.notification[0]};
    operate(&operation);
}

static void acknowledge(int line)
{
    struct operation operation = {.kind = ACKNOWLEDGE, .a = line};

    operation.request = call(world.handler[line], kaal_label_irq_handler_ack);
    if (operate(&operation)) {
        lines[line].masked = false;
    }
}

static void run_thread(void)
{
    struct operation operation = prepare(any_kind());

    if (model.current == 0 && operation.blocking) {
        return; /* root waits for nothing but notification 0 */
    }
    if (keeps_root_alive(&operation)) {
        operate(&operation);
        take_interrupts();
    }
}

static void run_root(void)
{
    for (int line = 0; line < WORLD_LINES; line++) {
        if (lines[line].masked) {
            acknowledge(line);
            take_interrupts();
            return;
        }
    }
    if (seeded_one_in(4)) {
        root_waits();
        take_interrupts();
    } else {
        run_thread();
    }
}

static void event(void)
{
    if (model.current == NOBODY) {
        idle();
    } else if (seeded_one_in(3)) {
        advance(any_duration());
    } else if (seeded_one_in(30)) {
        pulse((int)seeded_below(WORLD_LINES));
    } else if (model.current == 0) {
        run_root();
    } else {
        run_thread();
    }
}

static void summary(void)
{
    printf("%lu kernel entries, %lu s of simulated time", entries,
           (unsigned long)(host_machine.state.now / MACHINE_TIMER_FREQUENCY));
}

int main(int argument_count, char **arguments)
{
    static const struct seeded_test test = {.name = "sched",
                                            .claim = "the_core_schedules_as_the_model_does",
                                            .events = DEFAULT_EVENTS,
                                            .create = world_create,
                                            .event = event,
                                            .summary = summary};

    return seeded_main(&test, argument_count, arguments);
}
