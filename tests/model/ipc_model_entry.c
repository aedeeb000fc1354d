/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The model: reasons to enter the kernel (docs/spec/scheduling.md 4, 6; docs/spec/ipc.md 9.1).
 */
#include "tests/model/ipc_model.h"

word model_next_release(const struct model *model)
{
    int first = plain_first_postponed(&model->plan);

    return first == NONE ? 0 : model->contexts[model->threads[first].sc].ready_at;
}

void model_pass_time(struct model *model)
{
    if (model->plan.current != NONE) {
        struct model_context *context = &model->contexts[model->current_sc];

        model->now += context->budget;
        context->consumed += context->budget;
        model->used_up = true;
    } else if (plain_first_postponed(&model->plan) != NONE) {
        model->now = model_next_release(model);
    }
}

/* False: the budget is used up, and what the current thread wanted is not done now
 * (docs/spec/scheduling.md 4.1). */
static bool may_proceed(struct model *model)
{
    int thread = model->plan.current;

    if (!model->used_up) {
        return true;
    }
    model->used_up = false;
    if (model_end_timeslice(model, true)) {
        model_raise_timeout(model, thread);
    }
    return false;
}

static void restart(struct model *model, int thread)
{
    if (model_runnable(model, thread)) {
        model->threads[thread].state = STATE_RESTART;
    }
}

void model_vm_fault(struct model *model, bool is_fetch, word address, word status)
{
    int thread = model->plan.current;
    struct model_thread *current = &model->threads[thread];

    current->regs[R_FAULT_IP] = current->regs[R_NEXT_IP];
    if (may_proceed(model)) {
        current->fault = (struct model_fault){
            .type = KAAL_FAULT_VM, .address = address, .status = status, .is_fetch = is_fetch};
        model_raise(model, thread, &current->fault_handler);
    } else {
        restart(model, thread);
    }
    model_exit(model);
}

void model_exception(struct model *model, word number)
{
    int thread = model->plan.current;
    struct model_thread *current = &model->threads[thread];

    current->regs[R_FAULT_IP] = current->regs[R_NEXT_IP];
    if (may_proceed(model)) {
        current->fault = (struct model_fault){.type = KAAL_FAULT_USER_EXCEPTION, .address = number};
        model_raise(model, thread, &current->fault_handler);
    } else {
        restart(model, thread);
    }
    model_exit(model);
}

void model_interrupt(struct model *model)
{
    if (model->plan.current != NONE) {
        struct model_thread *current = &model->threads[model->plan.current];

        current->regs[R_FAULT_IP] = current->regs[R_NEXT_IP];
        (void)may_proceed(model);
    }
    if (model->irq_enabled && model->irq_pending) {
        model->irq_pending = false;
        model->irq_enabled = false;
        if (model->irq_cap.type == KAAL_CAP_NOTIFICATION) {
            model_signal(model, model->irq_cap.object, model->irq_cap.badge);
        }
    }
    model_exit(model);
}

void model_syscall(struct model *model)
{
    int thread = model->plan.current;
    struct model_thread *current = &model->threads[thread];

    current->regs[R_FAULT_IP] = current->regs[R_NEXT_IP] - SVC_LENGTH;
    if (may_proceed(model)) {
        model_perform(model, thread);
    } else {
        restart(model, thread);
    }
    model_exit(model);
}
