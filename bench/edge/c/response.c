#define _GNU_SOURCE
#include "response.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void response_reset(struct response *self) {
    self->phase = HEAD;
    self->status = 0;
    self->have = 0;
}

static const char *field(const char *head, const char *name) {
    const char *found = strcasestr(head, name);
    return found ? found + strlen(name) : NULL;
}

static void head_done(struct response *self) {
    const char *length;
    self->line[self->have] = 0;
    /* Icecast still answers as HTTP/1.0. */
    self->status = strncmp(self->line, "HTTP/1.", 7) == 0 ? atoi(self->line + 9) : -1;
    if (field(self->line, "\r\nTransfer-Encoding: chunked")) {
        self->phase = SIZE_LINE;
    } else if ((length = field(self->line, "\r\nContent-Length:"))) {
        self->remaining = strtoull(length, NULL, 10);
        self->phase = self->remaining ? COUNTED : OVER;
    } else {
        self->phase = UNTIL_CLOSE;
    }
    self->have = 0;
}

static void line_done(struct response *self) {
    self->line[self->have] = 0;
    if (self->phase == SIZE_LINE) {
        self->remaining = strtoull(self->line, NULL, 16);
        self->phase = self->remaining ? CHUNK : LAST_LINE;
    } else if (self->phase == CHUNK_END) {
        self->phase = SIZE_LINE;
    } else if (self->have == 2) { /* an empty line ends the trailers */
        self->phase = OVER;
    }
    self->have = 0;
}

/* Collects a line, or a whole head, byte by byte: heads are short and seldom. */
static size_t take_text(struct response *self, const uint8_t *data, size_t size) {
    size_t at = 0;
    while (at < size) {
        if (self->have == RESPONSE_HEAD_BYTES - 1) {
            self->phase = BROKEN;
            return at;
        }
        char next = self->line[self->have++] = (char)data[at++];
        if (next != '\n')
            continue;
        if (self->phase != HEAD) {
            line_done(self);
            return at;
        }
        if (self->have >= 4 && memcmp(self->line + self->have - 4, "\r\n\r\n", 4) == 0) {
            head_done(self);
            return at;
        }
    }
    return at;
}

static size_t take_body(struct response *self, const uint8_t *data, size_t size, response_body *body, void *of) {
    size_t step = size;
    if (self->phase != UNTIL_CLOSE && self->remaining < size)
        step = self->remaining;
    body(of, data, step);
    if (self->phase == UNTIL_CLOSE)
        return step;
    self->remaining -= step;
    if (self->remaining == 0)
        self->phase = self->phase == CHUNK ? CHUNK_END : OVER;
    return step;
}

size_t response_take(struct response *self, const uint8_t *data, size_t size, response_body *body, void *of) {
    size_t at = 0;
    while (at < size && self->phase != OVER && self->phase != BROKEN) {
        int is_body = self->phase == CHUNK || self->phase == COUNTED || self->phase == UNTIL_CLOSE;
        at += is_body ? take_body(self, data + at, size - at, body, of)
                      : take_text(self, data + at, size - at);
    }
    return at;
}
