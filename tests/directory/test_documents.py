"""Whose head a document has, who signs it as what, and with which template it is printed."""

import io
from datetime import date, timedelta

import docx
import pytest

from meetings.clock import today
from meetings.database import db
from meetings.directory.models import DocumentTemplate, Letterhead, Signatory
from meetings.directory.queries import documents as asked
from meetings.directory.services import documents
from meetings.errors import Refused
from meetings.journal.models import Entry
from meetings.official import example, starter, template
from meetings.official.layout import layout, usual
from meetings.official.signing import Capacity, Signing
from meetings.official.vocabulary import DocumentKind
from meetings.units.models import UnitKind
from tests import make
from tests.official.test_template import made

HEAD = {
    "form": "decree30", "superior": "", "has_superior": True, "issuer": "", "called": "", "symbol": "", "place": "",
    "address": "", "honorific": "", "titled_names": False, "for_below": False,
}  # fmt: skip
SIGNER = {
    "capacity": "order", "whose": "BỘ TRƯỞNG", "above": "", "title": "CHÁNH VĂN PHÒNG", "name": "Phạm Thu Hà",
    "act_number": "", "act_on": "", "valid_from": "", "valid_to": "",
}  # fmt: skip


@pytest.fixture
def office(units):
    return make.unit(
        "VP", "Văn phòng", UnitKind.OFFICE, parent=units[make.MINISTRY], full_name="Văn phòng Bộ Điều phối số"
    )


def test_the_nearest_letterhead_that_is_lent_stands_on_a_document_else_what_the_name_gives(units, office):
    ministry, who = units[make.MINISTRY], make.actor(make.user("administrator"))
    assert asked.issuer(office).called == "Văn phòng Bộ Điều phối số"
    documents.keep_letterhead(ministry, {**HEAD, "form": "party", "symbol": "ĐUBĐPS"}, actor=who)
    assert asked.issuer(office).layout is usual()  # not lent
    documents.keep_letterhead(
        ministry, {**HEAD, "form": "party", "issuer": "Đảng ủy\nBộ Điều phối số", "for_below": True}, actor=who
    )
    lent = asked.issuer(office)
    assert (lent.layout.key, lent.name, lent.symbol) == ("party", "Đảng ủy\nBộ Điều phối số", "BĐPS")
    assert lent.numbered("notice", "7").line == "Số\u00a007-TB/BĐPS"
    documents.keep_letterhead(office, {**HEAD, "has_superior": False, "honorific": "Đồng chí"}, actor=who)
    assert asked.issuer(office).layout is usual() and asked.issuer(office).addressed("Ông") == "Đồng chí"
    documents.drop_letterhead(office, actor=who)
    assert asked.issuer(office).layout.key == "party"
    assert [row.symbol for row in asked.versions(ministry)] == ["", "ĐUBĐPS"]  # what stood before is still told
    facts = [one.fact for one in db.session.query(Entry).order_by(Entry.id) if one.fact.startswith("letterhead")]
    assert facts == ["letterhead.kept"] * 3 + ["letterhead.dropped"]


def signer(unit, **more):
    said = {**{name: value or "" for name, value in SIGNER.items()}, "kinds": "", "act_on": None, **more}
    said = {**said, "valid_from": more.get("valid_from"), "valid_to": more.get("valid_to")}
    said["capacity"] = Capacity(said["capacity"])
    return documents.keep_signatory(unit, said, actor=make.actor(make.user("administrator")))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"capacity": "deputy", "title": "BỘ TRƯỞNG"}, "title"),
        ({"capacity": "deputy", "whose": "KT. BỘ TRƯỞNG"}, "whose"),
        ({"capacity": "collective", "whose": ""}, "whose"),
        ({"name": "TS. Phạm Thu Hà"}, "name"),
        ({"name": "Bà Phạm Thu Hà"}, "name"),
        ({"above": "TM. ỦY BAN NHÂN DÂN"}, "above"),
        ({"capacity": "deputy", "above": "TUQ. BỘ TRƯỞNG"}, "above"),
        ({"capacity": "authorised"}, "act_number"),
        ({"capacity": "authorised", "act_number": "15/GUQ", "act_on": date(2026, 1, 2)}, "valid_to"),
    ],
)
def test_a_signature_that_breaks_the_rules_is_refused_at_its_field(units, said, field):
    with pytest.raises(Refused) as refused:
        signer(units[make.MINISTRY], **said)
    assert refused.value.field == field


def test_the_line_above_is_written_in_the_words_of_the_form():
    signing = Signing(Capacity.DEPUTY, "PHÓ BÍ THƯ", "Phạm Thu Hà", whose="BÍ THƯ", above="TM. BAN CÁN SỰ ĐẢNG")
    assert signing.lines(layout("party")) == ("T/M BAN CÁN SỰ ĐẢNG", "K/T BÍ THƯ", "PHÓ BÍ THƯ")
    assert signing.lines(layout("decree30")) == ("TM. BAN CÁN SỰ ĐẢNG", "KT. BÍ THƯ", "PHÓ BÍ THƯ")


def test_who_is_authorised_signs_in_her_time_and_nobody_else_does(units):
    ministry, day = units[make.MINISTRY], today()
    kept = signer(
        ministry,
        capacity="authorised",
        title="VỤ TRƯỞNG VỤ KẾ HOẠCH",
        name="Đỗ Văn Ủy",
        act_number="15/GUQ-BĐPS",
        act_on=day,
        valid_from=day,
        valid_to=day + timedelta(days=30),
    )
    words = ("TUQ. BỘ TRƯỞNG", "VỤ TRƯỞNG VỤ KẾ HOẠCH", "Đỗ Văn Ủy")

    def held(*said):
        documents.hold_signature(ministry, DocumentKind.NOTICE, *said, fields=("a", "t", "n"))

    held(*words)
    held("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG", "Phạm Thu Hà")  # in one's own words, as before
    for wrong, field in (
        (("TUQ. BỘ TRƯỞNG", "VỤ TRƯỞNG", "Ai Khác"), "a"),
        (("TUQ. BỘ TRƯỞNG / KT. VỤ TRƯỞNG", "PHÓ VỤ TRƯỞNG", "Đỗ Văn Ủy"), "a"),
        (("KT. BỘ TRƯỞNG", "", "Phạm Thu Hà"), "t"),
        (("KT. BỘ TRƯỞNG", "Bộ trưởng", "Phạm Thu Hà"), "t"),
        (("TL. BỘ TRƯỞNG", "CHÁNH VĂN PHÒNG", "PGS.TS. Phạm Thu Hà"), "n"),
    ):
        with pytest.raises(Refused) as refused:
            held(*wrong)
        assert refused.value.field == field, wrong
    kept.valid_to = day - timedelta(days=1)
    with pytest.raises(Refused):
        held(*words)
    assert asked.offered(ministry, DocumentKind.NOTICE, day) == []


def test_a_template_is_looked_at_put_to_use_stopped_and_never_fails_in_silence(units, office):
    ministry, who, kind = units[make.MINISTRY], make.actor(make.user("administrator")), DocumentKind.NOTICE
    values, _rows = example.under(asked.issuer(office), kind)

    def printed():
        return documents.printed(office, kind, lambda: template.Asked(values, {}, "t", "a"), lambda: b"ours")

    first = documents.keep_template(ministry, kind, "m.docx", made(kind), for_below=True, actor=who)
    assert printed().data == b"ours"  # nobody has put it to use
    documents.use_template(first, actor=who)
    assert "VĂN PHÒNG" in docx.Document(io.BytesIO(printed().data)).tables[0].rows[0].cells[0].text
    second = documents.keep_template(ministry, kind, "n.docx", made(kind, "{{ khong_co }}"), for_below=True, actor=who)
    documents.use_template(second, actor=who)
    assert first.stopped_at is not None
    failed = printed()
    assert failed.data == b"ours" and "n.docx" in failed.failure and "khong_co" in failed.failure
    documents.note_failure(failed, actor=who)
    assert second.failed_at is not None and db.session.query(Entry).filter_by(fact="template.failed").count() == 1
    documents.stop_template(second, actor=who)
    assert printed() == documents.Printed(b"ours")


def test_an_administrator_gives_a_unit_its_head_signers_and_template_and_a_secretary_only_signers(browser, units):
    make.done()
    admin, base = browser(make.user("administrator")), f"/settings/documents/units/{make.MINISTRY}"
    head = {
        name: value for name, value in HEAD.items() if not isinstance(value, bool)
    }  # boxes without a tick send nothing
    head |= {"for_below": "y", "issuer": "Bộ Điều phối\nsố", "form": "assembly"}
    assert admin.post(f"{base}/letterhead", data=head).status_code == 303
    refused = admin.post(f"{base}/signers/add", data={**SIGNER, "capacity": "authorised"})
    assert refused.status_code == 422 and "Phạm Thu Hà" in refused.text and "bằng văn bản" in refused.text
    assert admin.post(f"{base}/signers/add", data=SIGNER).status_code == 303
    wrong = {
        "kind": "notice",
        "file": (io.BytesIO(made(DocumentKind.NOTICE, "{{ nguoi_kyy }}", "{{ xyz }}")), "m.docx"),
    }
    answer = admin.post(f"{base}/templates/add", data=wrong, content_type="multipart/form-data")
    assert answer.status_code == 422 and "nguoi_ky?" in answer.text and "xyz" in answer.text
    large = {"kind": "notice", "file": (io.BytesIO(b"PK\x03\x04" + b"0" * 16_000_000), "m.docx")}
    answer = admin.post(f"{base}/templates/add", data=large, content_type="multipart/form-data")
    assert answer.status_code == 422 and "2 MB" in answer.text  # on the form, where she can choose another
    assert db.session.query(DocumentTemplate).count() == 0
    fit = {"kind": "notice", "file": (io.BytesIO(starter.starter(DocumentKind.NOTICE, usual())), "Mẫu của Bộ.docx")}
    assert admin.post(f"{base}/templates/add", data=fit, content_type="multipart/form-data").status_code == 303
    row = db.session.query(DocumentTemplate).one()
    sample = docx.Document(io.BytesIO(admin.get(f"{base}/templates/{row.id}/sample.docx").data))
    assert "BỘ ĐIỀU PHỐI\nSỐ" in sample.tables[0].rows[0].cells[0].text
    assert admin.post(f"{base}/templates/{row.id}/use").status_code == 303
    page = admin.get(base).text
    assert "TL. BỘ TRƯỞNG" in page and "Mẫu của Bộ.docx" in page
    for path in (
        "/settings/documents?unit=BĐPS",
        "/settings/documents/placeholders",
        "/settings/documents/forms/party",
    ):
        assert admin.get(path).status_code == 200
    for path in (f"{base}/sample.docx", "/settings/documents/starter/party/roster.docx"):
        docx.Document(io.BytesIO(admin.get(path).data))

    secretary = browser(make.user("secretary"))
    assert secretary.get(base).status_code == 200
    assert secretary.post(f"{base}/signers/add", data={**SIGNER, "name": "Lê Văn Hai"}).status_code == 303
    assert secretary.get(f"{base}/letterhead").status_code == 403
    assert secretary.post(f"{base}/templates/{row.id}/stop").status_code == 403
    assert secretary.get(f"/settings/documents/units/{make.NGHE_AN}").status_code == 404
    assert db.session.query(Signatory).count() == 2 and db.session.query(Letterhead).count() == 1
