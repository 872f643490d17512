/* What a generator counts between `begin` and `end`, how late chunks came included. */
#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>
#include <stdio.h>

enum { TALLY_BUCKET_MS = 10, TALLY_BUCKETS = 2000 };

struct tally {
    int counting;
    int64_t began_ns, cpu_began_ns, busy_since_ns;
    uint64_t bytes, deliveries, answers, lost, refused;
    int64_t behind_ns; /* longest time without having seen to everything that was ready */
    uint64_t late[TALLY_BUCKETS]; /* chunks by lateness; the last bucket holds all beyond */
};

int64_t now_ns(void); /* UTC, as the tape's anchor and the markers are */

void tally_begin(struct tally *self);
void tally_late(struct tally *self, int64_t late_ns, unsigned chunks);
/* The loop has something to do; `caught_up`: it had seen to everything that was ready before. */
void tally_woke(struct tally *self, int caught_up);
/* It has done it. */
void tally_worked(struct tally *self);
/* Writes one JSON line. */
void tally_end(struct tally *self, unsigned open, FILE *out);

#endif
