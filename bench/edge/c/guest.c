#define _GNU_SOURCE
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *value(const char *json, const char *key) {
    const char *found = strstr(json, key);
    return found ? found + strlen(key) : NULL;
}

static void copy(char *into, size_t room, const char *from) {
    size_t length = from ? strcspn(from, "\"") : 0;
    if (length >= room)
        length = 0;
    memcpy(into, from ? from : "", length);
    into[length] = 0;
}

int guest_request(const struct guest *self, const char *space, char *out, size_t size) {
    char body[PLACE_CHARS + 64] = "";
    if (self->does == LISTENS)
        return snprintf(out, size, "GET %sradio.aac HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", self->base);
    if (self->does == OPENS)
        return snprintf(out, size,
                        "GET /s/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n"
                        "Accept-Encoding: gzip\r\nAccept-Language: en\r\n\r\n",
                        space);
    if (self->does == ASKS)
        return snprintf(out, size, "GET /s/%s/status.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", space);
    if (self->place[0])
        snprintf(body, sizeof body, "{\"place\":\"%s\"}", self->place);
    else
        snprintf(body, sizeof body, "{\"nonce\":\"c3RhbXBlZGVfc3RhbXBlZGU%c\"}", 'A' + self->source % 26);
    return snprintf(out, size,
                    "POST /s/%s/join HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    "Content-Length: %zu\r\n\r\n%s",
                    space, strlen(body), body);
}

static enum guest_told joined(struct guest *self, const char *said, int *again_ms, enum guest_comes *comes) {
    const char *base = value(said, "\"base\":\""), *number = value(said, "\"number\":");
    if (strstr(said, "\"admitted\":true") && base) {
        const char *path = strstr(base, "/t/");
        copy(self->base, sizeof self->base, path);
        return self->base[0] ? ADMITTED : NONSENSE;
    }
    const char *place = value(said, "\"place\":\""), *line = value(said, "\"line\":");
    const char *again = value(said, "\"again_ms\":");
    if (!place || !number || !line || !again)
        return NONSENSE;
    copy(self->place, sizeof self->place, place);
    self->number = *number == 'n' ? -1 : atoll(number);
    self->line = (uint8_t)(atoi(line) % 3);
    *again_ms = atoi(again);
    *comes = strstr(said, "\"due\":true") ? DUE : *again_ms <= 2000 ? OWED : NOT_YET;
    return self->place[0] ? PLACED : NONSENSE;
}

/* Near its turn a page asks every 8 s, else as often as it is told; called, it claims at once. */
static enum guest_told news(struct guest *self, const char *said, int *again_ms, int *places) {
    const char *serving = value(said, "\"serving\":["), *poll = value(said, "\"poll_ms\":");
    const char *near = value(said, "\"near\":["), *all = value(said, "\"places\":");
    *again_ms = poll ? atoi(poll) : 8000;
    if (all)
        *places = atoi(all);
    if (!serving) { /* nobody waits: there may be room */
        *again_ms = strstr(said, "\"state\":\"live\"") ? 0 : *again_ms;
        return strstr(said, "\"state\"") ? NEWS : NONSENSE;
    }
    long long called[3] = {0}, soon[3] = {0};
    sscanf(serving, "%lld,%lld,%lld", &called[0], &called[1], &called[2]);
    if (near)
        sscanf(near, "%lld,%lld,%lld", &soon[0], &soon[1], &soon[2]);
    if (self->number < 0) {
        *again_ms = strstr(said, "\"drawn\":true") ? 0 : *again_ms;
        return NEWS;
    }
    if (self->number < called[self->line])
        *again_ms = 0;
    else if (self->number < soon[self->line] && *again_ms > 8000)
        *again_ms = 8000;
    return NEWS;
}

enum guest_told guest_take(struct guest *self, int *again_ms, enum guest_comes *comes, int *places) {
    const char *said = self->visit->body;
    if (self->visit->response.status != 200)
        return NONSENSE;
    if (self->does == OPENS)
        return NEWS;
    return self->does == ASKS ? news(self, said, again_ms, places) : joined(self, said, again_ms, comes);
}
