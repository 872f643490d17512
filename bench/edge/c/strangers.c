/* Connections to be refused, one request each, as fast as the server lets them: `strangers --port P
 * --paths FILE SLOTS SECONDS`. Counts answers of 4xx and 5xx; prints one JSON line. */
#define _GNU_SOURCE
#include "plan.h"
#include "response.h"
#include "tally.h"
#include "wire.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

enum { EVENTS = 256, SOURCES = 4000, READ_BYTES = 8192, REQUEST_BYTES = 2048 };

struct stranger {
    struct wire wire;
    int asked;
    char status; /* first digit of the answer's; 0 before */
};

static struct plan plan;
static int epoll;
static unsigned turn;
static uint64_t refused, failed;

static void knock(struct stranger *self) {
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = self};
    self->asked = 0;
    self->status = 0;
    while (wire_open(&self->wire, &plan.server, plan.first_source + turn++ % SOURCES, NULL))
        failed++;
    epoll_ctl(epoll, EPOLL_CTL_ADD, self->wire.fd, &event);
}

static int ask(struct stranger *self) {
    char request[REQUEST_BYTES];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
    const char *path = plan.paths[turn % plan.count]; /* with a method before it, or else got */
    int size = snprintf(request, sizeof request,
                        "%s%s HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                        *path == '/' ? "GET " : "", path);
    self->asked = 1;
    epoll_ctl(epoll, EPOLL_CTL_MOD, self->wire.fd, &event);
    return wire_shake(&self->wire) || wire_send(&self->wire, request, size);
}

/* Returns whether it was shown the door. */
static int listen_to(struct stranger *self) {
    char buffer[READ_BYTES];
    ssize_t got = wire_read(&self->wire, buffer, sizeof buffer);
    if (got > 9 && !self->status)
        self->status = buffer[9];
    return got == WIRE_GONE;
}

static void serve(struct stranger *self) {
    if (!self->asked ? !ask(self) : !listen_to(self))
        return;
    if (self->status == '4' || self->status == '5')
        refused++;
    else
        failed++;
    wire_close(&self->wire);
    knock(self);
}

int main(int argc, char **argv) {
    static struct epoll_event events[EVENTS];
    static struct tally tally;
    signal(SIGPIPE, SIG_IGN);
    plan = plan_read(argc, argv);
    if (argc - optind != 2)
        return 2;
    int slots = atoi(argv[optind]);
    int64_t until = now_ns() + (int64_t)(atof(argv[optind + 1]) * 1e9);
    struct stranger *all = calloc(slots, sizeof *all);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    tally_begin(&tally);
    for (int at = 0; at < slots; at++)
        knock(&all[at]);
    while (now_ns() < until) {
        int got = epoll_wait(epoll, events, EVENTS, 100);
        for (int at = 0; at < got; at++)
            serve(events[at].data.ptr);
    }
    tally.refused = refused;
    tally.lost = failed;
    tally_end(&tally, slots, stdout);
}
