"""The speech-to-text service: a file goes out in blocks, every answer means one thing, and a call can be cut in the middle."""

from __future__ import annotations

import json
import socket
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from meetings.adapters import speech
from meetings.adapters.speech import Heard, Service, Sound, Unheard, Why
from tests.listener import HEARD, Listener


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "_LOOK", 0.02)


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    path = tmp_path / "x.mp3"
    path.write_bytes(b"ID3" + bytes(range(256)) * 40)
    return Sound(path, "mp3", "audio/mpeg")


def hear(url: str, sound: Sound, wait: float = 1.0) -> Heard | Unheard:
    service = Service(url, "whisper", "geheim", connect=0.5, wait=wait)
    return service.hear(sound, lambda: True)


def test_the_file_goes_as_a_form_of_openais_interface(listener: Listener, sound: Sound) -> None:
    for base in ("", "/", "/v1"):
        found = hear(listener.url + base, sound)
        assert isinstance(found, Heard) and json.loads(found.body) == HEARD
    assert listener.asked[0] == {
        "model": "whisper", "language": "vi", "response_format": "verbose_json",
        "timestamp_granularities[]": "segment", "file": "recording.mp3",
    }  # fmt: skip
    assert listener.files[0] == sound.path.read_bytes()
    assert listener.headers[0]["Authorization"] == "Bearer geheim"


@pytest.mark.parametrize(
    ("answer", "why", "said"),
    [
        ((400, b'{"error": {"message": "no such\\nmodel"}}'), Why.REFUSED, "400 no such model"),
        ((422, b'{"detail": "file: bad \x1b[1m"}'), Why.REFUSED, "422"),
        ((401, b"<html>who?"), Why.KEY_REFUSED, "401 <html>who?"),
        ((413, b""), Why.TOO_LARGE, "413"),
        ((429, b"later"), Why.BUSY, "429 later"),
        ((503, b"[" * 9_000), Why.BUSY, "503 [["),
        ((500, b'{"message": "out of memory"}'), Why.BROKEN, "500 out of memory"),
        ((504, b""), Why.TOO_SLOW, "504"),
        ((302, b""), Why.REFUSED, "302"),
        ((200, b""), Why.ODD_ANSWER, ""),
        ("silence", Why.TOO_SLOW, ""),
        ("hang up", Why.BROKEN, ""),
        ("drip", Why.BROKEN, ""),
    ],
)
def test_every_answer_means_one_thing(
    listener: Listener, sound: Sound, answer: tuple[int, bytes] | str, why: Why, said: str
) -> None:
    listener.answer = lambda: answer
    found = hear(listener.url, sound, wait=0.3 if answer == "silence" else 1.0)
    assert isinstance(found, Unheard) and found.why is why and found.said.startswith(said)
    assert found.said.isprintable() and len(found.said) <= 300 and "geheim" not in found.said


def test_an_answer_without_end_and_a_service_that_is_not_there(
    listener: Listener, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "ANSWER", 1_000)
    listener.answer = lambda: (200, b"x" * 5_000)
    assert hear(listener.url, sound) == Unheard(Why.ODD_ANSWER)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = hear(f"http://127.0.0.1:{port}", sound)
    assert isinstance(gone, Unheard) and gone.why is Why.UNREACHABLE
    sound.path.unlink()
    assert hear(listener.url, sound) == Unheard(Why.NO_FILE)


def test_a_large_file_takes_no_memory_and_a_refusal_before_its_last_block_is_read(
    listener: Listener, tmp_path: Path
) -> None:
    path = tmp_path / "large.wav"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    listener.answer = lambda: "early"
    tracemalloc.start()
    found = hear(listener.url, Sound(path, "wav", "audio/wav"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, Unheard)
    assert found in (Unheard(Why.TOO_LARGE, "413 at most 25 MB"), Unheard(Why.BROKEN, found.said)), found
    assert peak < 8 * 1024 * 1024


def test_a_call_that_is_not_wanted_any_more_is_cut_in_the_middle(listener: Listener, sound: Sound) -> None:
    listener.answer = lambda: "silence"
    began = time.monotonic()
    looks = iter([True, True, False])
    found = Service(listener.url, "whisper", wait=60).hear(sound, lambda: next(looks))
    assert found == Unheard(Why.CALLED_OFF)
    assert time.monotonic() - began < 2
