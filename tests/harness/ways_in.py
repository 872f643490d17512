"""Programs at a stage's other doors: the real ones as processes, and an ear that listens in by WHEP."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import httpx
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from harness import witnesses
from harness.deployment import Deployment
from harness.hall import Samples, keep, stands_out
from rostra.core.samples import SAMPLE_RATE

SDP = {"content-type": "application/sdp"}


class Ear:
    """Somebody who listens in; keeps the last seconds heard."""

    def __init__(self, configuration: RTCConfiguration | None = None) -> None:
        self.heard: list[Samples] = []
        self.location = ""
        self.connection = RTCPeerConnection(configuration or RTCConfiguration(iceServers=[]))
        self._listening: asyncio.Task[None] | None = None

    async def join(self, http: httpx.AsyncClient, space: str) -> httpx.Response:
        """Offer to hear; the answer is the endpoint's."""
        self.connection.addTransceiver("audio", direction="recvonly")
        self.connection.on("track", self._listen)
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp
        answer = await http.post(f"/whep/{space}", content=offer, headers=SDP)
        if answer.status_code == 201:
            self.location = answer.headers["location"]
            await self.connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        return answer

    def hears(self, hertz: int, *, last_s: float = 0.4) -> bool:
        """Whether ``hertz`` stands out in the last moments."""
        sound = np.concatenate(self.heard[-100:]) if self.heard else np.zeros(0, np.float32)
        return len(sound) >= last_s * SAMPLE_RATE and stands_out(sound[-int(last_s * SAMPLE_RATE) :], hertz)

    def _listen(self, track: MediaStreamTrack) -> None:
        self._listening = asyncio.create_task(keep(track, self.heard))

    async def close(self) -> None:
        await self.connection.close()
        if self._listening is not None:
            self._listening.cancel()


@contextmanager
def running(folder: Path, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program, ended by its id at the end of the block; what it said stands beside a failure."""
    said = folder / f"{name}.log"
    with said.open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    witnesses.call(name, lambda: said.read_text(errors="replace")[-6000:])
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        witnesses.dismiss(name, said.read_text(errors="replace")[-6000:])


async def speaker_token(site: Deployment, space: str, name: str) -> str:
    """The token of a fresh link whose holder has consented."""
    headers = {"authorization": f"Bearer {site.token}"}
    async with httpx.AsyncClient(base_url=f"{site.control}/api/v1", trust_env=False, timeout=20) as http:
        made = await http.post(f"/spaces/{space}/links", json={"name": name}, headers=headers)
        token = str(made.json()["token"])
        mine = {"authorization": f"Bearer {token}"}
        stage = (await http.get(f"/spaces/{space}/stage", headers=mine)).json()
        body = {"text_id": stage["consent"]["id"], "accepted": True, "name": name, "browser": token_hex()}
        (await http.post(f"/spaces/{space}/stage/consent", json=body, headers=mine)).raise_for_status()
        return token


def make_tone(file: Path, hz: int, *, seconds: int) -> None:
    """Write a sound file, ``.mp3`` or ``.ogg``, that says one note."""
    codec = {".mp3": "libmp3lame", ".ogg": "libopus"}[file.suffix]
    note = ("-f", "lavfi", "-i", f"sine={hz}:duration={seconds}")
    subprocess.run(("ffmpeg", "-v", "error", *note, "-c:a", codec, str(file)), check=True)
