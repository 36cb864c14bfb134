"""Two who look at one site at once: what each found stays, with a name, an hour and a door on every item."""

from __future__ import annotations

from datetime import timedelta

from meetings.readiness.findings import Findings, shown
from meetings.readiness.rules import Item, Verdict
from tests.make import at

PASS, FAULT = Verdict.PASS, Verdict.FAULT
T = at("2026-12-10 07:10")
ALL = dict.fromkeys(Item, PASS)


def laid(stands: Findings, items: dict[Item, Verdict], minutes: int, by: str, **more: object) -> Findings:
    values: dict[str, object] = {"notes": {}, "seen": {}, "source": "self", **more}
    return stands.with_words(items, at=T + timedelta(minutes=minutes), by=by, **values)


def test_every_item_bears_who_looked_when_and_by_which_door() -> None:
    first = laid(Findings(), {Item.LINE: PASS, Item.PICTURE: PASS}, 0, "Ông Lộc")
    second = laid(first, {Item.MICROPHONE: FAULT}, 5, "Bà Hoa", notes={Item.MICROPHONE: "hú"}, source="telephone")
    line, microphone = second.stamp(Item.LINE), second.stamp(Item.MICROPHONE)
    assert line and (line.at, line.by, line.source) == (T, "Ông Lộc", "self")
    assert microphone and (microphone.by, microphone.source) == ("Bà Hoa", "telephone")
    assert second.stamp(Item.POWER) is None
    assert second.items == {"line": "pass", "picture": "pass", "microphone": "fault"}


def test_a_form_that_was_opened_earlier_overwrites_nothing_it_did_not_touch() -> None:
    opened = laid(Findings(), {Item.LINE: PASS, Item.MICROPHONE: PASS}, 0, "Ông Lộc")
    seen = {Item.LINE: shown("pass", ""), Item.MICROPHONE: shown("pass", "")}
    faulty = laid(opened, {Item.MICROPHONE: FAULT}, 5, "Kỹ thuật", notes={Item.MICROPHONE: "hú"})
    sent = laid(faulty, {Item.LINE: PASS, Item.MICROPHONE: PASS, Item.SCREEN: PASS}, 6, "Ông Lộc", seen=seen)
    assert (sent.items["microphone"], sent.notes) == ("fault", {"microphone": "hú"})
    assert sent.items["screen"] == "pass"
    mended = laid(sent, {Item.MICROPHONE: PASS}, 9, "Ông Lộc", seen={Item.MICROPHONE: shown("fault", "hú")})
    assert (mended.items["microphone"], mended.notes) == ("pass", {})
    assert sent.differences(mended)["microphone"]["note"] == "hú"  # what was replaced is handed back, with its stamp
    assert sent.differences(mended)["microphone"]["by"] == "Kỹ thuật"


def test_a_form_sent_again_as_it_was_says_that_all_was_looked_at_again() -> None:
    first = laid(Findings(), ALL, 0, "Ông Lộc")
    again = laid(first, ALL, 20, "Ông Lộc", seen={item: shown("pass", "") for item in Item})
    stamp = again.stamp(Item.POWER)
    assert stamp and stamp.at == T + timedelta(minutes=20)
    assert first.differences(again) == {}


def test_what_was_noted_earlier_and_comes_late_touches_no_younger_item() -> None:
    first = laid(Findings(), {Item.LINE: PASS}, 10, "Kỹ thuật")
    late = laid(first, {Item.LINE: FAULT, Item.POWER: PASS}, 2, "Ông Lộc", notes={Item.LINE: "rớt"})
    assert late.items == {"line": "pass", "power": "pass"}
    assert laid(first, {Item.LINE: FAULT}, 2, "Ông Lộc", notes={Item.LINE: "rớt"}) is first
