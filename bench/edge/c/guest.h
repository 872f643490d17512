/* One of a crowd at the door, as an open page behaves: opens the page, joins, waits in line, claims when called,
 * listens, leaves. Knows what the door's answers say; knows nothing of the loop. docs/architecture.md, "The waiting room". */
#ifndef GUEST_H
#define GUEST_H

#include "response.h"
#include "wire.h"

#include <stdint.h>

enum { PLACE_CHARS = 128, PATH_CHARS = 160, BODY_BYTES = 4096 };

enum guest_does { COMES, OPENS, JOINS, WAITS, ASKS, CLAIMS, LISTENS, LEFT };

/* What is only needed while a connection is open. */
struct visit {
    struct wire wire;
    struct response response;
    int connected, asked, kept; /* `kept`: an answer came on this connection before */
    int64_t asked_ns;
    int size;
    char body[BODY_BYTES];
};

struct guest {
    struct guest *next; /* in a slot of the clock */
    struct visit *visit;
    int64_t heard_ns; /* when audio came last */
    int64_t number;   /* -1 before the draw */
    uint32_t source;  /* 127.x.y.z, host order */
    int32_t tries;
    uint8_t does, line, told; /* `told`: has got a place or a ticket */
    char place[PLACE_CHARS];
    char base[PATH_CHARS]; /* where its audio is */
};

/* What an answer of the door means for a guest. */
enum guest_told { ADMITTED, PLACED, NEWS, NONSENSE };
/* Called by then at the latest, as the door says; owed the next place. */
enum guest_comes { NOT_YET, DUE, OWED };

/* Writes the next request of a guest; returns its length. */
int guest_request(const struct guest *self, const char *space, char *out, size_t size);
/* Takes a whole answer. `again_ms` is set to when the guest asks again; 0: claim now. `comes`: whether
 * it brings its place then, without asking before whether it is called. */
enum guest_told guest_take(struct guest *self, int *again_ms, enum guest_comes *comes, int *places);

#endif
