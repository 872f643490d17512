"""Twenty-millisecond frames of programme audio: levels, mixer, limiter, encoders. Pure: no I/O, no clock."""
