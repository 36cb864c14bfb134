"""Letters handed in, carried, put off, lost and sent again; whatever the mailer does and whenever the worker dies."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config import MailboxFolder
from meetings import links
from meetings.adapters.mail import Closed, Fate, Folder, Outcome, Parcel, Phase
from meetings.clock import now
from meetings.database import db
from meetings.errors import Refused
from meetings.post import carry, queries, rules, services
from meetings.post.message import Address, slot
from meetings.post.models import Enclosure, Letter
from meetings.post.rules import LetterStatus
from meetings.post.services import Draft, Enclosed, Ticket
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("app")
TAKEN = Outcome(Fate.ACCEPTED, Phase.DOT, 250, "taken")


class FakeMailer:
    """Answers as it is told, and keeps what it was given."""

    repeatable = False

    def __init__(
        self, answer: Callable[[Parcel], Outcome | Closed] | None = None, closed: Closed | None = None
    ) -> None:
        self.answer, self.closed = answer or (lambda parcel: TAKEN), closed
        self.given: list[Parcel] = []
        self.allowed: list[bool] = []
        self.opened = 0

    def open(self) -> Closed | None:
        self.opened += 1
        assert not db.session().in_transaction(), "the outside waits outside: no transaction while connecting"
        return self.closed

    def carry(self, parcel: Parcel) -> Outcome | Closed:
        assert not db.session().in_transaction(), "the outside waits outside: no transaction while speaking"
        self.given.append(parcel)
        return self.answer(parcel)

    def close(self) -> None:
        pass


def draft(number: int = 1, **changes: object) -> Draft:
    values: dict[str, object] = {
        "key": f"invitation-{number}-0",
        "kind": "invitation",
        "root": "HN-2026-0147",
        "to": Address("Điểm cầu Nghệ An", f"a{number}@tinh.example"),
        "subject": "Giấy mời",
        "text": f"Kính gửi: {slot('site')}\nhttp://hop.example/m/{slot('token')}",
        "fills": {"site": f"Nơi {number}"},
        "link": Ticket("m", number, 1),
    }
    return Draft(**(values | changes))


def status(key: str = "invitation-1-0") -> LetterStatus:
    found = queries.at(key)
    assert found is not None
    return found.status


def pass_over(mailer: FakeMailer | Folder) -> int:
    return carry.carry_due(mailer, now())


def test_the_same_key_handed_in_twice_leaves_one_letter() -> None:
    first = services.hand_in(draft())
    again = services.hand_in(draft(subject="Khác"))
    assert first.id == again.id and again.subject == "Giấy mời"


def test_thousands_of_letters_share_one_pattern_and_one_attachment() -> None:
    sha256 = services.keep(b"PK giay moi", "application/x")
    enclosed = (Enclosed(sha256, "Giay-moi.docx", "application/x"),)
    assert services.hand_in_all(draft(n, enclosures=enclosed) for n in range(1, 1203)) == 1202
    assert services.hand_in_all(draft(n, enclosures=enclosed) for n in range(1, 1204)) == 1
    assert db.session.query(Enclosure).count() == 2


def test_a_letter_is_carried_with_its_own_link_and_only_to_its_own_reader() -> None:
    services.hand_in_all([draft(1), draft(2)])
    mailer = FakeMailer()
    assert pass_over(mailer) == 2
    assert status() is LetterStatus.SENT
    for number, parcel in enumerate(mailer.given, 1):
        message = email.message_from_bytes(parcel.data, policy=email.policy.default)
        assert parcel.recipient == f"a{number}@tinh.example"
        assert links.token("m", number, 1) in message.get_content()
        assert f"Nơi {number}" in message.get_content()
    assert pass_over(mailer) == 0


def test_no_token_stands_in_the_database_and_none_is_shown() -> None:
    letter = services.hand_in(draft())
    token = links.token("m", 1, 1)
    stored = str(letter.fills) + queries.enclosure(letter.pattern).decode()
    assert token not in stored
    message = email.message_from_bytes(queries.eml(letter, hide=True), policy=email.policy.default)
    assert token not in message.get_content() and queries.HIDDEN in message.get_content()
    assert token not in queries.readable(letter).text


def test_an_address_that_cannot_stand_on_an_envelope_is_refused_at_once() -> None:
    services.hand_in(draft(to=Address("", "điểm cầu@tinh.example")))
    mailer = FakeMailer()
    assert pass_over(mailer) == 0 and mailer.given == []
    assert status() is LetterStatus.REFUSED


def test_one_bad_address_never_holds_up_the_others() -> None:
    services.hand_in_all(draft(n) for n in (1, 2, 3))
    refused = Outcome(Fate.REJECTED, Phase.RCPT, 550, "no such user")
    mailer = FakeMailer(lambda parcel: refused if parcel.name == "invitation-2-0" else TAKEN)
    pass_over(mailer)
    assert queries.counts()[LetterStatus.SENT] == 2
    failed = queries.listed()[0]
    assert (failed.key, failed.status, failed.code, failed.answer) == (
        "invitation-2-0",
        LetterStatus.REFUSED,
        550,
        "no such user",
    )


def test_a_letter_that_cannot_be_put_together_holds_up_nobody() -> None:
    services.hand_in_all([draft(1), draft(2, text="Nội dung khác"), draft(3)])
    broken = queries.at("invitation-2-0")
    assert broken is not None
    db.session.execute(sa.update(Enclosure).where(Enclosure.sha256 == broken.pattern).values(data=b"torn"))
    mailer = FakeMailer()
    pass_over(mailer)
    assert [parcel.name for parcel in mailer.given] == ["invitation-1-0", "invitation-3-0"]
    assert status("invitation-3-0") is LetterStatus.SENT
    db.session.refresh(broken)
    assert (broken.status, broken.phase, broken.attempts) == (LetterStatus.REFUSED, carry.UNMADE, 0)


def test_a_letter_put_off_goes_again_later_and_not_sooner(clock: object) -> None:
    clock.at("2026-12-01 09:00")
    services.hand_in(draft())
    busy = FakeMailer(lambda parcel: Outcome(Fate.DEFERRED, Phase.RCPT, 451, "greylisted"))
    for minutes in (1, 5, 15, 60, 60):
        assert pass_over(busy) == 1
        clock.forward(minutes=minutes - 0.1)
        assert pass_over(busy) == 0
        clock.forward(minutes=minutes * rules.SPREAD + 0.1)
    assert pass_over(FakeMailer()) == 1
    assert status() is LetterStatus.SENT


def test_a_letter_put_off_for_three_days_is_refused_and_stands_first(clock: object) -> None:
    services.hand_in(draft())
    busy = FakeMailer(lambda parcel: Outcome(Fate.DEFERRED, Phase.RCPT, 451, "greylisted"))
    pass_over(busy)
    clock.forward(hours=73)
    pass_over(busy)
    assert status() is LetterStatus.REFUSED


def test_nothing_is_called_sent_that_the_server_did_not_accept() -> None:
    services.hand_in(draft())
    pass_over(FakeMailer(lambda parcel: Outcome(Fate.UNKNOWN, Phase.DOT, None, "timed out")))
    assert status() is LetterStatus.UNCERTAIN
    again = FakeMailer()
    assert pass_over(again) == 0 and again.given == []


def test_a_closed_mailer_costs_no_letter_a_try(clock: object) -> None:
    clock.at("2026-12-01 09:00")
    services.hand_in_all(draft(n) for n in (1, 2, 3))
    wrong = FakeMailer(closed=Closed(Phase.AUTH, 535, "wrong password"))
    for _ in range(5):
        assert pass_over(wrong) == 0
    assert wrong.opened == 1  # the account must not be locked by our asking
    outage = queries.outage()
    assert outage is not None and (outage.code, outage.answer) == (535, "wrong password")
    clock.forward(minutes=1)
    pass_over(wrong)
    assert wrong.opened == 2
    assert {letter.attempts for letter in db.session.query(Letter)} == {0}
    clock.forward(minutes=5)
    assert pass_over(FakeMailer()) == 3
    assert queries.outage() is None


def test_a_mailer_that_closes_in_the_middle_leaves_the_letter_waiting() -> None:
    services.hand_in_all(draft(n) for n in (1, 2))
    mailer = FakeMailer(lambda parcel: Closed(Phase.MAIL, 530, "authenticate first"))
    assert pass_over(mailer) == 0 and len(mailer.given) == 1
    assert queries.counts()[LetterStatus.WAITING] == 2


def test_a_relay_that_counts_us_is_asked_again_in_a_minute_and_costs_the_letters_no_hours(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    services.hand_in_all(draft(n) for n in range(1, 101))
    too_much = Outcome(Fate.DEFERRED, Phase.MAIL, 450, "4.7.1 too much mail")
    mailer = FakeMailer(lambda parcel: TAKEN if mailer.allowed.pop() else too_much)
    begun = now()
    while queries.counts()[LetterStatus.WAITING]:
        mailer.allowed = [False] * 100 + [True] * 30
        pass_over(mailer)
        assert pass_over(mailer) == 0, "it is left alone"
        outage = queries.outage()
        if outage is not None and outage.since_at == now():
            assert (outage.code, outage.answer, outage.failures) == (450, too_much.answer, 1), "it took some"
            assert outage.retry_at == now() + timedelta(minutes=1)
        clock.forward(minutes=1.21)
    assert queries.counts()[LetterStatus.SENT] == 100 and queries.outage() is None
    assert max(letter.attempts for letter in db.session.query(Letter)) <= 3
    assert now() - begun < timedelta(minutes=10)


def test_a_server_that_goes_on_putting_everything_off_is_asked_ever_more_seldom(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    services.hand_in_all(draft(n) for n in range(1, 101))
    busy = FakeMailer(lambda parcel: Outcome(Fate.DEFERRED, Phase.RCPT, 421, "closing"))
    for minutes in (1, 5, 15):
        assert pass_over(busy) == carry.ENOUGH
        clock.forward(minutes=minutes - 0.1)
        assert pass_over(busy) == 0
        clock.forward(minutes=0.1)
    since = queries.outage()
    assert since is not None and since.failures == 3 and since.since_at < now() - timedelta(minutes=20)


def test_what_is_put_off_for_its_reader_or_its_contents_stops_nobody() -> None:
    services.hand_in_all(draft(n) for n in range(1, 31))
    grey = {f"invitation-{n}-0" for n in range(3, 28)}
    greylisted = Outcome(Fate.DEFERRED, Phase.RCPT, 451, "greylisted")
    assert pass_over(FakeMailer(lambda parcel: greylisted if parcel.name in grey else TAKEN)) == 30
    assert queries.outage() is None and queries.counts()[LetterStatus.SENT] == 5


def test_an_administrator_can_have_the_mailer_asked_at_once() -> None:
    services.hand_in(draft())
    pass_over(FakeMailer(closed=Closed(Phase.CONNECT, None, "refused")))
    services.try_now()
    assert pass_over(FakeMailer()) == 1


class Killed(BaseException):
    """The worker dies here: nothing after this line runs."""


def kill(parcel: Parcel) -> Outcome:
    raise Killed


def test_a_worker_killed_with_a_letter_in_hand_leaves_it_uncertain_and_the_others_waiting() -> None:
    services.hand_in_all(draft(n) for n in (1, 2))
    with pytest.raises(Killed):
        pass_over(FakeMailer(kill))
    db.session.rollback()
    assert status() is LetterStatus.TRANSMITTING
    mailer = FakeMailer()
    assert pass_over(mailer) == 1
    assert [parcel.name for parcel in mailer.given] == ["invitation-2-0"]
    assert status() is LetterStatus.UNCERTAIN


def test_a_worker_killed_before_the_mark_is_kept_leaves_the_letter_waiting() -> None:
    services.hand_in(draft())
    db.session.commit()
    assert carry.ask(now())
    db.session.rollback()  # what a kill before the commit leaves
    mailer = FakeMailer()
    assert pass_over(mailer) == 1 and status() is LetterStatus.SENT


def test_a_folder_takes_the_abandoned_letter_again_and_holds_one_copy(instance: Path) -> None:
    services.hand_in(draft())
    folder = Folder(instance / "outbox")
    db.session.commit()
    (errand,) = carry.ask(now())
    db.session.commit()
    folder.carry(errand.parcel)  # written, and the worker dies before it can say so
    assert pass_over(folder) == 1 and status() is LetterStatus.SENT
    files = list(folder.path.iterdir())
    assert [file.name for file in files] == ["invitation-1-0.eml"]
    assert files[0].read_bytes() == errand.parcel.data


def test_a_clock_that_was_set_back_does_not_hold_up_new_letters(clock: object) -> None:
    clock.at("2026-12-01 11:00")
    services.hand_in(draft())
    clock.at("2026-12-01 09:00")
    assert pass_over(FakeMailer()) == 1


def test_the_urgent_goes_first() -> None:
    services.hand_in_all([draft(1), draft(2, urgency=1)])
    mailer = FakeMailer()
    pass_over(mailer)
    assert [parcel.name for parcel in mailer.given] == ["invitation-2-0", "invitation-1-0"]


@pytest.fixture
def settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Changes the settings of this installation."""

    def change(**changes: object) -> None:
        monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], **changes))

    return change


def test_no_minute_holds_more_letters_than_the_bound_whoever_carries_them(
    clock: Clock, settings: Callable[..., None]
) -> None:
    clock.at("2026-12-01 09:00")
    settings(mail_rate=3)
    services.hand_in_all(draft(n) for n in range(1, 9))
    first = FakeMailer(lambda parcel: Outcome(Fate.DEFERRED, Phase.RCPT, 451, "greylisted"))
    assert pass_over(first) == 3
    restarted = FakeMailer()
    assert pass_over(restarted) == 0 and restarted.opened == 0, "what the worker before it tried counts too"
    assert queries.throttled(now()) == queries.Throttled(rate=3, waiting=5, minutes=2)
    clock.forward(seconds=59)
    assert pass_over(restarted) == 0
    services.hand_in(draft(20, urgency=1))
    clock.forward(seconds=1)
    assert pass_over(restarted) == 3
    assert [parcel.name for parcel in restarted.given][:2] == ["invitation-20-0", "invitation-4-0"], "the urgent first"
    settings(mail_rate=0)
    assert queries.throttled(now()) is None
    clock.forward(minutes=2)
    assert pass_over(restarted) == 6


def test_a_bound_that_lets_all_go_and_a_server_that_takes_none_are_not_called_a_bound(
    clock: Clock, settings: Callable[..., None]
) -> None:
    settings(mail_rate=2)
    services.hand_in_all([draft(1), draft(2)])
    assert queries.throttled(now()) is None
    services.hand_in_all([draft(3)])
    pass_over(FakeMailer(closed=Closed(Phase.AUTH, 535, "wrong password")))
    assert queries.throttled(now()) is None
    clock.forward(minutes=2)
    assert queries.throttled(now()) == queries.Throttled(rate=2, waiting=3, minutes=1)


def test_what_comes_back_names_its_letter_where_somebody_reads_it(settings: Callable[..., None]) -> None:
    settings(mailbox=MailboxFolder(Path("inbox")))
    letter = services.hand_in(draft())
    mailer = FakeMailer()
    pass_over(mailer)
    (parcel,) = mailer.given
    assert parcel.sender.startswith("diemcau+b.") and queries.by_verp(parcel.sender.upper()) is letter
    message = email.message_from_bytes(parcel.data, policy=email.policy.default)
    assert message["From"].addresses[0].addr_spec == "diemcau@hop.example", "answers go to the plain address"
    assert queries.by_message_id(message["Message-ID"]) is letter
    assert queries.by_verp("diemcau@hop.example") is None and queries.by_message_id("<other@hop.example>") is None


@pytest.mark.parametrize("changes", [{"mailbox": None}, {"mail_verp": False}, {"mail_from": "khac@hop.example"}])
def test_where_nobody_would_read_it_the_envelope_bears_the_plain_address(
    settings: Callable[..., None], changes: dict[str, object]
) -> None:
    services.hand_in(draft())
    settings(**({"mailbox": MailboxFolder(Path("inbox"))} | changes))
    mailer = FakeMailer()
    pass_over(mailer)
    assert [parcel.sender for parcel in mailer.given] == ["diemcau@hop.example"]


def test_an_invitation_that_waited_past_its_meeting_is_not_sent(clock: object) -> None:
    services.hand_in(draft(not_after=now() + timedelta(hours=1)))
    clock.forward(hours=2)
    mailer = FakeMailer()
    assert pass_over(mailer) == 0 and mailer.given == []
    assert status() is LetterStatus.WITHDRAWN


def test_a_reminder_that_becomes_stale_while_others_are_carried_is_not_sent(clock: Clock) -> None:
    clock.at("2026-12-01 09:00")
    services.hand_in_all(draft(n, not_after=now() + timedelta(minutes=n)) for n in (1, 2, 3))

    def slow(parcel: Parcel) -> Outcome:
        clock.forward(seconds=100)
        return TAKEN

    mailer = FakeMailer(slow)
    assert pass_over(mailer) == 2 and [parcel.name for parcel in mailer.given] == ["invitation-1-0", "invitation-2-0"]
    assert pass_over(mailer) == 0 and status("invitation-3-0") is LetterStatus.WITHDRAWN


def test_a_withdrawn_letter_never_leaves() -> None:
    services.hand_in_all([draft(1), draft(2)])
    assert services.withdraw_link("m", 1) == 1
    mailer = FakeMailer()
    pass_over(mailer)
    assert [parcel.name for parcel in mailer.given] == ["invitation-2-0"]
    assert services.withdraw_link("m", 2) == 0


def test_a_refused_letter_goes_to_a_corrected_address() -> None:
    letter = services.hand_in(draft(to=Address("", "sai@"), fills={"address": "sai@"}))
    with pytest.raises(Refused):
        services.resend(letter, to_address="vẫn sai")
    services.resend(letter, to_address="dung@tinh.example")
    mailer = FakeMailer()
    pass_over(mailer)
    assert mailer.given[0].recipient == "dung@tinh.example"
    assert status() is LetterStatus.SENT


def test_an_uncertain_letter_sent_again_is_the_same_byte_for_byte() -> None:
    services.hand_in(draft())
    lost = FakeMailer(lambda parcel: Outcome(Fate.UNKNOWN, Phase.DOT, None, "timed out"))
    pass_over(lost)
    letter = queries.at("invitation-1-0")
    assert letter is not None
    with pytest.raises(Refused):
        services.resend(letter, to_address="khac@tinh.example")
    services.resend(letter)
    again = FakeMailer()
    pass_over(again)
    assert again.given == lost.given


def test_an_uncertain_letter_that_arrived_can_be_called_sent_and_a_waiting_one_cannot() -> None:
    letter = services.hand_in(draft())
    with pytest.raises(Refused):
        services.confirm(letter)
    pass_over(FakeMailer(lambda parcel: Outcome(Fate.UNKNOWN, Phase.DOT, None, "timed out")))
    services.confirm(letter)
    assert status() is LetterStatus.SENT


def test_letters_are_found_by_their_reader_and_counted_by_where_they_are() -> None:
    services.hand_in_all([draft(1), draft(2, to=Address("Sở Y tế", "syt@tinh.example"))])
    assert [letter.key for letter in queries.listed(words="syt")] == ["invitation-2-0"]
    assert queries.number(words="TINH.example") == 2
    assert queries.number(status=LetterStatus.SENT) == 0
    assert queries.counts(root="HN-2026-0147", kinds=["invitation"])[LetterStatus.WAITING] == 2
    assert queries.counts(root="HN-2026-0001")[LetterStatus.WAITING] == 0
    assert queries.waiting_since() is not None


def test_every_letter_ends_somewhere_whatever_the_mailer_does() -> None:
    services.hand_in_all(draft(n) for n in range(1, 13))
    fates = [TAKEN, Outcome(Fate.REJECTED, Phase.DOT, 552, ""), Outcome(Fate.UNKNOWN, Phase.DOT, None, "")]
    mailer = FakeMailer(lambda parcel: fates[len(mailer.given) % 3])
    pass_over(mailer)
    counts = queries.counts()
    assert counts[LetterStatus.SENT] == counts[LetterStatus.REFUSED] == counts[LetterStatus.UNCERTAIN] == 4
    assert sum(counts.values()) == 12


def test_a_letter_is_found_by_its_id_or_there_is_none(app: Flask) -> None:
    letter = services.hand_in(draft())
    assert queries.letter(letter.id) is letter
    with pytest.raises(Refused):
        queries.letter(letter.id + 1)
    assert rules.deliverable(letter.to_address)
