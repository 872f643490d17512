"""Every rendition of a tape says the same thing at the same time, to a millisecond."""

from __future__ import annotations

from pathlib import Path

from harness.deployment import Deployment
from harness.evening import Evening
from harness.sound import decode, lag_samples
from harness.voices import Babble, speaking
from rostra.core.samples import SAMPLE_RATE, SEGMENT

MOST_SAMPLES = SAMPLE_RATE // 1000


async def test_renditions_are_aligned_to_a_millisecond(tmp_path: Path) -> None:
    async with Deployment(tmp_path) as site, Evening(site) as evening:
        async with speaking(evening, Babble()):
            await evening.go_live()
            await evening.until_recorded(2 * SEGMENT, within_s=20)
            await evening.end()
        run = (await evening.replay())["mp4"].split("/")[-2]
        names = [track["name"] for track in evening.genesis(run)["renditions"]]
        first, *others = [await decode(evening.tape(run) / f"{name}.mp4") for name in names]
    assert others, "one rendition only: nothing to compare"
    for name, sound in zip(names[1:], others, strict=True):
        late = lag_samples(first, sound)
        assert abs(late) <= MOST_SAMPLES, f"{name} is {late} samples later than {names[0]}"
