"""Find libopus and declare the functions of it that Rostra calls: the only file that knows where it is.

The one that PyAV brings along is taken, else the system's (Debian: libopus0). Called through cffi, which lets
other threads run meanwhile.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cffi

_DECLARATIONS = """
typedef struct OpusDecoder OpusDecoder;
OpusDecoder *opus_decoder_create(int32_t rate, int channels, int *error);
void opus_decoder_destroy(OpusDecoder *decoder);
int opus_decode(OpusDecoder *decoder, const unsigned char *data, int32_t length,
                int16_t *pcm, int frame_samples, int decode_fec);
int opus_decoder_ctl(OpusDecoder *decoder, int request, ...);
int opus_packet_get_nb_samples(const unsigned char *data, int32_t length, int32_t rate);
int opus_packet_has_lbrr(const unsigned char *data, int32_t length);
typedef struct OpusEncoder OpusEncoder;
OpusEncoder *opus_encoder_create(int32_t rate, int channels, int application, int *error);
void opus_encoder_destroy(OpusEncoder *encoder);
int32_t opus_encode(OpusEncoder *encoder, const int16_t *pcm, int frame_samples,
                    unsigned char *data, int32_t most);
int32_t opus_encode_float(OpusEncoder *encoder, const float *pcm, int frame_samples,
                          unsigned char *data, int32_t most);
int opus_encoder_ctl(OpusEncoder *encoder, int request, ...);
typedef struct OpusRepacketizer OpusRepacketizer;
OpusRepacketizer *opus_repacketizer_create(void);
void opus_repacketizer_destroy(OpusRepacketizer *joiner);
OpusRepacketizer *opus_repacketizer_init(OpusRepacketizer *joiner);
int opus_repacketizer_cat(OpusRepacketizer *joiner, const unsigned char *data, int32_t length);
int32_t opus_repacketizer_out(OpusRepacketizer *joiner, unsigned char *data, int32_t most);
const char *opus_get_version_string(void);
"""
_SYSTEM = "libopus.so.0"

ffi = cffi.FFI()
ffi.cdef(_DECLARATIONS)


def _open() -> Any:
    beside_pyav = Path(av.__file__).parent.parent / "av.libs"
    for file in (*sorted(beside_pyav.glob("libopus[-.]*so*")), Path(_SYSTEM)):
        try:
            return ffi.dlopen(str(file))
        except OSError:
            continue
    raise ImportError(f"{_SYSTEM} is missing. Debian: apt-get install libopus0")


lib: Any = _open()
"""libopus (opus_decoder(3)); a function that it lacks raises AttributeError."""
