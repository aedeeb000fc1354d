/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The sporadic server as docs/spec/scheduling.md 5 describes it, in plain lists and
 * exact integers. Written from the text, not from core/sched; obvious rather
 * than fast.
 */
#ifndef TESTS_MODEL_SCHED_SERVER_H
#define TESTS_MODEL_SCHED_SERVER_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t ticks;

enum { SERVER_MAX_REFILLS = 16 };

struct server_refill {
    ticks time;
    ticks amount;
};

struct server {
    bool configured;
    bool round_robin;
    bool sporadic;
    ticks budget;
    ticks period;
    unsigned most; /* refills that may be in the list */
    unsigned count;
    struct server_refill list[SERVER_MAX_REFILLS];
    ticks slice_left; /* round robin only */
    ticks consumed;
    uint64_t data; /* of timeout faults */
};

struct server_parameters {
    ticks budget;
    ticks period;
    unsigned extra;
    uint64_t data;
    bool sporadic;
};

/* What a charge leaves at the head must be at least this, ticks. */
extern ticks server_minimum;

/* docs/spec/scheduling.md 5.2. in_use: the server is configured and its thread is runnable. */
void server_configure(struct server *server, const struct server_parameters *parameters, bool in_use,
                      ticks now);

/* docs/spec/scheduling.md 5.3, 5.5: changes the refills, not the consumed counter. */
void server_charge(struct server *server, ticks used);

/* docs/spec/scheduling.md 5.4. True: something was done. */
bool server_unblock(struct server *server, ticks now);

bool server_ready(const struct server *server, ticks now);
bool server_sufficient(const struct server *server, ticks used);

/* What the head holds, or is left of the slice. */
ticks server_head(const struct server *server);

#endif
