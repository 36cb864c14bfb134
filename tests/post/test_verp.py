"""The address a letter comes back to names the letter, and nobody else can write one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings import links
from meetings.post import rules, verp

SENDER = "lichhop@tinh.example"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "_keyring", links.Keyring("x" * 40))


def test_the_address_names_the_letter_is_deliverable_and_survives_servers_that_rewrite_it() -> None:
    for letter_id in (1, 41, 0xABCDEF, 2**31 - 1):
        marked = verp.address(SENDER, letter_id)
        assert marked == verp.address(SENDER, letter_id), "a second copy has the same envelope"
        assert rules.deliverable(marked) and marked.startswith("lichhop+b.") and marked.endswith("@tinh.example")
        for seen in (marked, marked.upper(), f"<{marked}>", f" {marked}\r\n", marked.replace("@tinh.", "@mail.tinh.")):
            assert verp.read(seen) == letter_id
    assert verp.read(verp.address("hop+lich@tinh.example", 7)) == 7, "a sender that has a plus of its own"


def test_nobody_has_another_letter_called_undeliverable() -> None:
    genuine = verp.address(SENDER, 41)
    local, _, mark = genuine.partition("@")[0].rpartition(".")
    forged = [f"{local[:-2]}2a.{mark}@tinh.example", f"{local}.{mark[:-1]}@tinh.example", f"{local}.@tinh.example"]
    forged += [f"{local}.{mark[:-1]}{digit}@tinh.example" for digit in "0123456789abcdef" if digit != mark[-1]]
    assert [verp.read(address) for address in forged] == [None] * len(forged)


def test_a_sender_too_long_to_be_marked_stays_as_it_is() -> None:
    long = f"{'a' * 50}@tinh.example"
    assert verp.address(long, 1) == long and verp.read(long) is None


@given(st.text(max_size=90) | st.from_regex(r"\A[^@]{0,9}\+b\.[0-9a-fA-F]{0,12}\.[0-9a-f]{0,12}@[^@]{0,9}\Z"))
def test_whatever_stands_on_an_envelope_is_read_or_is_not_ours(text: str) -> None:
    assert verp.read(text) is None
