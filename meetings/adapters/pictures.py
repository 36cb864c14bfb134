"""Images of signatures and seals that somebody uploads: whether one can stand over the text of a document."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import Final

from PIL import Image

MOST: Final = 2 * 1024 * 1024
MOST_PIXELS: Final = 4_000_000
CLEAR: Final = 0.2
"""The share of an image through which the text below must be seen at least."""


class Odd(StrEnum):
    """Why an image cannot be used; its words stand with whoever shows them."""

    NOT_PNG = "not_png"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    NOT_TRANSPARENT = "not_transparent"
    EMPTY = "empty"


def looked_at(png: bytes) -> tuple[int, int] | Odd:
    """Width and height of a PNG that can stand over text; else why not."""
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        return Odd.NOT_PNG
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        if image.width * image.height > MOST_PIXELS:
            return Odd.TOO_LARGE
        if min(image.width, image.height) < 60:
            return Odd.TOO_SMALL
        alpha = image.convert("RGBA").getchannel("A")
    except Exception:  # whatever somebody calls a PNG
        return Odd.NOT_PNG
    counts = alpha.histogram()
    if not any(counts[128:]):
        return Odd.EMPTY
    if sum(counts[:32]) < image.width * image.height * CLEAR:
        return Odd.NOT_TRANSPARENT
    return image.width, image.height
