/* What every listener of a generator does: where to, how, what to ask for next. Read once, then fixed. */
#ifndef PLAN_H
#define PLAN_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

enum plan_kind {
    SEGMENTS, /* live segments, a stretch of them after the other on one connection */
    MARKED,   /* the same of a server that sends no boxes, with a marker in each payload */
    ENDLESS,  /* one answer that never ends, with a marker in each payload */
    RELOADS   /* blocking reloads of a playlist, one part after the other */
};

struct plan {
    enum plan_kind kind;
    int tls;
    struct sockaddr_in server;
    uint32_t first_source; /* 127.x.y.z in host order; each listener has the next one */
    int64_t anchor_ns;     /* UTC of media time zero */
    int64_t cadence_ns;    /* the audio one write carries */
    int stretch;           /* segments in one request */
    unsigned most_waiting; /* who have not heard anything yet; 0: any number */
    unsigned count;
    char **paths; /* one per listener */
};

/* Where a listener is in the programme. */
struct place {
    int64_t segment;
    int part;
};

/* Reads the command line; exits with a message when it is wrong. */
struct plan plan_read(int argc, char **argv);

/* The place that is in the making at `at_ns`. */
struct place plan_place(const struct plan *self, int64_t at_ns);
/* What a listener asks for next. Listeners take turns: of a stretch's borders each has every so many in one. */
struct place plan_next(const struct plan *self, unsigned listener, struct place place);

/* Writes a request; returns its length. */
int plan_request(const struct plan *self, unsigned listener, struct place place, char *out, size_t size);

/* When chunk `index` (from 0) of an answer ends, UTC. */
int64_t plan_due_ns(const struct plan *self, struct place place, int index);
/* A chunk may wait this long for the write that carries it. */
int64_t plan_allowance_ns(const struct plan *self);

#endif
