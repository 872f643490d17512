"""What programs send that play one file after the other is heard to its end, whatever lies between."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from av import AudioFrame

from harness.files_in_a_row import TAG, tone_file
from rostra.core.samples import SAMPLE_RATE
from rostra.stage.source.buffer import SourceBuffer
from rostra.stage.source.decoder import _mono, decode

MP3, AAC = tone_file("mp3", "libmp3lame"), tone_file("adts", "aac")
HALF = len(MP3) // 2


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(MP3 + TAG + MP3, id="another MP3 with a title"),
        pytest.param(MP3[:-100] + MP3, id="an MP3 cut within a frame"),
        pytest.param(MP3[:HALF] + bytes(8) + MP3[HALF + 8 :] + MP3, id="a broken frame of MP3"),
        pytest.param(AAC + TAG + AAC, id="another AAC with a title"),
        pytest.param(AAC[:-40] + AAC, id="an AAC cut within a frame"),
    ],
)
def test_a_file_after_another_is_heard_to_its_end(sent: bytes) -> None:
    pipe: Any = io.BytesIO(sent)
    buffer = SourceBuffer()
    assert decode(pipe, buffer) == ""
    assert len(buffer) / SAMPLE_RATE == pytest.approx(2, abs=0.25)


def test_what_no_loudspeaker_could_play_never_reaches_the_mix() -> None:
    sent = np.array([[0.25, 1e25, -1e25, np.inf, -np.inf, np.nan, -0.5]], np.float32)
    frame = AudioFrame.from_ndarray(sent, format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    heard = np.concatenate(list(_mono([frame])))
    assert heard.tolist() == [0.25, 1, -1, 1, -1, 0, -0.5]
