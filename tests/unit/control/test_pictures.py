"""Pictures that people send: drawn anew, without what was hidden in them; anything else is refused."""

from __future__ import annotations

import base64
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rostra.control.pictures import DRAWN_SIDE_PX, MAX_CHARS, MAX_SIDE_PX, BadPicture, redraw


def address(picture: Image.Image, format: str, **how: object) -> str:
    file = io.BytesIO()
    picture.save(file, format, **how)
    return f"data:image/{format.lower()};base64," + base64.b64encode(file.getvalue()).decode()


def opened(drawn: str) -> Image.Image:
    head, _, body = drawn.partition(",")
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_picture_keeps_its_looks_and_shrinks_to_size(format: str) -> None:
    shown = opened(redraw(address(Image.new("RGB", (1000, 500), (200, 30, 40)), format)))
    assert shown.size == (DRAWN_SIDE_PX, DRAWN_SIDE_PX // 2)
    red, green, blue = shown.convert("RGB").getpixel((10, 10))  # type: ignore[misc]  # Pillow: any kind of pixel
    assert red > 180
    assert max(green, blue) < 60


def test_what_is_transparent_stays_so() -> None:
    shown = opened(redraw(address(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")))
    assert shown.mode == "RGBA"
    assert shown.getpixel((5, 5))[3] == 0  # type: ignore[index]  # as above


def test_the_place_and_the_camera_are_forgotten_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "A secret camera"
    drawn = redraw(address(Image.new("RGB", (200, 100)), "JPEG", exif=exif))
    assert opened(drawn).size == (100, 200)
    assert b"secret" not in base64.b64decode(drawn.partition(",")[2])


def test_the_most_detailed_picture_still_fits() -> None:
    noise = Image.effect_noise((180, 180), 200).convert("RGB")
    assert len(redraw(address(noise, "JPEG", quality=95))) <= MAX_CHARS


def test_a_small_file_that_unfolds_into_a_vast_picture_is_refused() -> None:
    vast = address(Image.new("1", (MAX_SIDE_PX + 1, 10)), "PNG")
    with pytest.raises(BadPicture):
        redraw(vast)


def test_nothing_stays_nothing() -> None:
    assert redraw("") == ""


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["png", "jpeg", "webp"]), st.integers(0, 200), st.booleans())
def test_broken_bytes_are_refused_and_never_break_anything(
    noise: bytes, kind: str, at: int, whole: bool
) -> None:
    good = base64.b64decode(address(Image.new("RGB", (20, 20), "red"), kind.upper()).partition(",")[2])
    raw = noise if whole else good[:at] + noise + good[at + len(noise) :]
    try:
        drawn = redraw(f"data:image/{kind};base64," + base64.b64encode(raw).decode())
    except BadPicture:
        return
    assert max(opened(drawn).size) <= DRAWN_SIDE_PX


@given(st.text(max_size=100))
def test_text_that_is_no_picture_is_refused(text: str) -> None:
    if text:
        with pytest.raises(BadPicture):
            redraw(text)
