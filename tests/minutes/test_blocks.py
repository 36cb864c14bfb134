"""Two people write the minutes at once: whatever they save, in whatever order, no typed text is lost."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meetings.accounts.queries import actor_of
from meetings.database import db
from meetings.errors import Refused
from meetings.minutes import block_queries, blocks, life, queries, services
from meetings.minutes.blocks import Overtaken, Page
from meetings.minutes.content import Concluded, Given, Spoken
from meetings.minutes.models import Statement
from meetings.minutes.rules import BlockKind, StatementKind
from meetings.readiness.models import Delegate
from tests import make


@pytest.fixture
def item(begun):
    """The discussion."""
    return queries.written(begun).items[2]


@pytest.fixture
def lan():
    """Another secretary."""
    return actor_of(make.user("secretary", name="Trần Thị Lan", email="lan@bdps.example"))


def texts(record) -> list[str]:
    """Every text that stands somewhere in *record*: in a block, or as a scrap that can be put back."""
    rows = queries.written(record)
    stand = [row.text for said in rows.statements.values() for row in said]
    stand += [row.text for row in (*rows.conclusions, *rows.tasks)]
    return stand + [scrap.text for scrap in block_queries.scraps(record)]


def new(item, text="Đề nghị ban hành hướng dẫn.", **more):
    return Page(item=item, once=uuid4().hex), Spoken(text, **more)


class Writer:
    """One of two who write: what her page shows, which may be old, and what she has typed since."""

    def __init__(self, actor, record, item):
        self.actor, self.record, self.item = actor, record, item
        self.seen: dict[int, tuple[int, str | None]] = {}
        self.look()

    def look(self):
        self.seen = {row.id: (row.edition, row.once) for row in queries.statements_of(self.item)}

    def save(self, place: int, text: str, how: str) -> None:
        """Type *text* into a block of her page, or a new one, and save; where somebody was faster, choose *how*."""
        ids = sorted(self.seen)
        id = ids[place % len(ids)] if place and ids else None
        edition, once = self.seen.get(id or 0, (0, uuid4().hex))
        page = Page(id, edition, self.item, once)
        try:
            row = blocks.save(self.record, page, Spoken(text), actor=self.actor)
        except Overtaken:
            stands = block_queries.block_row(self.record, BlockKind.STATEMENT, id or 0)
            same = stands is not None and stands.once == once
            known = Page(id, stands.edition, self.item, once) if same else Page(item=self.item, once=uuid4().hex)
            choose = {"mine": blocks.replace_with_mine, "both": blocks.merge, "theirs": blocks.leave}[how]
            row = choose(self.record, known, Spoken(text), actor=self.actor)
        if row is not None:
            self.seen[row.id] = (row.edition, row.once)


STEP = st.tuples(
    st.sampled_from([0, 1]),
    st.sampled_from(["save", "save", "save", "save", "remove", "look", "move"]),
    st.sampled_from([0, 1, 1, 2]),
    st.sampled_from(["mine", "both", "theirs"]),
)


@given(st.lists(STEP, min_size=4, max_size=14))
@example([(0, "look", 0, "mine"), (1, "save", 1, "mine"), (0, "save", 1, "both"), (0, "save", 1, "mine")])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_two_writers_do_no_typed_text_is_lost(begun, hoa, lan, steps):
    item = services.add_item(begun, "Mục mới", actor=hoa)
    blocks.add(begun, Spoken(f"Câu {item.id}-đầu."), item=item, actor=hoa)
    two = (Writer(hoa, begun, item), Writer(lan, begun, item))
    typed: dict[str, None] = {f"Câu {item.id}-đầu.": None}
    overwritten: set[str] = set()
    for number, (who, what, place, how) in enumerate(steps):
        writer = two[who]
        rows = list(queries.statements_of(item))
        if what == "save":
            text = f"Câu {item.id}-{number}."
            ids = sorted(writer.seen)
            id = ids[place % len(ids)] if place and ids else None
            stands = next((row for row in rows if row.id == id), None)
            if stands is not None and (stands.edition, stands.once) == writer.seen[stands.id]:
                overwritten.update(stands.text.split("\n"))  # she changed it knowing what stood there, of both perhaps
            writer.save(place, text, how)
            typed[text] = None
        elif what == "look":
            writer.look()
        elif rows:
            row = rows[place % len(rows)]
            if what == "remove":
                blocks.remove(begun, row, actor=writer.actor)
            else:
                blocks.move(begun, row, down=bool(place % 2), actor=writer.actor)
    kept = "\n".join(texts(begun))
    lost = [text for text in typed if text not in kept and text not in overwritten]
    assert not lost, lost


def test_new_blocks_of_two_writers_both_stay(begun, item, hoa, lan):
    one = blocks.save(begun, *new(item, "Câu của bà Hoa."), actor=hoa)
    other = blocks.save(begun, *new(item, "Câu của bà Lan."), actor=lan)
    assert [row.text for row in queries.statements_of(item)] == ["Câu của bà Hoa.", "Câu của bà Lan."]
    assert (one.saved_by, one.edition, other.edition) == (hoa.name, 1, 1)


def test_a_block_saved_since_is_not_written_over(begun, item, hoa, lan):
    row = blocks.save(begun, *new(item), actor=hoa)
    blocks.save(begun, Page(row.id, 1, item), Spoken("Bà Lan sửa."), actor=lan)
    with pytest.raises(Overtaken, match="Trần Thị Lan"):
        blocks.save(begun, Page(row.id, 1, item), Spoken("Bà Hoa sửa."), actor=hoa)
    assert row.text == "Bà Lan sửa."
    assert blocks.save(begun, Page(row.id, 1, item), Spoken("Bà Lan sửa."), actor=hoa) is row, "the same words agree"
    blocks.merge(begun, Page(row.id, 2, item), Spoken("Bà Hoa sửa."), actor=hoa)
    assert row.text == "Bà Lan sửa.\nBà Hoa sửa."


def test_a_stale_window_of_the_same_person_is_told_so(begun, item, hoa):
    row = blocks.save(begun, *new(item), actor=hoa)
    blocks.save(begun, Page(row.id, 1, item), Spoken("Mới hơn."), actor=hoa)
    with pytest.raises(Overtaken, match="cửa sổ khác"):
        blocks.save(begun, Page(row.id, 1, item), Spoken("Cũ."), actor=hoa)


def test_a_page_sent_twice_makes_one_block_also_when_its_writer_typed_on(begun, item, hoa):
    page, said = new(item, "Câu một")
    row = blocks.save(begun, page, said, actor=hoa)
    assert blocks.save(begun, page, said, actor=hoa) is row
    assert blocks.save(begun, page, Spoken("Câu một và hai"), actor=hoa) is row
    assert [one.text for one in queries.statements_of(item)] == ["Câu một và hai"]


def test_what_was_typed_into_a_deleted_block_is_shown_and_can_be_kept(begun, item, hoa, lan):
    row = blocks.save(begun, *new(item), actor=hoa)
    blocks.remove(begun, row, actor=lan)
    with pytest.raises(Overtaken, match="Trần Thị Lan đã xóa"):
        blocks.save(begun, Page(row.id, 1, item), Spoken("Vẫn đang gõ."), actor=hoa)
    (scrap,) = block_queries.scraps(begun)
    back = blocks.restore(begun, scrap, actor=hoa)
    assert back.text == "Đề nghị ban hành hướng dẫn." and not block_queries.scraps(begun)


def test_a_command_turns_the_statement_at_its_save_and_not_while_it_is_typed(begun, item, hoa):
    row = blocks.save(begun, Page(item=item, once="k1", typing=True), Spoken("/nv ban hành hướng d"), actor=hoa)
    assert row.text == "/nv ban hành hướng d"
    done = Page(row.id, 1, item)
    assert blocks.save(begun, done, Spoken("/nv Nghệ An: ban hành hướng dẫn, hạn 31/01"), actor=hoa) is None
    assert blocks.save(begun, done, Spoken("/nv Nghệ An: ban hành hướng dẫn, hạn 31/01"), actor=hoa) is None, (
        "lost answer"
    )
    (task,) = queries.written(begun).tasks
    assert (task.text, task.lead, task.due_on) == ("Ban hành hướng dẫn", "Nghệ An", date(2027, 1, 31))
    assert task.lead_unit_id is not None and task.item_id == item.id
    assert not queries.statements_of(item)


def test_lines_become_conclusion_vote_and_note_and_the_rest_stays_as_their_source(begun, item, hoa):
    text = "Chủ tọa phát biểu.\n/kl thống nhất\n/bq 30-2-1 thông qua dự thảo\n/gc giải lao 10 phút"
    page = Page(item=item, once="k2")
    row = blocks.save(begun, page, Spoken(text, speaker="Ông Lê Minh Khang"), actor=hoa)
    assert blocks.save(begun, page, Spoken(text, speaker="Ông Lê Minh Khang"), actor=hoa) is row, "the answer was lost"
    said = queries.statements_of(item)
    assert [(one.kind, one.text) for one in said] == [
        (StatementKind.STATEMENT, "Chủ tọa phát biểu."),
        (StatementKind.VOTE, "Thông qua dự thảo"),
        (StatementKind.NOTE, "Giải lao 10 phút"),
    ]
    assert (said[1].votes_for, said[1].votes_against, said[1].votes_withheld) == (30, 2, 1)
    (conclusion,) = queries.written(begun).conclusions
    assert (conclusion.text, conclusion.statement_id, conclusion.item_id) == ("Thống nhất", row.id, item.id)


def test_a_command_left_unfinished_is_carried_out_before_the_minutes_are_shown(begun, item, hoa):
    blocks.save(begun, *new(item), actor=hoa)
    blocks.save(begun, Page(item=item, once="k3", typing=True), Spoken("/kl thống nhất"), actor=hoa)
    life.submit(begun, actor=hoa)
    assert [row.text for row in queries.written(begun).conclusions] == ["Thống nhất"]


def test_a_speaker_is_found_on_the_roster_of_the_site(begun, held, item, hoa):
    nghe_an, ha_tinh = make.sites_of(held)
    for site, title in ((nghe_an, "Phó Chủ tịch"), (ha_tinh, "Chánh Văn phòng")):
        db.session.add(
            Delegate(meeting_site_id=site.id, position=1, honorific="Ông", name="Hoàng Văn Lộc", title=title)
        )
    db.session.flush()
    row = blocks.save(begun, *new(item, site="Nghệ An", speaker="Hoàng Văn Lộc"), actor=hoa)
    assert isinstance(row, Statement) and row.delegate.meeting_site_id == nghe_an.id
    row = blocks.save(begun, *new(item, speaker="Ông Hoàng Văn Lộc, Chánh Văn phòng"), actor=hoa)
    assert (row.site, row.meeting_site_id) == ("Hà Tĩnh", ha_tinh.id)
    row = blocks.save(begun, *new(item, speaker="Ông Hoàng Văn Lộc"), actor=hoa)
    assert (row.delegate_id, row.site) == (None, ""), "two bear the name"
    assert block_queries.speakers(held, "loc chanh", "") == [("Ông Hoàng Văn Lộc, Chánh Văn phòng", "Hà Tĩnh")]


def test_what_a_machine_wrote_loses_its_mark_when_a_person_saves_it(begun, item, hoa):
    row = blocks.save(begun, *new(item), actor=hoa)
    row.machine_made = True
    blocks.save(begun, Page(row.id, 1, item), Spoken(row.text), actor=hoa)
    assert row.machine_made is False and row.edition == 2


def test_who_writes_elsewhere_is_told_for_two_minutes(begun, item, hoa, lan, clock):
    blocks.save(begun, *new(item), actor=lan)
    assert block_queries.writers(begun, besides=lan.name, now=make.at("2026-12-10 12:01")) == []
    (writer,) = block_queries.writers(begun, besides=hoa.name, now=make.at("2026-12-10 12:01"))
    assert (writer.name, writer.part) == ("Bà Lan", f"item-{item.id}")
    assert not block_queries.writers(begun, besides=hoa.name, now=make.at("2026-12-10 12:03"))


def test_conclusions_and_action_items_are_saved_each_by_itself_too(begun, item, hoa, lan):
    one = blocks.save(begun, Page(item=item, once="a"), Concluded("Thống nhất."), actor=hoa)
    task = blocks.save(begun, Page(item=item, once="b"), Given("Ban hành.", "Nghệ An"), actor=lan)
    blocks.save(begun, Page(one.id, 1, item), Concluded("Thống nhất ban hành."), actor=lan)
    blocks.save(begun, Page(task.id, 1, item), Given("Ban hành.", "Nghệ An", "", date(2027, 1, 4)), actor=hoa)
    with pytest.raises(Overtaken):
        blocks.save(begun, Page(task.id, 1, item), Given("Khác."), actor=lan)
    assert (one.edition, task.edition, task.due_on) == (2, 2, date(2027, 1, 4))


def test_a_speaker_without_words_is_not_taken_for_an_empty_block(begun, item, hoa):
    with pytest.raises(Refused) as refused:
        blocks.save(begun, Page(item=item, once="c"), Spoken("", speaker="Ông Lộc"), actor=hoa)
    assert refused.value.field == "text"


def test_scraps_go_when_the_text_stands(begun, item, hoa, approver):
    blocks.save(begun, *new(item), actor=hoa)
    blocks.remove(begun, blocks.save(begun, *new(item, "Thừa."), actor=hoa), actor=hoa)
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    assert not block_queries.scraps(begun)
