#include "boxes.h"

#include <string.h>

static uint32_t big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int boxes_take(struct boxes *self, const uint8_t *data, size_t size) {
    int ended = 0;
    while (size > 0) {
        size_t step;
        if (self->have < sizeof self->head) {
            step = sizeof self->head - self->have;
            step = step < size ? step : size;
            memcpy(self->head + self->have, data, step);
            self->have += step;
            if (self->have == sizeof self->head)
                self->remaining = big_endian(self->head) - sizeof self->head;
        } else {
            step = self->remaining < size ? self->remaining : size;
            self->remaining -= step;
        }
        data += step;
        size -= step;
        if (self->have == sizeof self->head && self->remaining == 0) {
            ended += memcmp(self->head + 4, "mdat", 4) == 0;
            self->have = 0;
        }
    }
    return ended;
}
