"""The life of a record, the skeleton's times, the code of a private link. No database."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetings.errors import Refused
from meetings.i18n import in_locale
from meetings.minutes import rules
from meetings.minutes.rules import CodeState, Given, RecordMove, RecordStatus
from meetings.official.working_days import STANDARD
from tests.make import at

NOW = at("2026-12-10 12:00")


@pytest.mark.parametrize(("status", "move"), list(product(RecordStatus, RecordMove)))
def test_every_move_is_in_the_table_or_refused(status, move):
    if (status, move) in rules.MOVES:
        assert rules.after(status, move) is rules.MOVES[status, move]
        assert rules.may(status, move)
    else:
        assert not rules.may(status, move)
        with pytest.raises(Refused):
            rules.after(status, move)


def test_an_approved_record_can_no_longer_be_saved():
    assert not rules.may(RecordStatus.APPROVED, RecordMove.SAVE)
    assert not rules.may(RecordStatus.ISSUED, RecordMove.SAVE)


def test_the_times_of_the_agenda_are_spread_over_the_time_the_meeting_took():
    spans = rules.spread(at("2026-12-10 08:05"), at("2026-12-10 11:05"), [10, 30, 110, 30])
    assert spans[0][0] == at("2026-12-10 08:05")
    assert spans[-1][1] == at("2026-12-10 11:05")
    assert all(a[1] == b[0] for a, b in zip(spans, spans[1:], strict=False))


def test_a_meeting_much_shorter_than_planned_keeps_its_order_and_its_proportions():
    spans = rules.spread(at("2026-11-22 14:56"), at("2026-11-22 15:04"), [10, 30, 40, 10])
    ends = [at(f"2026-11-22 {clock}") for clock in ("14:57", "15:00", "15:03", "15:04")]
    assert spans == list(zip([at("2026-11-22 14:56"), *ends], ends, strict=False))


@given(
    began=st.integers(0, 24 * 60 - 1),
    took=st.one_of(st.integers(0, 30), st.integers(0, 3 * 24 * 60)),
    minutes=st.lists(st.integers(0, 240), min_size=1, max_size=12),
)
def test_prefilled_times_never_run_backwards_and_lie_within_the_meeting(began, took, minutes):
    started_at = at("2026-11-22 00:00") + timedelta(minutes=began)
    ended_at = started_at + timedelta(minutes=took)
    spans = rules.spread(started_at, ended_at, minutes)
    edges = [spans[0][0], *(end for _start, end in spans)]
    assert [start for start, _end in spans] == edges[:-1]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (started_at, ended_at)
    shares = minutes if sum(minutes) else [1] * len(minutes)
    for place, edge in enumerate(edges):
        exact = started_at + (ended_at - started_at) * (sum(shares[:place]) / sum(shares))
        assert abs(edge - exact) <= rules.ROUNDING / 2 + timedelta(seconds=1)


def test_a_meeting_without_an_agenda_has_no_times():
    assert rules.spread(NOW, None, []) == []


def test_the_last_item_may_be_the_chairs_conclusion():
    assert rules.closes("Kết luận của chủ tọa")
    assert rules.closes("Phát biểu kết luận, bế mạc")
    assert not rules.closes("Thảo luận về kết luận thanh tra")


def test_sentences_call_the_meeting_what_its_title_calls_it():
    assert rules.kind_of("Hội nghị trực tuyến toàn quốc") == "hội nghị"
    assert rules.kind_of("Họp giao ban tháng 12") == "cuộc họp"


def test_an_action_item_is_due_ten_working_days_later_unless_said_otherwise():
    assert rules.suggested_due(date(2026, 12, 10), STANDARD) == date(2026, 12, 24)


def test_the_notice_is_due_on_the_fifth_working_day():
    assert rules.notice_due(at("2026-12-10 11:15"), STANDARD) == date(2026, 12, 17)


@pytest.mark.parametrize(
    "missing",
    [
        {"ended_at": None},
        {"ended_at": at("2026-12-10 07:00")},
        {"statements": 0, "conclusions": 0},
        {"given": [Given("Ban hành hướng dẫn", "", None)]},
    ],
)
def test_an_incomplete_record_is_not_shown_to_the_chair(missing):
    whole = {
        "statements": 1,
        "conclusions": 0,
        "given": [],
        "started_at": at("2026-12-10 08:05"),
        "ended_at": at("2026-12-10 11:15"),
    }
    rules.check_complete(**whole)
    with pytest.raises(Refused):
        rules.check_complete(**{**whole, **missing})


def test_the_right_code_opens_within_a_quarter_of_an_hour():
    digest = rules.code_digest("token", "12345678")
    assert rules.code_state(digest, NOW, 4, now=NOW + timedelta(minutes=14)) is CodeState.LIVE
    assert rules.code_fits(digest, "token", "12345678", CodeState.LIVE)
    assert not rules.code_fits(digest, "token", "87654321", CodeState.LIVE)
    assert not rules.code_fits(digest, "another", "12345678", CodeState.LIVE)


@pytest.mark.parametrize(
    ("digest", "sent_at", "tries", "state"),
    [
        ("", NOW, 0, CodeState.USED),
        ("", None, 0, CodeState.NONE),
        ("x", NOW - timedelta(minutes=16), 0, CodeState.OLD),
        ("x", NOW, 5, CodeState.SPENT),
    ],
)
def test_a_used_old_or_guessed_code_opens_nothing(digest, sent_at, tries, state):
    assert rules.code_state(digest, sent_at, tries, now=NOW) is state
    with pytest.raises(Refused):
        rules.code_fits(digest, "token", "12345678", state)


def test_a_second_code_within_a_minute_is_refused():
    rules.check_pause(CodeState.NONE, None, now=NOW)
    rules.check_pause(CodeState.LIVE, NOW - timedelta(minutes=2), now=NOW)
    with in_locale("vi"), pytest.raises(Refused, match="Xem thư trước khi"):
        rules.check_pause(CodeState.LIVE, NOW - timedelta(seconds=30), now=NOW)


@pytest.mark.parametrize("state", [CodeState.USED, CodeState.SPENT])
def test_nobody_is_sent_to_look_for_a_code_that_is_dead(state):
    with in_locale("vi"), pytest.raises(Refused, match="Mã trước không còn dùng được. Sau 20 giây nữa"):
        rules.check_pause(state, NOW - timedelta(seconds=40), now=NOW)


def test_a_stranger_does_not_learn_the_address():
    assert rules.masked("khang.lm@bdps.example") == "k•••@bdps.example"


@pytest.mark.parametrize("title", ["Khai mạc", "Thảo luận", "Phát biểu của các điểm cầu", "Kết luận", "Bế mạc"])
def test_who_opens_discusses_and_closes_does_not_report(title: str) -> None:
    assert not rules.reports(title)


def test_a_report_is_heard() -> None:
    assert rules.reports("Báo cáo kết quả chuyển đổi số năm 2026")
