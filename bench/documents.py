"""The .docx of a biên bản with its annex of 34 to 15,000 rows, beside its floor and the plain way; medians of one run.

.venv/bin/python -m bench.documents [rounds]

The floor is the deflating of the very XML that we write, already made, with the other parts of the file: nobody writes this
file in less. The plain way is python-docx as its documentation shows it (``add_row``, the cells' paragraphs and runs, with
the size and alignment that our cells have). It is timed at 34 and 340 rows in every round and at 1,700 once; what it would
take for 3,400 and 15,000 is reckoned in proportion to the rows from the 1,700, which flatters it: it grows faster than its
rows. All is the time of the processor, in turn. Memory: the peak above what the values
take. At the end stands the whole road of 15,000 sites out of a database. Ends with 1 where a target is missed.
"""

from __future__ import annotations

import gc
import io
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from bench._verdict import line, status, target
from meetings.minutes.document import LevelLine, Part, RecordPaper, RollLine, roll_rows, write_record
from meetings.official.form import Issuer, Numbering
from meetings.official.paper import zip_entry

SIZES = (34, 340, 3_400, 15_000)
PLAIN = 1_700
"""The most rows the plain way is given: half a minute for one file says no more than three seconds."""
BEGAN = datetime(2026, 12, 10, 1, 5, tzinfo=UTC)
NOTES = ("", "", "", "Cử người dự thay", "Vào muộn 10 phút", "Mất kết nối 08 phút; Vào muộn 07 phút",
         "Bà Trần Thị Quỳnh dự thay Ông Nguyễn Văn An", "Vắng (có báo trước): ứng phó bão số 12")  # fmt: skip
ALIGN = (WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, *[WD_ALIGN_PARAGRAPH.CENTER] * 3, WD_ALIGN_PARAGRAPH.LEFT)
middle = statistics.median


def record(rows: int) -> RecordPaper:
    """Minutes of forty paragraphs with a roll of *rows* sites."""
    return RecordPaper(
        issuer=Issuer("Văn phòng", "Hà Nội", "Bộ Điều phối số", "Văn phòng Bộ Điều phối số"),
        numbering=Numbering("BB-VP", "31"),
        title="Hội nghị trực tuyến toàn quốc sơ kết công tác chuyển đổi số năm 2026",
        kind="hội nghị",
        started_at=BEGAN,
        ended_at=BEGAN + timedelta(hours=3),
        place="Phòng họp trực tuyến tầng 2",
        attendance=("Tại điểm cầu chính: lãnh đạo Bộ",),
        chair="Ông Lê Minh Khang, Bộ trưởng",
        secretary="Bà Đỗ Thùy Linh, Chuyên viên",
        parts=(Part("Thảo luận", tuple(f"{n}) Điểm cầu tỉnh số {n} đề nghị hướng dẫn." * 3 for n in range(40))),),
        closing=None,
        signatures=("Đỗ Thùy Linh", "Lê Minh Khang"),
        levels=(LevelLine("Cấp tỉnh", 34, 33, 5, 1, 642), LevelLine("Cấp xã", rows, rows, 0, 0, 9 * rows)),
        roll=tuple(
            RollLine(f"Xã Hưng Nguyên {n}", n % 30, BEGAN, timedelta(hours=3), NOTES[n % len(NOTES)])
            for n in range(rows)
        ),
    )


def floor_of(data: bytes) -> Callable[[], object]:
    """What deflates the parts of *data*, which lie ready."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        ready = [(name, archive.read(name)) for name in archive.namelist()]

    def packed() -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in ready:
                archive.writestr(zip_entry(name), content)
        return out.getvalue()

    return packed


def plainly(one: RecordPaper) -> bytes:
    """The same paragraphs and rows as the documentation of python-docx writes them."""
    document = docx.Document()
    for text in one.parts[0].paragraphs:
        document.add_paragraph(text)
    table = document.add_table(rows=1, cols=6)
    table.style = "Table Grid"
    for cells_of_row in roll_rows(one.roll):
        cells = table.add_row().cells
        for text, align, cell in zip(cells_of_row, ALIGN, cells, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.alignment = align
            paragraph.add_run(text).font.size = Pt(12)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def once(act: Callable[[], object]) -> float:
    """Seconds of the processor; as timeit does, without the collector of garbage."""
    gc.collect()
    gc.disable()
    began = time.process_time()
    act()
    took = time.process_time() - began
    gc.enable()
    return took


def growth(rows: int) -> float:
    """How many megabytes the peak rises while a file of *rows* is written, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.documents", "memory", str(rows)], check=True, capture_output=True, text=True
    )
    return float(told.stdout)


def memory(rows: int) -> None:
    one = record(rows)
    write_record(record(5))  # what is loaded and remembered once is no part of a file
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew here: the values stood in memory once before
    before = _peak()
    write_record(one)
    print(_peak() - before)


def _peak() -> float:
    """The peak of this process's memory in megabytes, as Linux tells it."""
    told = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
    return int(told.split()[1]) / 1024


def out_of_a_database(rounds: int) -> None:
    """15,000 sites: the questions to the roll and the values, beside the writing."""
    from config import Config
    from meetings import create_app
    from meetings.attendance import queries as attendance
    from meetings.database import db
    from meetings.minutes import papers, queries
    from meetings.scheduling.models import Meeting
    from tests import make
    from tests.conference import conference

    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "INSTANCE": folder, "SECRET_KEY": "x" * 40, "DATABASE_URL": f"sqlite:///{folder}/b.db"}
        app = create_app(Config.from_environ(environ))
        with app.app_context():
            db.create_all()
            held = conference(15_000, already_in=lambda number: number % 5 > 0)
            make.done()
            meeting = db.session.query(Meeting).filter_by(code=held.code).one()

            def asked() -> None:
                roll = attendance.summary(meeting)
                papers.roll_lines(roll, meeting, None)
                papers.levels(roll, queries.levels(meeting))

            took = middle([once(asked) for _round in range(rounds)])
            objects = len(db.session.identity_map)
            db.session.rollback()
            db.engine.dispose()
    one = record(15_000)
    wrote = middle([once(lambda: write_record(one)) for _round in range(rounds)])
    print("\n15,000 sites out of a database")
    line("the writing alone", wrote, wrote)
    line("the roll asked, its lines and the sums of its levels", took, wrote)
    target("objects of the ORM that the roll of 15,000 sites loads", objects, most=20)


def main(rounds: int) -> int:
    ours: dict[int, float] = {}
    floors: dict[int, float] = {}
    naive: dict[int, float] = {PLAIN: once(lambda: plainly(record(PLAIN)))}
    for rows in SIZES:
        one = record(rows)
        data = write_record(one)
        floor, took = floor_of(data), {"ours": [], "floor": [], "naive": []}  # type: ignore[var-annotated]
        for _round in range(rounds):
            took["floor"].append(once(floor))
            took["ours"].append(once(lambda one=one: write_record(one)))  # type: ignore[misc]
            if rows <= 340:
                took["naive"].append(once(lambda one=one: plainly(one)))  # type: ignore[misc]
        ours[rows], floors[rows] = middle(took["ours"]), middle(took["floor"])
        scaled = "" if rows <= 340 else f" (reckoned from {PLAIN:,} rows)"
        naive[rows] = middle(took["naive"]) if rows <= 340 else naive[PLAIN] * rows / PLAIN
        print(f"\nA biên bản with a formatted annex of {rows:,} rows ({len(data) / 1024:,.0f} kB)")
        line("floor: the same XML deflated", floors[rows], floors[rows])
        line("ours: a python-docx skeleton, rows streamed from a template", ours[rows], floors[rows])
        line(f"plain: add_row, a run and an alignment a cell{scaled}", naive[rows], floors[rows])
    print()
    target("15,000 rows, times the floor on the same XML", ours[15_000] / floors[15_000], most=3)
    target("3,400 rows, times the floor on the same XML", ours[3_400] / floors[3_400], most=3)
    target("15,000 rows, times faster than the plain way (reckoned)", naive[15_000] / ours[15_000], least=50)
    exponent = math.log(ours[15_000] / ours[34]) / math.log(15_000 / 34)
    target("growth from 34 to 15,000 rows, exponent", exponent, most=1.05)
    steep = math.log(ours[15_000] / ours[3_400]) / math.log(15_000 / 3_400)
    target("growth from 3,400 to 15,000 rows, exponent", steep, most=1.05)
    target("peak growth while 15,000 rows are written, MB", growth(15_000), most=20)
    out_of_a_database(rounds)
    return status()


if __name__ == "__main__":
    if sys.argv[1:2] == ["memory"]:
        memory(int(sys.argv[2]))
        sys.exit(0)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
