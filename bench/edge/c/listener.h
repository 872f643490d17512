/* One listener: connects, asks, reads what comes and throws it away, asks for what follows. */
#ifndef LISTENER_H
#define LISTENER_H

#include "boxes.h"
#include "plan.h"
#include "response.h"
#include "tally.h"
#include "wire.h"

enum { LISTENER_ATTEMPTS = 3 };

enum listener_state { AWAY, CONNECTING, ASKED, HEARING, GONE };

/* What all listeners of a process share. */
struct hall {
    struct plan plan;
    struct tally tally;
    SSL_CTX *tls;
    int epoll;
    unsigned connecting, hearing, open;
    unsigned turned_away; /* before they heard anything */
    unsigned broken_off;  /* after */
    int last_status;      /* of the last such; 0: the connection broke */
    struct listener *again; /* who will try once more, newest first */
};

struct listener {
    struct hall *hall;
    unsigned number;
    enum listener_state state;
    struct wire wire;
    unsigned attempts;
    struct listener *next_again;
    struct place place;
    struct response response;
    struct boxes boxes;
    int chunks;           /* of this answer so far */
    unsigned fresh;       /* chunks ended in what is being read now */
    int64_t oldest_ns;    /* when the first of them was due */
};

void listener_start(struct listener *self);
/* The socket is ready. */
void listener_ready(struct listener *self);

#endif
