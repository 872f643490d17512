/* The least a server can do: every cadence, one write of the same bytes to everyone, on one thread.
 * `c_loop PORT CADENCE_MS BYTES`. Answers any request by chunked transfer; each chunk begins with the
 * marker that listeners look for. Whoever does not take a whole write is dropped, and counted at the end. */
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
static int everyone[MOST], count, dropped, listening, timer, poll_fd;

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
    while ((fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        watch(fd);
}

/* One request per connection: what it asks for does not matter. */
static void answer(int fd) {
    char request[REQUEST_BYTES];
    ssize_t got = recv(fd, request, sizeof request, 0);
    if (got <= 0) {
        for (int at = 0; at < count; at++) {
            if (everyone[at] == fd)
                everyone[at] = everyone[--count];
        }
        close(fd);
    } else if (count < MOST && send(fd, HEAD, sizeof HEAD - 1, MSG_NOSIGNAL) > 0) {
        everyone[count++] = fd;
    }
}

static void sweep(char *chunk, size_t size, size_t marker) {
    struct timespec now;
    char stamp[48];
    clock_gettime(CLOCK_REALTIME, &now);
    int wrote = snprintf(stamp, sizeof stamp, "ROSTRA-BENCH:%lld%09ld", (long long)now.tv_sec, now.tv_nsec);
    memcpy(chunk + marker, stamp, wrote);
    for (int at = 0; at < count;) {
        if (send(everyone[at], chunk, size, MSG_NOSIGNAL) == (ssize_t)size) {
            at++;
            continue;
        }
        dropped++;
        close(everyone[at]);
        everyone[at] = everyone[--count];
    }
}

static void stop(int number) {
    (void)number;
    fprintf(stderr, "%d dropped\n", dropped);
    _exit(0);
}

int main(int argc, char **argv) {
    struct epoll_event events[EVENTS];
    char *chunk;
    if (argc != 4)
        return 2;
    size_t payload = atoi(argv[3]);
    chunk = malloc(payload + 64);
    int marker = sprintf(chunk, "%zx\r\n", payload);
    memset(chunk + marker, ' ', payload);
    memcpy(chunk + marker + payload, "\r\n", 2);
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
                sweep(chunk, marker + payload + 2, marker);
        }
    }
}
