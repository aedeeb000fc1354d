/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The sporadic server in plain lists.
 */
#include "tests/model/sched_server.h"

#include <assert.h>

ticks server_minimum;

static struct server_refill take_first(struct server *server)
{
    struct server_refill first = server->list[0];

    assert(server->count > 0);
    server->count--;
    for (unsigned i = 0; i < server->count; i++) {
        server->list[i] = server->list[i + 1];
    }
    return first;
}

static void put_last(struct server *server, ticks time, ticks amount)
{
    assert(server->count < server->most);
    server->list[server->count] = (struct server_refill){time, amount};
    server->count++;
}

/* docs/spec/scheduling.md 5.3 "recycle": the amount is usable again one period after the time it came from.
 */
static void recycle(struct server *server, ticks amount, ticks from)
{
    ticks time = from + server->period;
    struct server_refill *tail = &server->list[server->count - 1];

    if (server->count == 0) {
        put_last(server, time, amount);
    } else if (tail->time + tail->amount >= time) {
        tail->amount += amount;
    } else if (server->count < server->most) {
        put_last(server, time, amount);
    } else {
        tail->time = time - tail->amount;
        tail->amount += amount;
    }
}

void server_charge(struct server *server, ticks used)
{
    if (server->round_robin) {
        server->slice_left =
            used + server_minimum <= server->slice_left ? server->slice_left - used : server->budget;
        return;
    }
    while (used > 0 && used >= server->list[0].amount) {
        struct server_refill first = take_first(server);

        used -= first.amount;
        recycle(server, first.amount, first.time);
    }
    if (used > 0) {
        ticks from = server->list[0].time;

        server->list[0].time += used;
        server->list[0].amount -= used;
        recycle(server, used, from);
    }
    while (server->list[0].amount < server_minimum) {
        struct server_refill first = take_first(server);

        server->list[0].time -= first.amount;
        server->list[0].amount += first.amount;
    }
}

bool server_unblock(struct server *server, ticks now)
{
    if (server->round_robin || server->list[0].time > now) {
        return false;
    }
    server->list[0].time = now;
    while (server->count > 1 && server->list[1].time <= server->list[0].time + server->list[0].amount) {
        struct server_refill first = take_first(server);

        server->list[0].time = first.time;
        server->list[0].amount += first.amount;
    }
    return true;
}

/* Last row of docs/spec/scheduling.md 5.2: of a server in use only the head survives. */
static void update(struct server *server, const struct server_parameters *parameters, ticks now)
{
    struct server_refill head = {now, server_head(server)};

    if (!server_ready(server, now)) {
        head.time = server->list[0].time;
    }
    server->count = 0;
    server->most = 2 + parameters->extra;
    if (head.amount >= parameters->budget) {
        put_last(server, head.time, parameters->budget);
    } else {
        put_last(server, head.time, head.amount);
        put_last(server, head.time + parameters->period, parameters->budget - head.amount);
    }
}

void server_configure(struct server *server, const struct server_parameters *parameters, bool in_use,
                      ticks now)
{
    if (parameters->budget == parameters->period) {
        server->slice_left = parameters->budget;
    } else if (in_use) {
        update(server, parameters, now);
    } else {
        server->count = 0;
        server->most = 2 + parameters->extra;
        put_last(server, now, parameters->budget);
    }
    server->configured = true;
    server->round_robin = parameters->budget == parameters->period;
    server->sporadic = parameters->sporadic;
    server->budget = parameters->budget;
    server->period = parameters->period;
    server->data = parameters->data;
}

bool server_ready(const struct server *server, ticks now)
{
    return server->round_robin || server->list[0].time <= now;
}

ticks server_head(const struct server *server)
{
    return server->round_robin ? server->slice_left : server->list[0].amount;
}

bool server_sufficient(const struct server *server, ticks used)
{
    return server_head(server) >= used + server_minimum;
}
