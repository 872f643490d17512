/* The least a server can do: every cadence, one write of the same bytes to everyone, on one thread.
 * `c_loop PORT CADENCE_MS BYTES WRITES TURNS`. Answers any request by chunked transfer; each chunk begins with the
 * marker that listeners look for. An answer is over after WRITES writes, the last of which ends it, and goes on
 * with the next request, as live segments do: its head leaves with the first write. With 0 it never ends. So that
 * listeners take TURNS in asking, the first answer of each is shorter by some of so many parts.
 * Whoever does not take a whole write is dropped, and counted at the end. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 19500, EVENTS = 512, SEND_BUFFER = 16384, BACKLOG = 4096, REQUEST_BYTES = 4096 };

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: audio/mp4\r\nTransfer-Encoding: chunked\r\n"
                           "Cache-Control: public, max-age=31536000, immutable\r\n\r\n";
static const char LAST[] = "0\r\n\r\n";
struct someone {
    int fd;
    int begun; /* the head is out */
    int left;  /* writes of this answer */
};
static struct someone everyone[MOST];
static char is_new[MOST + 64]; /* by descriptor: nothing was answered yet */
static int count, dropped, listening, timer, poll_fd, writes_each, turns;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
}

static void listen_on(int port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, room = SEND_BUFFER;
    listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listening, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(listening, SOL_SOCKET, SO_SNDBUF, &room, sizeof room); /* as the edge's */
    if (bind(listening, (struct sockaddr *)&at, sizeof at) || listen(listening, BACKLOG))
        die("listen");
}

static void tick_every(int cadence_ms) {
    struct timespec every = {cadence_ms / 1000, cadence_ms % 1000 * 1000000L};
    struct itimerspec both = {every, every};
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    timerfd_settime(timer, 0, &both, NULL);
}

static void welcome(void) {
    int fd;
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        is_new[fd % (int)sizeof is_new] = 1;
        watch(fd);
    }
}

/* What a request asks for does not matter. */
static void answer(int fd) {
    char request[REQUEST_BYTES];
    ssize_t got = recv(fd, request, sizeof request, 0);
    if (got <= 0) {
        for (int at = 0; at < count; at++) {
            if (everyone[at].fd == fd)
                everyone[at] = everyone[--count];
        }
        close(fd);
    } else if (count < MOST) {
        if (!writes_each)
            got = send(fd, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL);
        char *fresh = &is_new[fd % (int)sizeof is_new];
        everyone[count++] = (struct someone){
            fd, !writes_each, *fresh ? writes_each / turns * (1 + fd % turns) : writes_each};
        *fresh = 0;
    }
}

/* `page`: the head, a chunk whose payload begins at `marker`, the end of an answer. */
static void sweep(char *page, size_t size, size_t marker) {
    struct timespec now;
    char stamp[48];
    clock_gettime(CLOCK_REALTIME, &now);
    int wrote = snprintf(stamp, sizeof stamp, "ROSTRA-BENCH:%lld%09ld", (long long)now.tv_sec, now.tv_nsec);
    memcpy(page + marker, stamp, wrote);
    for (int at = 0; at < count;) {
        struct someone *each = &everyone[at];
        char *from = each->begun ? page + sizeof HEAD - 1 : page;
        each->begun = 1;
        int over = writes_each && --each->left == 0;
        ssize_t due = page + size - from - (over ? 0 : sizeof LAST - 1);
        if (send(each->fd, from, due, MSG_NOSIGNAL) != due) {
            dropped++;
            close(each->fd);
        } else if (!over) {
            at++;
            continue;
        }
        *each = everyone[--count]; /* until it asks again */
    }
}

static void stop(int number) {
    (void)number;
    fprintf(stderr, "%d dropped\n", dropped);
    _exit(0);
}

int main(int argc, char **argv) {
    struct epoll_event events[EVENTS];
    char *page;
    if (argc != 6)
        return 2;
    size_t payload = atoi(argv[3]);
    writes_each = atoi(argv[4]);
    turns = atoi(argv[5]);
    page = malloc(sizeof HEAD + payload + 64);
    int marker = sprintf(page, "%s%zx\r\n", HEAD, payload);
    memset(page + marker, ' ', payload);
    int size = marker + payload + sprintf(page + marker + payload, "\r\n%s", LAST);
    signal(SIGTERM, stop);
    poll_fd = epoll_create1(0);
    listen_on(atoi(argv[1]));
    tick_every(atoi(argv[2]));
    watch(listening);
    watch(timer);
    for (;;) {
        int got = epoll_wait(poll_fd, events, EVENTS, -1);
        for (int at = 0; at < got; at++) {
            int fd = events[at].data.fd;
            uint64_t expired;
            if (fd == listening)
                welcome();
            else if (fd != timer)
                answer(fd);
            else if (read(timer, &expired, sizeof expired) > 0)
                sweep(page, size, marker);
        }
    }
}
