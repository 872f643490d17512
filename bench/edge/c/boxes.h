/* A walk over the top-level boxes of fragmented MP4 as it arrives in pieces of any size.
 * Counts `mdat`s: each ends one chunk of the tape. Source: ISO/IEC 14496-12, 4.2. */
#ifndef BOXES_H
#define BOXES_H

#include <stddef.h>
#include <stdint.h>

struct boxes {
    uint8_t head[8];
    uint8_t have;       /* bytes of the head collected so far */
    uint32_t remaining; /* bytes of the body still to come */
};

/* Takes `size` bytes; returns how many chunks ended in them. */
int boxes_take(struct boxes *self, const uint8_t *data, size_t size);

#endif
