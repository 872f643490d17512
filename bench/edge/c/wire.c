#define _GNU_SOURCE
#include "wire.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* As browsers prefer them; OpenSSL's own order begins with a dearer one. */
static const char CIPHERS[] = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";

SSL_CTX *wire_context(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_ciphersuites(context, CIPHERS);
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

static int result_of(struct wire *self, int result) {
    int error = SSL_get_error(self->ssl, result);
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? WIRE_AGAIN : WIRE_GONE;
}

int wire_open(struct wire *self, const struct sockaddr_in *server, uint32_t source, SSL_CTX *tls) {
    int on = 1;
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
    self->ssl = NULL;
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0)
        return WIRE_GONE;
    setsockopt(self->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(self->fd, (struct sockaddr *)&from, sizeof from) < 0 ||
        (connect(self->fd, (const struct sockaddr *)server, sizeof *server) < 0 && errno != EINPROGRESS)) {
        wire_close(self);
        return WIRE_GONE;
    }
    if (tls) {
        self->ssl = SSL_new(tls);
        SSL_set_fd(self->ssl, self->fd);
        SSL_set_connect_state(self->ssl);
    }
    return 0;
}

int wire_shake(struct wire *self) {
    int error = 0, result;
    socklen_t size = sizeof error;
    if (getsockopt(self->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error)
        return WIRE_GONE;
    if (!self->ssl)
        return 0;
    result = SSL_do_handshake(self->ssl);
    return result == 1 ? 0 : result_of(self, result);
}

int wire_send(struct wire *self, const char *data, int size) {
    ssize_t sent = self->ssl ? SSL_write(self->ssl, data, size) : send(self->fd, data, size, MSG_NOSIGNAL);
    return sent == size ? 0 : WIRE_GONE;
}

ssize_t wire_read(struct wire *self, void *into, int room) {
    ssize_t got;
    if (self->ssl) {
        got = SSL_read(self->ssl, into, room);
        return got > 0 ? got : result_of(self, got);
    }
    got = recv(self->fd, into, room, 0);
    if (got > 0)
        return got;
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? WIRE_AGAIN : WIRE_GONE;
}

void wire_close(struct wire *self) {
    if (self->ssl)
        SSL_free(self->ssl);
    if (self->fd >= 0)
        close(self->fd);
    self->ssl = NULL;
    self->fd = -1;
}
