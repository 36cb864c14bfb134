"""What the database keeps without being able to read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from meetings import sealed


@pytest.fixture(autouse=True)
def own_ring() -> Iterator[None]:
    before = sealed._ring
    yield
    sealed._ring = before


def test_what_is_sealed_is_not_seen_and_comes_out_byte_for_byte() -> None:
    sealed.use("k" * 32)
    data = "Kính gửi: https://hop.example/m/abc\r\n".encode() * 3 + b"\x00\xff"
    kept = sealed.seal(data)
    assert b"/m/abc" not in kept and sealed.opened(kept) == data
    assert sealed.seal(data) != kept, "two copies of a message do not betray that they are one"


def test_an_earlier_key_opens_as_long_as_it_is_named_and_another_never() -> None:
    sealed.use("old " * 8)
    kept = sealed.seal("thư".encode())
    sealed.use("new " * 8, ["old " * 8])
    assert sealed.opened(kept) == "thư".encode()
    sealed.use("new " * 8)
    assert sealed.opened(kept) is None
    assert sealed.opened(kept[:-4]) is None and sealed.opened(b"") is None
