/* A non-blocking connection, plain or TLS: open, write a request, read. Knows nothing of HTTP. */
#ifndef WIRE_H
#define WIRE_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/types.h>

struct wire {
    int fd;
    SSL *ssl; /* NULL: plain */
};

enum { WIRE_AGAIN = -1, WIRE_GONE = -2 };

/* A context for clients that check nothing: the certificate is the benchmark's own. */
SSL_CTX *wire_context(void);

/* Starts to connect from `source` (host order). `tls` may be NULL. Returns 0, or WIRE_GONE. */
int wire_open(struct wire *self, const struct sockaddr_in *server, uint32_t source, SSL_CTX *tls);
/* Goes on with the handshakes. 0: connected; WIRE_AGAIN; WIRE_GONE. */
int wire_shake(struct wire *self);
/* A request is small: it goes out whole, or the connection counts as gone. */
int wire_send(struct wire *self, const char *data, int size);
/* Returns bytes read, or one of the two. */
ssize_t wire_read(struct wire *self, void *into, int room);
void wire_close(struct wire *self);

#endif
