/* A crowd at the door on real sockets: `stampede --door P --edge P --space S --arrivals N --over S --seconds S
 * --places N [--stay S]`. Everybody behaves as an open page does (guest.h). Prints one JSON line: what became of
 * them, how long the door took, and whether what was heard broke off. */
#define _GNU_SOURCE
#include "guest.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, SLOT_MS = 10, SLOTS = 1 << 15, READ_BYTES = 65536, REQUEST_BYTES = 512, MOST_MS = 20000 };
enum { LOADING_MS = 300, CLAIM_JITTER_MS = 2000, SILENT_MS = 2000, AGAIN_AFTER_LOSS_MS = 1000, TRACE_MS = 100, SPARE_FILES = 100 };
#define MS 1000000LL

static struct sockaddr_in door = {.sin_family = AF_INET}, edge = {.sin_family = AF_INET};
static const char *space = "";
static int arrivals = 1000, places = 0;
static double over_s = 1, seconds = 10, stay_s = 0;

static struct guest *guests, *slots[SLOTS], *queue, *queue_end;
static int connections, most_connections;
static int64_t began_ns, slot_at;
static int epoll, inside, most_inside, holding, untold, places_least = 1 << 30, places_most;
static int64_t full_ns, least_used_ppm = 1000000;
static uint64_t joins, admitted, placed, asked, claims, lost, raced, refused, nonsense, cut, silent, left, gaps, late, starved;
static uint64_t took[4][MOST_MS + 1]; /* of joins, questions, claims, pages: by ms */
static char first_wrong[512];

static int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1000 * MS + at.tv_nsec;
}

static int64_t jittered(int64_t ms) { return ms * (700 + rand() % 300) / 1000; }

static void later(struct guest *self, int64_t ms) {
    int64_t slot = (now_ns() - began_ns) / MS / SLOT_MS + 1 + ms / SLOT_MS;
    if (slot <= slot_at)
        slot = slot_at + 1;
    if (slot >= slot_at + SLOTS)
        slot = slot_at + SLOTS - 1;
    self->next = slots[slot % SLOTS];
    slots[slot % SLOTS] = self;
}

static void hang_up(struct guest *self) {
    if (!self->visit)
        return;
    wire_close(&self->visit->wire);
    free(self->visit);
    self->visit = NULL;
    connections--;
}

/* This process has no descriptor left: those wait for one in order. */
static void queue_up(struct guest *self) {
    starved++;
    self->next = NULL;
    *(queue_end ? &queue_end->next : &queue) = self;
    queue_end = self;
}

static void wrong(const struct guest *self, const char *what) {
    if (!first_wrong[0])
        snprintf(first_wrong, sizeof first_wrong, "%.400s, doing %d, status %d", what, self->does,
                 self->visit ? self->visit->response.status : 0);
}

static void go_in(struct guest *self);

/* The connection ended where an answer was due. A page does what a browser does: asks anew. */
static void broke(struct guest *self) {
    int before = self->visit && self->visit->kept && !self->visit->response.status;
    if (self->does == LISTENS) {
        cut++;
        wrong(self, "audio broke off");
        inside--;
        self->does = LEFT;
        hang_up(self);
        return;
    }
    if (before) {
        raced++;
    } else {
        lost++;
        wrong(self, "no answer");
    }
    hang_up(self);
    later(self, before ? 0 : jittered(AGAIN_AFTER_LOSS_MS * (1 + self->tries++)));
}

static void ask(struct guest *self) {
    char request[REQUEST_BYTES];
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
    struct visit *visit = self->visit;
    char peeked;
    int size = guest_request(self, space, request, sizeof request);
    if (recv(visit->wire.fd, &peeked, 1, MSG_PEEK | MSG_DONTWAIT) == 0) { /* closed before anything was asked */
        raced++;
        hang_up(self);
        later(self, 0);
        return;
    }
    if (visit->kept)
        visit->asked_ns = now_ns();
    visit->asked = 1;
    visit->size = 0;
    if (self->does == LISTENS && stay_s > 0)
        later(self, jittered((int64_t)(stay_s * 1000 * 1.18)));
    response_reset(&visit->response);
    epoll_ctl(epoll, EPOLL_CTL_MOD, visit->wire.fd, &event);
    if (wire_send(&visit->wire, request, size))
        broke(self);
}

static void call_at(struct guest *self, const struct sockaddr_in *where) {
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = self};
    if (self->visit) {
        ask(self);
        return;
    }
    if (connections >= most_connections) {
        queue_up(self);
        return;
    }
    self->visit = calloc(1, sizeof *self->visit);
    self->visit->asked_ns = now_ns();
    if (wire_open(&self->visit->wire, where, self->source, NULL)) {
        fprintf(stderr, "no socket\n");
        exit(3);
    }
    connections++;
    epoll_ctl(epoll, EPOLL_CTL_ADD, self->visit->wire.fd, &event);
}

static void go_in(struct guest *self) {
    hang_up(self);
    self->does = LISTENS;
    self->heard_ns = now_ns();
    inside++;
    if (inside > most_inside)
        most_inside = inside;
    call_at(self, &edge);
}

static void tell(struct guest *self) {
    if (self->told)
        return;
    self->told = 1;
    untold--;
}

static void answered(struct guest *self) {
    struct visit *visit = self->visit;
    int again_ms = 8000, seen = 0, which = self->does == ASKS ? 1 : self->does == CLAIMS ? 2 : self->does == OPENS ? 3 : 0;
    int64_t ms = (now_ns() - visit->asked_ns) / MS;
    took[which][ms < MOST_MS ? ms : MOST_MS]++;
    visit->body[visit->size] = 0;
    enum guest_comes comes = NOT_YET;
    enum guest_told told = guest_take(self, &again_ms, &comes, &seen);
    if (seen) {
        places_least = seen < places_least ? seen : places_least;
        places_most = seen > places_most ? seen : places_most;
    }
    self->tries = 0;
    if (told == NONSENSE) {
        nonsense++;
        refused += visit->response.status >= 400;
        wrong(self, visit->body);
        again_ms = 2000;
    }
    if (strcasestr(visit->response.line, "\r\nConnection: close"))
        hang_up(self);
    else
        visit->kept = 1, visit->asked = 0;
    if (told == ADMITTED) {
        admitted++;
        tell(self);
        holding -= self->place[0] != 0;
        go_in(self);
        return;
    }
    if (told == PLACED && self->does == JOINS) {
        placed++;
        tell(self);
        holding++;
    }
    if (self->does == OPENS) { /* script and styles are static, from a cache: they take a moment */
        self->does = told == NONSENSE ? OPENS : JOINS;
        later(self, told == NONSENSE ? again_ms : jittered(LOADING_MS));
        return;
    }
    if (told == NEWS && again_ms == 0) {
        self->does = CLAIMS;
        later(self, rand() % CLAIM_JITTER_MS);
        return;
    }
    if (told == NONSENSE && self->does == JOINS) {
        later(self, again_ms);
        return;
    }
    self->does = comes ? CLAIMS : ASKS;
    later(self, comes == DUE ? again_ms : jittered(again_ms));
}

static void keep(void *of, const uint8_t *data, size_t size) {
    struct visit *visit = ((struct guest *)of)->visit;
    size_t room = BODY_BYTES - 1 - visit->size;
    memcpy(visit->body + visit->size, data, size < room ? size : room);
    visit->size += size < room ? size : room;
}

static void hear(struct guest *self) {
    int64_t now = now_ns(), gap_ms = (now - self->heard_ns) / MS;
    gaps++;
    late += gap_ms > SILENT_MS;
    self->heard_ns = now;
}

static void read_of(struct guest *self) {
    static uint8_t buffer[READ_BYTES];
    struct visit *visit = self->visit;
    ssize_t got = wire_read(&visit->wire, buffer, sizeof buffer);
    if (got == WIRE_AGAIN)
        return;
    if (got == WIRE_GONE) {
        if (visit->asked)
            broke(self);
        else
            hang_up(self); /* an idle connection that the door closed */
        return;
    }
    if (self->does == LISTENS && visit->response.status == 200) {
        hear(self);
        return;
    }
    response_take(&visit->response, buffer, got, keep, self);
    if (self->does == LISTENS) {
        if (visit->response.status && visit->response.status != 200)
            broke(self);
        visit->size = 0;
    } else if (visit->response.phase == OVER) {
        answered(self);
    } else if (visit->response.phase == BROKEN) {
        broke(self);
    }
}

static void serve(struct guest *self) {
    struct visit *visit = self->visit;
    if (!visit)
        return;
    if (visit->connected) {
        read_of(self);
        return;
    }
    int shaken = wire_shake(&visit->wire);
    if (shaken == WIRE_AGAIN)
        return;
    visit->connected = 1;
    if (shaken)
        broke(self);
    else
        ask(self);
}

static void leave(struct guest *self) {
    left++;
    inside--;
    silent += now_ns() - self->heard_ns > SILENT_MS * MS;
    hang_up(self);
    self->does = LEFT;
}

static void turn_of(struct guest *self) {
    switch (self->does) {
    case COMES:
        self->does = OPENS;
        joins++;
        untold++;
        break;
    case LISTENS:
        leave(self);
        return;
    case ASKS:
        asked++;
        break;
    case CLAIMS:
        claims++;
        break;
    case LEFT:
        return;
    }
    call_at(self, &door);
}

/* All whose time has come. */
static void pass(void) {
    while (queue && connections < most_connections) {
        struct guest *self = queue;
        queue = self->next;
        queue_end = queue ? queue_end : NULL;
        call_at(self, self->does == LISTENS ? &edge : &door);
    }
    int64_t until = (now_ns() - began_ns) / MS / SLOT_MS;
    for (; slot_at < until; slot_at++) {
        struct guest *first = slots[slot_at % SLOTS];
        slots[slot_at % SLOTS] = NULL;
        while (first) {
            struct guest *self = first;
            first = self->next;
            turn_of(self);
        }
    }
}

static void look(void) {
    if (!full_ns && inside >= places * 0.95)
        full_ns = now_ns();
    if (full_ns && holding > places / 20 && now_ns() - full_ns > 5000 * MS) {
        int64_t ppm = (int64_t)inside * 1000000 / (places ? places : 1);
        least_used_ppm = ppm < least_used_ppm ? ppm : least_used_ppm;
    }
}

static int quantile(const uint64_t *of, double share) {
    uint64_t all = 0, sum = 0;
    for (int ms = 0; ms <= MOST_MS; ms++)
        all += of[ms];
    for (int ms = 0; ms <= MOST_MS; ms++)
        if ((sum += of[ms]) >= share * all)
            return ms;
    return 0;
}

static void report(void) {
    for (int at = 0; at < arrivals; at++)
        silent += guests[at].does == LISTENS && now_ns() - guests[at].heard_ns > SILENT_MS * MS;
    printf("{\"joins\":%lu,\"admitted\":%lu,\"placed\":%lu,\"untold\":%d,\"holding\":%d,\"asked\":%lu,\"claims\":%lu,"
           "\"lost\":%lu,\"raced\":%lu,\"refused\":%lu,\"nonsense\":%lu,\"inside\":%d,\"most_inside\":%d,\"left\":%lu,"
           "\"starved\":%lu,\"cut\":%lu,\"silent\":%lu,\"deliveries\":%lu,\"late\":%lu,\"full_after_s\":%.2f,\"least_used\":%.4f,"
           "\"places_least\":%d,\"places_most\":%d,",
           joins, admitted, placed, untold, holding, asked, claims, lost, raced, refused, nonsense, inside,
           most_inside, left, starved, cut, silent, gaps, late, full_ns ? (full_ns - began_ns) / 1e9 : -1,
           least_used_ppm / 1e6, places_most ? places_least : 0, places_most);
    const char *names[] = {"join", "status", "claim", "page"};
    for (int at = 0; at < 4; at++)
        printf("\"%s_ms\":[%d,%d,%d],", names[at], quantile(took[at], .5), quantile(took[at], .99),
               quantile(took[at], 1));
    for (char *at = first_wrong; *at; at++)
        if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ')
            *at = '\'';
    printf("\"first_wrong\":\"%s\"}\n", first_wrong);
}

static void options(int argc, char **argv) {
    static const struct option all[] = {{"door", 1, 0, 'd'},     {"edge", 1, 0, 'e'},   {"space", 1, 0, 's'},
                                        {"arrivals", 1, 0, 'n'}, {"over", 1, 0, 'o'},   {"seconds", 1, 0, 't'},
                                        {"places", 1, 0, 'p'},   {"stay", 1, 0, 'l'},   {0, 0, 0, 0}};
    for (int got; (got = getopt_long(argc, argv, "", all, NULL)) != -1;)
        switch (got) {
        case 'd': door.sin_port = htons(atoi(optarg)); break;
        case 'e': edge.sin_port = htons(atoi(optarg)); break;
        case 's': space = optarg; break;
        case 'n': arrivals = atoi(optarg); break;
        case 'o': over_s = atof(optarg); break;
        case 't': seconds = atof(optarg); break;
        case 'p': places = atoi(optarg); break;
        case 'l': stay_s = atof(optarg); break;
        default: exit(2);
        }
    door.sin_addr.s_addr = edge.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

static void come(void) {
    guests = calloc(arrivals, sizeof *guests);
    for (int at = 0; at < arrivals; at++) {
        /* Spread over networks, as a crowd is: 127.16.0.0 to 127.127.255.0, sixteen to a /24 at most. */
        guests[at].source = 0x7f100000u + ((unsigned)at % 0x6fff) * 256 + 1 + (unsigned)at / 0x6fff;
        guests[at].number = -1;
        later(&guests[at], (int64_t)(over_s * 1000 * at / arrivals));
    }
}

int main(int argc, char **argv) {
    static struct epoll_event events[EVENTS];
    struct rlimit files;
    options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    most_connections = (int)files.rlim_cur - SPARE_FILES;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    began_ns = now_ns();
    srand(1);
    come();
    int64_t until = began_ns + (int64_t)(seconds * 1e9), looked = began_ns;
    while (now_ns() < until) {
        int got = epoll_wait(epoll, events, EVENTS, SLOT_MS);
        for (int at = 0; at < got; at++)
            serve(events[at].data.ptr);
        pass();
        if (now_ns() - looked > TRACE_MS * MS) {
            looked = now_ns();
            look();
        }
    }
    report();
}
