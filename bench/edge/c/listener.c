#define _GNU_SOURCE
#include "listener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

/* In front of each payload of the endless streams: this, then when it was sent (UTC ns). */
static const char MARKER[] = "ROSTRA-BENCH:";
enum { REQUEST_BYTES = 2048, READ_BYTES = 65536 };

static void watch(struct listener *self, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = self};
    epoll_ctl(self->hall->epoll, operation, self->wire.fd, &event);
}

static void leave(struct listener *self, int refused) {
    struct hall *hall = self->hall;
    hall->connecting -= self->state == CONNECTING;
    hall->hearing -= self->state == HEARING;
    hall->open--;
    hall->last_status = refused ? self->response.status : 0;
    hall->tally.refused += refused;
    hall->tally.lost += !refused;
    if (self->state == HEARING)
        hall->broken_off++;
    else
        hall->turned_away++;
    wire_close(&self->wire);
    self->state = GONE;
    if (self->attempts < LISTENER_ATTEMPTS) {
        self->next_again = hall->again;
        hall->again = self;
    }
}

static int ask(struct listener *self) {
    char request[REQUEST_BYTES];
    int size = plan_request(&self->hall->plan, self->number, self->place, request, sizeof request);
    response_reset(&self->response);
    memset(&self->boxes, 0, sizeof self->boxes);
    self->chunks = 0;
    return size < (int)sizeof request ? wire_send(&self->wire, request, size) : WIRE_GONE;
}

void listener_start(struct listener *self) {
    struct hall *hall = self->hall;
    self->state = CONNECTING;
    self->attempts++;
    hall->connecting++;
    hall->open++;
    if (wire_open(&self->wire, &hall->plan.server, hall->plan.first_source + self->number, hall->tls)) {
        leave(self, 0);
        return;
    }
    watch(self, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

/* The marker may lie across two reads; such a one is not counted. */
static void read_markers(struct listener *self, const uint8_t *data, size_t size) {
    const uint8_t *end = data + size, *at;
    while ((at = memmem(data, end - data, MARKER, sizeof MARKER - 1))) {
        data = at + sizeof MARKER - 1;
        if (end - data >= 20)
            tally_late(&self->hall->tally, now_ns() - atoll((const char *)data), 1);
    }
}

static void take_body(void *of, const uint8_t *data, size_t size) {
    struct listener *self = of;
    struct hall *hall = self->hall;
    hall->tally.bytes += size;
    if (hall->plan.kind == ENDLESS || hall->plan.kind == MARKED)
        read_markers(self, data, size);
    if (hall->plan.kind != SEGMENTS)
        return;
    int ended = boxes_take(&self->boxes, data, size);
    if (ended && !self->fresh)
        self->oldest_ns = plan_due_ns(&hall->plan, self->place, self->chunks);
    self->chunks += ended;
    self->fresh += ended;
}

static void hear(struct listener *self) {
    if (self->state == ASKED) {
        self->state = HEARING;
        self->hall->hearing++;
    }
}

/* Takes what was read; returns 0, or WIRE_GONE when this listener is done for. */
static int take(struct listener *self, const uint8_t *data, size_t size) {
    while (size > 0) {
        size_t took = response_take(&self->response, data, size, take_body, self);
        data += took;
        size -= took;
        if (self->response.phase == BROKEN || (self->response.status && self->response.status != 200))
            return WIRE_GONE;
        if (self->response.phase == OVER) {
            hear(self);
            self->hall->tally.answers++;
            self->place = plan_next(&self->hall->plan, self->number, self->place);
            if (ask(self))
                return WIRE_GONE;
        }
    }
    return 0;
}

/* All chunks of one write came as late as the first of them. */
static void account(struct listener *self) {
    struct hall *hall = self->hall;
    hall->tally.deliveries++;
    hear(self);
    if (self->fresh)
        tally_late(&hall->tally, now_ns() - self->oldest_ns - plan_allowance_ns(&hall->plan), self->fresh);
    self->fresh = 0;
}

static void read_all(struct listener *self) {
    static uint8_t buffer[READ_BYTES];
    uint64_t before = self->hall->tally.bytes;
    ssize_t got;
    do {
        got = wire_read(&self->wire, buffer, sizeof buffer);
        if (got > 0 && take(self, buffer, got)) {
            leave(self, self->response.status && self->response.status != 200);
            return;
        }
    } while (got == sizeof buffer || (got > 0 && self->wire.ssl));
    if (self->hall->tally.bytes > before)
        account(self);
    if (got == WIRE_GONE)
        leave(self, 0);
}

static void shake(struct listener *self) {
    struct hall *hall = self->hall;
    int result = wire_shake(&self->wire);
    if (result == WIRE_AGAIN) {
        watch(self, EPOLL_CTL_MOD, EPOLLIN); /* TLS waits for the server's turn */
        return;
    }
    self->place = plan_place(&hall->plan, now_ns());
    if (result || ask(self)) {
        leave(self, 0);
        return;
    }
    hall->connecting--;
    self->state = ASKED;
    watch(self, EPOLL_CTL_MOD, EPOLLIN);
}

void listener_ready(struct listener *self) {
    if (self->state == CONNECTING)
        shake(self);
    else if (self->state == ASKED || self->state == HEARING)
        read_all(self);
}
