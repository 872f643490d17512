/* A crowd in one process: as many listeners as there are paths, each from its own 127.x.y.z, on epoll.
 *
 * Says `ready N AWAY BROKEN STATUS` once N hear and the others are gone for good (each tries three times):
 * how often some were turned away before they heard anything, or broken off after, and the last status they
 * got. On `begin` and `end` on standard input it counts in between and prints one JSON line. It leaves when
 * standard input ends. */
#define _GNU_SOURCE
#include "listener.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 1024, TICK_MS = 5, AT_ONCE = 400, AT_ONCE_TLS = 100 };

/* Newcomers first; who was turned away comes back when all have been here once. */
static struct listener *next_to_start(struct hall *hall, struct listener *all, unsigned *started) {
    struct listener *next = hall->again;
    if (*started < hall->plan.count)
        return &all[(*started)++];
    if (next)
        hall->again = next->next_again;
    return next;
}

static void start_some(struct hall *hall, struct listener *all, unsigned *started) {
    struct listener *next;
    unsigned at_once = hall->tls ? AT_ONCE_TLS : AT_ONCE;
    unsigned most_waiting = hall->plan.most_waiting ? hall->plan.most_waiting : hall->plan.count;
    while (hall->connecting < at_once && hall->open - hall->hearing < most_waiting &&
           (next = next_to_start(hall, all, started)))
        listener_start(next);
}

static void tell_when_ready(struct hall *hall, unsigned started, int *told) {
    if (*told || started < hall->plan.count || hall->again || hall->hearing < hall->open)
        return;
    *told = 1;
    printf("ready %u %u %u %d\n", hall->hearing, hall->turned_away, hall->broken_off, hall->last_status);
    fflush(stdout);
}

static void obey(struct hall *hall) {
    char line[64];
    ssize_t got = read(0, line, sizeof line - 1);
    if (got <= 0)
        exit(0);
    line[got] = 0;
    if (strcmp(line, "begin\n") == 0)
        tally_begin(&hall->tally);
    else if (strcmp(line, "end\n") == 0)
        tally_end(&hall->tally, hall->open, stdout);
}

static struct listener *seat(struct hall *hall) {
    struct listener *all = calloc(hall->plan.count, sizeof *all);
    for (unsigned number = 0; number < hall->plan.count; number++) {
        all[number].hall = hall;
        all[number].number = number;
    }
    return all;
}

int main(int argc, char **argv) {
    static struct hall hall;
    static struct epoll_event events[EVENTS];
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL};
    unsigned started = 0;
    int told = 0, got = 0;
    signal(SIGPIPE, SIG_IGN);
    hall.plan = plan_read(argc, argv);
    hall.tls = hall.plan.tls ? wire_context() : NULL;
    hall.epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(hall.epoll, EPOLL_CTL_ADD, 0, &commands);
    struct listener *all = seat(&hall);
    for (;;) {
        int caught_up = got < EVENTS;
        start_some(&hall, all, &started);
        got = epoll_wait(hall.epoll, events, EVENTS, started < hall.plan.count || hall.again ? TICK_MS : -1);
        tally_woke(&hall.tally, caught_up);
        for (int at = 0; at < got; at++) {
            if (events[at].data.ptr)
                listener_ready(events[at].data.ptr);
            else
                obey(&hall);
        }
        tally_worked(&hall.tally);
        tell_when_ready(&hall, started, &told);
    }
}
