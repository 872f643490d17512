/* One HTTP/1.1 response read in pieces: head, then a body that is chunked, counted or ends with the
 * connection. Knows nothing of sockets. Source: RFC 9112, sections 6 and 7. */
#ifndef RESPONSE_H
#define RESPONSE_H

#include <stddef.h>
#include <stdint.h>

enum { RESPONSE_HEAD_BYTES = 1536 };

enum response_phase { HEAD, SIZE_LINE, CHUNK, CHUNK_END, LAST_LINE, COUNTED, UNTIL_CLOSE, OVER, BROKEN };

struct response {
    enum response_phase phase;
    int status;         /* 0 until the head is whole */
    uint64_t remaining; /* of the chunk, or of the counted body */
    uint16_t have;      /* bytes in `line` */
    char line[RESPONSE_HEAD_BYTES];
};

/* What becomes of body bytes. */
typedef void response_body(void *listener, const uint8_t *data, size_t size);

void response_reset(struct response *self);

/* Takes bytes until the response is over or they are used up; returns how many it took. */
size_t response_take(struct response *self, const uint8_t *data, size_t size, response_body *body, void *of);

#endif
