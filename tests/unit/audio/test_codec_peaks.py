"""What listeners decode keeps its true peaks below −1 dBTP and its loudness, in every rendition."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.loudness import Metered, applause, meter_file, mixed, music, voice
from rostra.audio.encoder import QuantumEncoder
from rostra.audio.encoding import offered
from rostra.audio.frame import Sound
from rostra.audio.loudness import TARGET_LUFS
from rostra.core.samples import TICK, first_frame_at
from rostra.media import cmaf
from rostra.media.track import AAC, Track

MOST_DBTP = -1.0


def decoded(programme: Sound, folder: Path) -> dict[str, Metered]:
    """Encode as the stage does, mux as the tape does, decode and measure as a listener does."""
    encoder = QuantumEncoder(offered(mp3=True))
    quanta = [q for at in range(0, len(programme), TICK) for q in encoder.push(programme[at : at + TICK])]
    configs = encoder.configs()
    found = {}
    for each in offered(mp3=True):
        config = configs[each.name] if each.codec == AAC else b""
        track = Track(each.name, each.codec, each.bandwidth, each.frame_samples, config)
        chunks = [
            cmaf.chunk(
                track,
                sequence=number + 1,
                start_sample=first_frame_at(number, each.frame_samples),
                frames=quantum[each.name],
            )
            for number, quantum in enumerate(quanta)
        ]
        file = folder / f"{each.name}.mp4"
        file.write_bytes(cmaf.init_segment(track) + b"".join(chunks))
        found[each.name] = meter_file(file)
    return found


SOUNDS = {
    "a shouter": lambda: mixed(voice(40, lufs=-8)),
    "the other voice": lambda: mixed(voice(40, lufs=-23, who=1)),
    "people at once": lambda: mixed(
        voice(40, lufs=-25), voice(40, lufs=-12, who=1), voice(40, lufs=-38, who=2)
    ),
    "applause": lambda: mixed(applause(30, lufs=-20)),
    "soft applause": lambda: mixed(applause(30, lufs=-40)),
    "a voice over applause": lambda: mixed(voice(40, lufs=-20), applause(40, lufs=-26)),
    "music and a voice": lambda: mixed(music(40, lufs=-20), voice(40, lufs=-25)),
}


LONG = {"music and a voice", "the other voice", "people at once", "soft applause", "a voice over applause"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if name in LONG else []) for name in SOUNDS]
)
def test_every_rendition_stays_under_the_limit_and_people_near_the_target(name: str, tmp_path: Path) -> None:
    """Applause is limited by its peaks, whatever that leaves of its loudness."""
    found = decoded(SOUNDS[name]().programme, tmp_path)
    for each, heard in found.items():
        assert heard.dbtp <= MOST_DBTP, each
        if "applause" not in name:
            assert heard.lufs == pytest.approx(TARGET_LUFS, abs=1.5), each
    if "applause" not in name:
        assert found["aac64"].lufs == pytest.approx(TARGET_LUFS, abs=1)
