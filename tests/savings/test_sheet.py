"""The workbook of an estimate: what LibreOffice computes from its formulas is what the page says, to the đồng."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from meetings.accounts.models import User
from meetings.database import db
from meetings.i18n import in_locale
from meetings.official.verified import Verified
from meetings.readiness.models import Delegate
from meetings.savings import norming, queries, services, sheet
from meetings.savings.models import SavingsEstimate
from meetings.savings.rules import NormValue
from meetings.savings.sheet_book import Book
from meetings.scheduling.models import Meeting
from tests import make
from tests.savings.conftest import held

OFFICE = shutil.which("soffice")


def written(estimate: SavingsEstimate) -> bytes:
    with in_locale("en"):
        return sheet.workbook(estimate)


def opened(data: bytes, *, values: bool) -> Any:
    return load_workbook(io.BytesIO(data), data_only=values)


def stripped(data: bytes) -> bytes:
    """The workbook without the amounts that stand beside its formulas: whoever shows one must compute it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part)
                part = re.sub(rb"(</f>)<v/>", rb"\1", part)
            target.writestr(name, part)
    return out.getvalue()


def recalculated(files: dict[str, bytes], folder: Path) -> dict[str, Any]:
    """Each workbook as LibreOffice computes it, all by one start of the program."""
    if OFFICE is None:
        pytest.skip("LibreOffice calc is needed: ./run.sh test-setup")
    sources, out = [], folder / "computed"
    for name, data in files.items():
        sources.append(folder / f"{name}.xlsx")
        sources[-1].write_bytes(stripped(data))
    subprocess.run(
        [OFFICE, f"-env:UserInstallation=file://{folder}/office", "--headless", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out), *map(str, sources)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return {name: opened((out / f"{name}.xlsx").read_bytes(), values=True) for name in files}


def differences(computed: Any, data: bytes) -> list[str]:
    """The cells whose formula comes to something else than the amount written beside it."""
    found, stored, formulas = [], opened(data, values=True), opened(data, values=False)
    for page in formulas.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    was, now = (book[page.title][cell.coordinate].value for book in (stored, computed))
                    if (
                        (was or 0) != pytest.approx(now or 0, abs=1e-9, rel=0)
                        if isinstance(was, float)
                        else (was or 0) != (now or 0)
                    ):
                        found.append(f"{page.title}!{cell.coordinate} {cell.value}: {was!r} → {now!r}")
    return found


def saved(book: Any) -> list[Any]:
    page = book["Sums"]
    row = next(r for r in range(1, 60) if page.cell(r, 1).value == "Saved (estimate)")
    return [page.cell(row, c).value for c in (2, 3, 4)]


def travelled(finance: User) -> Meeting:
    """By car with a roster, by air, by coach, a way that was typed in, and a site not counted; Nghệ An has its own norms."""
    who = make.actor(finance)
    own = ("Nghị quyết thử nghiệm", "Điều 1", Verified.PRIMARY, date(2026, 1, 1), "", make.NGHE_AN)
    norming.set_norm(NormValue("per_diem", 250_000, 250_000, 250_000, *own), actor=who)
    norming.set_norm(NormValue("lodging_c_city", 550_000, 550_000, 550_000, *own), actor=who)
    meeting = held(
        {
            make.NGHE_AN: 20,
            make.HO_CHI_MINH: 35,
            make.HA_TINH: None,
            make.KIM_LIEN: 9,
            make.SAI_GON: 1,
            make.VINH_HUNG: 40,
        }
    )
    rows = make.sites_of(meeting)
    for position, title in enumerate(("Chủ tịch UBND tỉnh", "Phó Giám đốc Sở Tài chính", "Chuyên viên", "Chuyên viên")):
        db.session.add(Delegate(meeting_site_id=rows[0].id, position=position, name="A", title=title))
    assert rows[5].site is not None and meeting.host_site is not None
    norming.set_distance(rows[5].site, meeting.host_site, 301, "Bảng cự ly", actor=who)
    db.session.flush()
    return meeting


def test_libreoffice_computes_from_the_norms_what_the_page_says(app: Flask, finance: User, tmp_path: Path) -> None:
    """Every formula of the workbook, not only the sum: as first estimated, with an assumption changed, with norms not known."""
    who = make.actor(finance)
    meeting = travelled(finance)
    made = {"first": services.estimate_meeting(meeting, actor=who)}
    made["changed"] = services.adjust(meeting, "people_per_car", (4, 2, 1), "Xe nhỏ", actor=who)
    for key in ("air_1000", "air_1280", "lodging_b_city", "tea", "coefficient_c"):
        known = queries.values_on(date(2026, 6, 1)).national[key]
        norming.set_norm(replace(known, low=None, mid=None, high=None), actor=who)
    made["unknown"] = services.estimate_meeting(meeting, actor=who, norms_anew=True)
    files = {name: written(estimate) for name, estimate in made.items()}
    computed = recalculated(files, tmp_path)
    assert {line.mode for line in queries.all_lines(made["first"])} == {"car", "air", "coach", "none"}
    assert made["unknown"].off
    assert len({estimate.mid for estimate in made.values()}) == 3
    for name, estimate in made.items():
        assert saved(computed[name]) == [estimate.low, estimate.mid, estimate.high]
        assert differences(computed[name], files[name]) == []


def test_the_sums_are_formulas_and_stand_beside_the_amounts_of_the_page(meeting: Meeting, finance: User) -> None:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    formulas, values = (opened(written(made), values=values)["Sums"] for values in (False, True))
    row = next(r for r in range(1, 60) if values.cell(r, 1).value == "Saved (estimate)")
    assert all(str(formulas.cell(row, c).value).startswith("=SUM(") for c in (2, 3, 4))
    assert [values.cell(row, c).value for c in (5, 6, 7)] == [made.low, made.mid, made.high]
    assert values.cell(row, 8).value == "equal"
    assert "an estimate with a range from low to high, not a settlement" in values["A3"].value


def test_a_text_that_looks_like_a_formula_stays_a_text(meeting: Meeting, finance: User) -> None:
    evil = '=HYPERLINK("http://x.example","xem")'
    who = make.actor(finance)
    make.sites_of(meeting)[0].name = evil
    meeting.title = evil
    db.session.flush()
    services.estimate_meeting(meeting, actor=who)
    made = services.adjust(meeting, "petrol", (30_000, 31_000, 32_000), evil, actor=who)
    cells = [
        cell
        for page in opened(written(made), values=False).worksheets
        for row in page.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and "HYPERLINK" in cell.value
    ]
    assert len(cells) > 4
    assert all(cell.data_type == "s" for cell in cells)


def test_every_norm_stands_with_its_source_and_verification_and_a_change_with_its_reason(
    meeting: Meeting, finance: User
) -> None:
    who = make.actor(finance)
    services.estimate_meeting(meeting, actor=who)
    made = services.adjust(meeting, "petrol", (30_000, 31_000, 32_000), "Giá ngày họp", actor=who)
    book = opened(written(made), values=True)
    rows = [row for name in ("Norms", "Assumptions") for row in book[name].iter_rows(min_row=5, values_only=True)]
    assert len(rows) == len(queries.norms_in(made).national)
    assert all(row[12] and row[13] and row[14] for row in rows)
    (changed,) = (row for row in rows if row[15])
    assert (changed[3:6], changed[9:12], changed[15]) == (
        (18_000, 20_000, 22_000), (30_000, 31_000, 32_000), "Giá ngày họp",
    )  # fmt: skip
    said = [str(cell) for row in book["Sums"].iter_rows(values_only=True) for cell in row if cell]
    assert any("Not verified" in cell for cell in said)
    assert any("Giá ngày họp" in cell for cell in said)


def test_an_estimate_of_the_first_formula_says_that_only_its_amounts_are_kept(meeting: Meeting, finance: User) -> None:
    made = services.estimate_meeting(meeting, actor=make.actor(finance))
    made.formula, made.norms, made.occasion = 1, {}, {}
    made.sums = {"travel": [1, 2, 3], "online": [-3, -2, -1]}
    made.low, made.mid, made.high = -2, 0, 2
    db.session.flush()
    page = opened(written(made), values=True)["Sums"]
    assert "the amounts are kept" in page["A5"].value
    assert saved({"Sums": page}) == [-2, 0, 2]


def test_a_row_is_as_high_as_its_folded_texts_need() -> None:
    book = Book("Thử")
    page = book.page("Trang")
    page.widths((1, 20), (1, 60))
    page.texts(0, 0, ["Ngắn", "Cũng ngắn"])
    page.texts(1, 0, ["Khoán tiền phòng, đối tượng còn lại, thành phố trực thuộc Trung ương", "Ngắn"])
    page.finish(None)
    rows = load_workbook(io.BytesIO(book.bytes())).active.row_dimensions
    assert rows[1].height is None and rows[2].height == 4 * 15
