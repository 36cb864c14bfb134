"""A record's documents as sheets: what the page shows stands where the print has it."""

from __future__ import annotations

from meetings.minutes import sheets
from meetings.minutes.models import Record
from meetings.minutes.rules import Which
from meetings.official.layout import usual
from meetings.official.starter import starter
from meetings.official.vocabulary import DocumentKind
from meetings.scheduling.models import Meeting
from tests.minutes.test_own_form import in_use


def test_the_sheets_of_both_documents_are_shown_with_their_facts(
    begun: Record, held: Meeting, browser, secretary
) -> None:
    client = browser(secretary)
    page = client.get(f"/meetings/{held.code}/minutes/sheets/bien-ban")
    assert page.status_code == 200
    drawn = page.soup.select(".sheets svg")
    assert drawn and drawn[0]["viewbox" if drawn[0].has_attr("viewbox") else "viewBox"] == "0 0 210 297"
    said = drawn[0].get_text(" ")
    assert "BIÊN" in said and "Khối ký ở trang" in page.text
    assert client.get(f"/meetings/{held.code}/minutes/sheets/thong-bao-ket-luan").soup.select(".sheets svg")


def test_a_long_roll_is_not_laid_out_to_its_end(begun: Record, monkeypatch) -> None:
    monkeypatch.setattr(sheets, "ROWS", 1)
    assert sheets.preview(begun, Which.RECORD).left_out == 1


def test_where_the_bodys_own_template_writes_it_the_pages_say_which(
    begun: Record, held: Meeting, browser, secretary
) -> None:
    in_use(held, DocumentKind.RECORD, starter(DocumentKind.RECORD, usual()))
    page = browser(secretary).get(f"/meetings/{held.code}/minutes/sheets/bien-ban")
    assert "mẫu riêng “Mẫu riêng.docx”" in page.text and not page.soup.select(".sheets svg")
