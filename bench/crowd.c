/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Many threads.
 */
#include "bench/crowd.h"

#include <stdio.h>
#include <stdlib.h>

enum { RAM_BITS = 27, ROOT_CNODE_BITS = 16, SLICE_US = 5000 };

struct crowd crowd;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "crowd: %s\n", what);
    exit(2);
}

/* Objects of one type in new slots that follow each other. */
static kaal_cptr_t make(enum kaal_object_type type, unsigned size_bits, unsigned count)
{
    kaal_cptr_t first = fixture_new_slot();

    for (unsigned i = 1; i < count; i++) {
        fixture_new_slot();
    }
    for (unsigned done = 0; done < count; done += KAAL_RETYPE_MAX_OBJECTS) {
        unsigned number = count - done < KAAL_RETYPE_MAX_OBJECTS ? count - done : KAAL_RETYPE_MAX_OBJECTS;
        fixture_do(fixture_untyped(), kaal_label_untyped_retype,
                   FIXTURE_LIST(type, size_bits, 0, 0, first + done, number), FIXTURE_LIST(KAAL_BOOT_CNODE));
    }
    return first;
}

void crowd_create(void)
{
    struct machine_config config = fixture_config();

    config.ram_bytes = bit(RAM_BITS);
    config.params.root_cnode_bits = ROOT_CNODE_BITS;
    config.params.log_level = 0;
    fixture_boot(&config);
    crowd.endpoint = make(KAAL_OBJECT_ENDPOINT, 0, 1);
    crowd.notification = make(KAAL_OBJECT_NOTIFICATION, 0, 1);
    crowd.bell = make(KAAL_OBJECT_NOTIFICATION, 0, 1);
    crowd.bell_handler = fixture_interrupt(CROWD_LINE, crowd.bell);
    crowd.tcb = make(KAAL_OBJECT_TCB, 0, CROWD_MOST);
    crowd.context = make(KAAL_OBJECT_SCHED_CONTEXT, KAAL_SCHED_CONTEXT_MIN_BITS, CROWD_MOST);
    for (unsigned i = 0; i < CROWD_MOST; i++) {
        fixture_do(crowd.tcb + i, kaal_label_tcb_set_space, FIXTURE_LIST(0, 0),
                   FIXTURE_LIST(0, KAAL_BOOT_CNODE, KAAL_BOOT_VSPACE));
        fixture_do(fixture_bootinfo()->sched_control.start, kaal_label_sched_control_configure_flags,
                   FIXTURE_LIST(SLICE_US, SLICE_US, 0, 0, 0), FIXTURE_LIST(crowd.context + i));
        fixture_do(crowd.tcb + i, kaal_label_tcb_set_sched_params, FIXTURE_LIST(0, 0),
                   FIXTURE_LIST(KAAL_BOOT_TCB, crowd.context + i, 0));
    }
}

struct tcb *crowd_thread(unsigned i)
{
    return fixture_tcb(crowd.tcb + i);
}

void crowd_resume(unsigned i)
{
    fixture_do(crowd.tcb + i, kaal_label_tcb_resume, FIXTURE_NONE, FIXTURE_NONE);
}

void crowd_suspend(unsigned i)
{
    fixture_do(crowd.tcb + i, kaal_label_tcb_suspend, FIXTURE_NONE, FIXTURE_NONE);
}

void crowd_set_priority(unsigned i, unsigned priority)
{
    fixture_do(crowd.tcb + i, kaal_label_tcb_set_priority, FIXTURE_LIST(priority),
               FIXTURE_LIST(KAAL_BOOT_TCB));
}

void crowd_act(unsigned i, unsigned priority, enum kaal_syscall number, kaal_cptr_t cptr, kaal_cptr_t reply)
{
    struct fixture_registers registers = {
        .x = {cptr, [REG_REPLY] = reply, [REG_SYSCALL] = (kaal_word_t)(int64_t)number}};

    crowd_set_priority(i, KAAL_MAX_PRIORITY);
    crowd_resume(i);
    fixture_switch_to(crowd_thread(i));
    fixture_syscall(&registers);
    if (fixture_current() != fixture_root()) {
        give_up("a thread does not stop");
    }
    crowd_set_priority(i, priority);
}

/* Not the generator of tests/kit/random.h: figures that are compared with earlier ones need the same choices.
 */
unsigned crowd_random(unsigned limit)
{
    static uint64_t random = 1;

    random = random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random >> 33) % limit;
}
