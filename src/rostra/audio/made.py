"""What is done to voices before the tape, in numbers: stated in every genesis for whoever examines it."""

from __future__ import annotations

from typing import Final

from rostra.audio import bed, gate, leveller, loudness, peaks, trim
from rostra.core.samples import SAMPLE_RATE, TICK

_TICK_MS = 1000 * TICK // SAMPLE_RATE

MIX: Final[dict[str, str | int | float]] = {
    "voices": "each that is not muted: gate, then gain; their sum: trim, then limiter",
    "loudness": "ITU-R BS.1770, mono heard from two loudspeakers",
    "gate_opens_lu_above_noise": gate.OPENS_LU,
    "gate_least_lufs": gate.LEAST_LUFS,
    "gate_most_noise_lufs": gate.MOST_NOISE_LUFS,
    "gate_hold_ms": gate.HOLD_TICKS * _TICK_MS,
    "gate_fade_ms": gate.FADE_TICKS * _TICK_MS,
    "gain_target_lufs": loudness.TARGET_LUFS,
    "gain_most_db": leveller.MOST_GAIN_DB,
    "gain_least_db": leveller.LEAST_GAIN_DB,
    "gain_db_per_s": leveller.MOST_DB_PER_S,
    "trim_most_db": trim.MOST_DB,
    "trim_least_db": trim.LEAST_DB,
    "trim_db_per_s": trim.MOST_DB_PER_S,
    "bed_lufs": bed.BED_LUFS,
    "limiter_ceiling_dbtp": peaks.CEILING_DBTP,
    "limiter_most_noise_rms": peaks.MOST_NOISE,
    "limiter_delay_samples": peaks.DELAY_SAMPLES,
}
