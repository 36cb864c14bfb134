"""Tokens of private links: a genuine one is read back, and nothing else is."""

from __future__ import annotations

import base64
import string
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetings import links
from meetings.clock import now, stood_at
from meetings.links import PURPOSES, Claim, Keyring

RING = Keyring("the key of this house")
LETTERS = string.ascii_letters + string.digits + "-_"

purposes = some.sampled_from(PURPOSES)
ids = some.integers(1, 2**40)
issues = some.integers(1, 2**20)


@given(purposes, ids, issues)
def test_a_token_is_read_back_as_it_was_made(purpose: str, id: int, issue: int) -> None:
    token = RING.token(purpose, id, issue)
    assert RING.read(token) == Claim(purpose, id, issue)
    assert set(token) <= set(LETTERS), "it must stand in an address as it is"
    assert token == RING.token(purpose, id, issue)


@given(purposes, some.integers(1, 2**31), some.integers(1, 999))
def test_a_token_of_this_installation_stays_under_forty_eight_characters(purpose: str, id: int, issue: int) -> None:
    assert len(RING.token(purpose, id, issue)) < 48


@given(purposes, ids, issues, some.data())
def test_a_token_with_one_other_character_is_refused(purpose: str, id: int, issue: int, data: some.DataObject) -> None:
    token = RING.token(purpose, id, issue)
    place = data.draw(some.integers(0, len(token) - 1))
    other = data.draw(some.sampled_from(LETTERS).filter(lambda letter: letter != token[place]))
    assert RING.read(token[:place] + other + token[place + 1 :]) is None


def test_every_single_other_character_of_one_token_is_refused() -> None:
    token = RING.token("m", 41, 1)
    read = [RING.read(token[:i] + c + token[i + 1 :]) for i in range(len(token)) for c in LETTERS if c != token[i]]
    assert not any(read)


@given(purposes, ids, issues)
def test_a_token_cut_short_is_refused(purpose: str, id: int, issue: int) -> None:
    token = RING.token(purpose, id, issue)
    assert not any(RING.read(token[:length]) for length in range(len(token)))


@given(purposes, ids, issues, some.text(min_size=1, max_size=4))
def test_a_token_with_something_before_or_after_it_is_refused(purpose: str, id: int, issue: int, more: str) -> None:
    token = RING.token(purpose, id, issue)
    assert RING.read(token + more) is None
    assert RING.read(more + token) is None


@pytest.mark.parametrize("padding", ["=", "==", "%3D", "\n", " ", "."])
def test_a_second_spelling_of_the_same_bytes_is_refused(padding: str) -> None:
    for id in (1, 16, 256):
        assert RING.read(RING.token("m", id, 1) + padding) is None


@given(purposes, ids, issues)
def test_a_token_under_another_key_is_refused(purpose: str, id: int, issue: int) -> None:
    assert Keyring("the key of another house").read(RING.token(purpose, id, issue)) is None


@given(ids, issues)
def test_a_token_cannot_be_turned_to_another_purpose_link_or_issue(id: int, issue: int) -> None:
    raw = base64.urlsafe_b64decode((token := RING.token("m", id, issue)) + "=" * (-len(token) % 4))
    for body in (f"j.{id:x}.{issue:x}", f"m.{id + 1:x}.{issue:x}", f"m.{id:x}.{issue + 1:x}"):
        forged = base64.urlsafe_b64encode(raw[:16] + body.encode()).decode().rstrip("=")
        assert RING.read(forged) is None


@given(some.text(max_size=100))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert RING.read(text) is None


@pytest.mark.parametrize("text", ["", "A" * 21, "A" * 79, "A" * 100_000, "\ud800" * 30, "ạ" * 30, "\x00" * 30])
def test_odd_text_is_no_token(text: str) -> None:
    assert RING.read(text) is None


@pytest.mark.parametrize("purpose", ["", "x", "M", "mm", "m."])
def test_a_purpose_nobody_knows_has_no_tokens(purpose: str) -> None:
    with pytest.raises(ValueError, match="no links of the purpose"):
        RING.token(purpose, 1, 1)


def test_without_a_server_key_there_are_no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_keyring", None)
    with pytest.raises(RuntimeError):
        links.token("m", 1, 1)
    with pytest.raises(RuntimeError):
        links.read("A" * 30)


def test_a_link_of_an_older_key_opens_until_its_grace_ends_and_new_ones_are_made_under_the_new_key() -> None:
    old, until = Keyring("the key of last year"), now() + timedelta(days=14)
    ring = Keyring("the key of this year", [("the key of last year", until)])
    token = old.token("m", 41, 1)
    assert ring.read(token) == Claim("m", 41, 1)
    assert ring.token("m", 41, 1) == Keyring("the key of this year").token("m", 41, 1) != token
    assert Keyring("the key of this year").read(token) is None
    with stood_at(until):
        assert ring.read(token) is None
        assert ring.read(ring.token("m", 41, 1)) == Claim("m", 41, 1)
