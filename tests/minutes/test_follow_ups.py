"""From the press of "issue" to the letter box."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

from meetings import worker
from meetings.accounts.queries import actor_of
from meetings.database import db
from meetings.minutes import handing, life, queries, services
from meetings.minutes.handing import Numbers
from meetings.minutes.services import Said
from tests import make


def test_an_issued_record_reaches_the_leader_with_both_files_and_a_link_that_opens(
    app, instance, browser, begun, hoa, approver, held
):
    leader = make.person("Lê Minh Khang")
    item = queries.written(begun).items[0]
    services.save_item(begun, item, item.title, (None, None), [Said(None, "", "", "Khai mạc.")], edition=0, actor=hoa)
    services.save_conclusions(begun, ["Thống nhất ban hành hướng dẫn."], edition=0, actor=hoa)
    life.submit(begun, actor=hoa)
    life.approve(begun, actor=actor_of(approver))
    handing.issue(begun, Numbers("31", None, "412", None), [leader], [], actor=hoa)
    email, code = leader.email, held.code
    make.done()
    db.session.remove()
    worker.until_nothing_is_due(app)
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in instance.rglob("*.eml")]
    (letter,) = [one for one in letters if email in str(one["To"])]
    assert code in str(letter["Subject"])
    body = letter.get_body(("plain",)).get_content()
    assert "Thống nhất ban hành hướng dẫn." in body
    names = [part.get_filename() for part in letter.iter_attachments()]
    assert names == [f"Thong-bao-ket-luan-{code}.docx", f"Bien-ban-{code}.docx"]
    assert all(part.get_content()[:2] == b"PK" for part in letter.iter_attachments())
    link = re.search(r"http://hop\.example(/v/\S+)", body)
    assert link is not None
    assert browser().get(link[1]).status_code == 200
