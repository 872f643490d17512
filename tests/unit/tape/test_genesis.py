from __future__ import annotations

import dataclasses
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import programme
from rostra.core.errors import TapeDamaged
from rostra.media.cmaf import AAC, Track, init_segment
from rostra.tape import UnknownTape
from rostra.tape.genesis import (
    MAX_DOCUMENT_BYTES,
    decode_end,
    decode_genesis,
    encode_genesis,
    init_hashes,
    read_document,
)


def test_a_genesis_is_read_as_it_was_written() -> None:
    genesis = programme.genesis("Ein Abend – mit Gästen")
    assert decode_genesis(encode_genesis(genesis)) == genesis


def test_the_document_names_each_rendition_with_the_hash_of_its_init() -> None:
    document = encode_genesis(programme.genesis())
    for stated, track in zip(json.loads(document)["renditions"], programme.tracks(), strict=True):
        assert stated["name"] == track.name
        assert stated["timescale"] == 48_000
        assert stated["init_sha256"] == sha256(init_segment(track)).hexdigest()
        assert init_hashes(document)[track.name].hex() == stated["init_sha256"]


@pytest.mark.parametrize(
    "tracks",
    [
        (),
        (Track("aac64", AAC, 1, 1024), Track("aac64", AAC, 1, 1024)),
        (Track("../aac", AAC, 1, 1024),),
        (Track("aac64", AAC, 1, 1000),),
        (Track("aac64", AAC, 1, 0),),
        (Track("mp3", "mp3", 1, 1024),),
        tuple(Track(f"a{n}", AAC, 1, 1024) for n in range(9)),
    ],
    ids=["none", "twice", "a path", "odd frames", "no frames", "no codec", "too many"],
)
def test_renditions_no_tape_can_hold_are_refused(tracks: tuple[Track, ...]) -> None:
    genesis = dataclasses.replace(programme.genesis(), tracks=tracks)
    with pytest.raises(ValueError, match=r"rendition|segment"):
        genesis.check()


def test_a_document_whose_rendition_is_a_path_is_refused() -> None:
    with pytest.raises(TapeDamaged):
        decode_genesis(encode_genesis(programme.genesis()).replace(b'"aac64"', b'"../x"'))


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_as_documents(raw: bytes) -> None:
    with pytest.raises(TapeDamaged):
        decode_genesis(raw)
    with pytest.raises(TapeDamaged):
        decode_end(raw)


def test_a_document_of_another_version_is_refused() -> None:
    with pytest.raises(TapeDamaged):
        decode_genesis(encode_genesis(programme.genesis()).replace(b'"v": 1', b'"v": 2'))


def test_a_document_over_its_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "genesis.json").write_bytes(bytes(MAX_DOCUMENT_BYTES + 1))
    with pytest.raises(TapeDamaged):
        read_document(tmp_path, "genesis.json")
    with pytest.raises(UnknownTape):
        read_document(tmp_path / "nowhere", "genesis.json")
