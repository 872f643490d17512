#define _GNU_SOURCE
#include "plan.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The grid of the tape: src/rostra/core/samples.py. */
static const int64_t QUANTUM_NS = 320000000;
enum { QUANTA_PER_SEGMENT = 12, QUANTA_PER_PART = 2, PARTS_PER_SEGMENT = 6 };

static const struct option OPTIONS[] = {
    {"kind", required_argument, 0, 'k'},   {"port", required_argument, 0, 'p'},
    {"paths", required_argument, 0, 'f'},  {"first-source", required_argument, 0, 's'},
    {"anchor-ns", required_argument, 0, 'a'}, {"cadence-ms", required_argument, 0, 'c'},
    {"most-waiting", required_argument, 0, 'w'}, {"tls", no_argument, 0, 't'},
    {"stretch", required_argument, 0, 'n'},
    {0, 0, 0, 0},
};

static void fail(const char *what) {
    fprintf(stderr, "listeners: %s\n", what);
    exit(2);
}

static enum plan_kind read_kind(const char *name) {
    if (strcmp(name, "segments") == 0)
        return SEGMENTS;
    if (strcmp(name, "marked") == 0)
        return MARKED;
    if (strcmp(name, "reloads") == 0)
        return RELOADS;
    if (strcmp(name, "endless") != 0)
        fail("--kind is segments, marked, endless or reloads");
    return ENDLESS;
}

static void read_paths(struct plan *self, const char *name) {
    FILE *file = fopen(name, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    if (!file)
        fail("the file of paths cannot be read");
    while ((length = getline(&line, &room, file)) > 1) {
        line[length - 1] = 0;
        self->paths = realloc(self->paths, (self->count + 1) * sizeof *self->paths);
        self->paths[self->count++] = strdup(line);
    }
    free(line);
    fclose(file);
}

struct plan plan_read(int argc, char **argv) {
    struct plan self = {.server = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
                        .first_source = INADDR_LOOPBACK + 1, .stretch = 1};
    struct in_addr source;
    int option;
    while ((option = getopt_long(argc, argv, "", OPTIONS, NULL)) != -1) {
        switch (option) {
        case 'k': self.kind = read_kind(optarg); break;
        case 'p': self.server.sin_port = htons(atoi(optarg)); break;
        case 'f': read_paths(&self, optarg); break;
        case 's':
            if (!inet_aton(optarg, &source))
                fail("--first-source is no address");
            self.first_source = ntohl(source.s_addr);
            break;
        case 'a': self.anchor_ns = atoll(optarg); break;
        case 'c': self.cadence_ns = atoll(optarg) * 1000000; break;
        case 'w': self.most_waiting = atoi(optarg); break;
        case 't': self.tls = 1; break;
        case 'n': self.stretch = atoi(optarg); break;
        default: exit(2);
        }
    }
    if (!self.count || !self.server.sin_port || self.stretch < 1)
        fail("--port and --paths are needed, and --stretch is 1 or more");
    return self;
}

struct place plan_place(const struct plan *self, int64_t at_ns) {
    int64_t quantum = (at_ns - self->anchor_ns) / QUANTUM_NS;
    return (struct place){quantum / QUANTA_PER_SEGMENT, quantum % QUANTA_PER_SEGMENT / QUANTA_PER_PART};
}

/* As src/rostra/core/samples.py has it, but with as many deals as segments: each border has its share. */
static int64_t last_of_stretch(const struct plan *self, unsigned listener, int64_t first) {
    return first + self->stretch - 1 - (first + listener) % self->stretch;
}

struct place plan_next(const struct plan *self, unsigned listener, struct place place) {
    if (self->kind == RELOADS) {
        if (++place.part < PARTS_PER_SEGMENT)
            return place;
        return (struct place){place.segment + 1, 0};
    }
    return (struct place){last_of_stretch(self, listener, place.segment) + 1, 0};
}

int plan_request(const struct plan *self, unsigned listener, struct place place, char *out, size_t size) {
    static const char REST[] = " HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: */*\r\n";
    const char *path = self->paths[listener];
    if ((self->kind == SEGMENTS || self->kind == MARKED) && self->stretch == 1)
        return snprintf(out, size, "GET %s%lld.m4s%s\r\n", path, (long long)place.segment, REST);
    if (self->kind == SEGMENTS || self->kind == MARKED)
        return snprintf(out, size, "GET %s%lld-%lld.m4s%s\r\n", path, (long long)place.segment,
                        (long long)last_of_stretch(self, listener, place.segment), REST);
    if (self->kind == RELOADS)
        return snprintf(out, size, "GET %slive.m3u8?_HLS_msn=%lld&_HLS_part=%d%s\r\n", path,
                        (long long)place.segment, place.part, REST);
    /* nchan sends chunks to those who say that they take them. */
    return snprintf(out, size, "GET %s%sTE: chunked\r\n\r\n", path, REST);
}

int64_t plan_due_ns(const struct plan *self, struct place place, int index) {
    return self->anchor_ns + (place.segment * QUANTA_PER_SEGMENT + index + 1) * QUANTUM_NS;
}

int64_t plan_allowance_ns(const struct plan *self) {
    return self->cadence_ns > QUANTUM_NS ? self->cadence_ns - QUANTUM_NS : 0;
}
