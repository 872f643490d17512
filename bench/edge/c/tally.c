#define _GNU_SOURCE
#include "tally.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

int64_t now_ns(void) { return read_clock(CLOCK_REALTIME); }

void tally_begin(struct tally *self) {
    memset(self, 0, sizeof *self);
    self->counting = 1;
    self->began_ns = self->busy_since_ns = read_clock(CLOCK_MONOTONIC);
    self->cpu_began_ns = read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

void tally_late(struct tally *self, int64_t late_ns, unsigned chunks) {
    int64_t bucket = late_ns < 0 ? 0 : late_ns / 1000000 / TALLY_BUCKET_MS;
    self->late[bucket < TALLY_BUCKETS ? bucket : TALLY_BUCKETS - 1] += chunks;
}

void tally_woke(struct tally *self, int caught_up) {
    if (caught_up)
        self->busy_since_ns = read_clock(CLOCK_MONOTONIC);
}

void tally_worked(struct tally *self) {
    int64_t busy_ns = read_clock(CLOCK_MONOTONIC) - self->busy_since_ns;
    if (self->counting && busy_ns > self->behind_ns)
        self->behind_ns = busy_ns;
}

void tally_end(struct tally *self, unsigned open, FILE *out) {
    const char *comma = "";
    self->counting = 0;
    fprintf(out,
            "{\"open\":%u,\"seconds\":%.6f,\"cpu_s\":%.6f,\"bytes\":%" PRIu64 ",\"deliveries\":%" PRIu64
            ",\"answers\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"behind_ms\":%.1f,\"late\":[",
            open, (read_clock(CLOCK_MONOTONIC) - self->began_ns) / 1e9,
            (read_clock(CLOCK_PROCESS_CPUTIME_ID) - self->cpu_began_ns) / 1e9, self->bytes, self->deliveries,
            self->answers, self->lost, self->refused, self->behind_ns / 1e6);
    for (int bucket = 0; bucket < TALLY_BUCKETS; bucket++) {
        if (self->late[bucket]) {
            fprintf(out, "%s[%d,%" PRIu64 "]", comma, bucket * TALLY_BUCKET_MS, self->late[bucket]);
            comma = ",";
        }
    }
    fputs("]}\n", out);
    fflush(out);
}
