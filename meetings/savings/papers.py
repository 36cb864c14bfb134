"""From a stored estimate to the values that its files are made of: the annex of the minutes, and the lines of the plain table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from meetings.clock import wall
from meetings.database import db
from meetings.directory.queries import documents
from meetings.i18n import in_locale
from meetings.official.dates import date_short
from meetings.official.numbers import number
from meetings.official.text import placed
from meetings.official.verified import VERIFIED_WORDS, Verified
from meetings.official.vocabulary import DocumentKind
from meetings.savings import annex, assumed, queries
from meetings.savings.annex import (
    AnnexPaper,
    LeftOut,
    NormGroup,
    NormLine,
    Off,
    SiteLine,
    SumLine,
    Verification,
    Working,
)
from meetings.savings.estimate import FORMULA, NO_COUNT, NO_PLACE
from meetings.savings.explain import Explainer
from meetings.savings.models import SavingsEstimate, SavingsLine
from meetings.savings.rules import KEY_WORDS, SPECS, Branch, NormValue
from meetings.savings.trips import Mode, Triple
from meetings.savings.values import Values
from meetings.savings.waterfall import CATEGORY_WORDS, IN_PERSON, online
from meetings.scheduling.models import MeetingSite
from meetings.units import queries as units
from meetings.units.models import Unit

MOST: Final = 120
"""Of so many sites each has a line in the annex; of more each province has one, and the sites stand in the tables."""
_WAYS: Final = {Mode.NONE: "không phải đi", Mode.CAR: "xe ô tô công", Mode.COACH: "xe khách", Mode.AIR: "máy bay"}
_ITEM_OF: Final = {Branch.INVOICE: "lodging"}
"""The item of the sums that a branch feeds, where it is not called like the branch."""
_WHY: Final = {NO_COUNT: "không có số đại biểu", NO_PLACE: "không có tọa độ"}


def lines(estimate: SavingsEstimate) -> Sequence[tuple[SavingsLine, str]]:
    """The sites of *estimate* in their order, each with the name of its province ("" for a central body's)."""
    found = db.session.execute(
        sa.select(SavingsLine, Unit.name)
        .join(MeetingSite, SavingsLine.meeting_site_id == MeetingSite.id)
        .outerjoin(Unit, MeetingSite.province_id == Unit.id)
        .where(SavingsLine.estimate_id == estimate.id)
        .order_by(MeetingSite.position, SavingsLine.id)
    )
    return [(line, name or "") for line, name in found]


def travelling(steps: dict[str, Any]) -> Triple:
    """How many people of a site would have been sent, whatever formula its line was made by."""
    if "travelling" in steps:
        return Triple(*steps["travelling"])
    ranks = [steps.get(rank, (0, 0, 0)) for rank in "abc"]
    return Triple(*(sum(rank[case] for rank in ranks) for case in range(3)))


def amounts(line: SavingsLine) -> Triple:
    """What a site adds to the saving."""
    return Triple(*line.steps.get("total", (line.mid,) * 3))


def write(estimate: SavingsEstimate, number: str = "", on: date | None = None) -> bytes:
    """The annex of *estimate* as .docx; *number* and day of the biên bản it goes with, where they are known."""
    return annex.write(paper_of(estimate, number, on))


def file_name(estimate: SavingsEstimate) -> str:
    return f"Phu-luc-uoc-tinh-tiet-kiem-{estimate.meeting.code}.docx"


def paper_of(estimate: SavingsEstimate, number: str = "", on: date | None = None) -> AnnexPaper:
    """All that the annex of *estimate* says, in Vietnamese whoever asks for it."""
    with in_locale("vi"):
        return _paper(estimate, number, on)


def _paper(estimate: SavingsEstimate, number: str, on: date | None) -> AnnexPaper:
    meeting = estimate.meeting
    issuer = documents.issuer(meeting.organiser)
    venue = estimate.venue or meeting.host_site
    rows = lines(estimate)
    norms, occasion = queries.norms_in(estimate), queries.occasion_in(estimate)
    concerned = {line.trip.get("province", "") for line, _name in rows} | {occasion.province}
    own = {code: table for code, table in norms.provinces.items() if code in concerned}
    used = Values(norms.national, own)
    off = assumed.switched_off(estimate.off, {})
    by_province = len(rows) > MOST
    held = meeting.starts_at or estimate.made_at
    return AnnexPaper(
        issuer=issuer,
        numbering=issuer.numbered(DocumentKind.RECORD, number, on, body="VP"),
        title=meeting.title,
        code=meeting.code,
        on=wall(held).date(),
        venue=placed(venue.name, venue.unit.full_name or venue.unit.name) if venue else "chưa xác định",
        version=estimate.version,
        made_by=estimate.made_by,
        made_at=wall(estimate.made_at),
        saving=Triple(estimate.low, estimate.mid, estimate.high),
        sums=_sums(estimate, {_ITEM_OF.get(part.branch, part.branch.value) for part in off}),
        counted=estimate.counted,
        all_sites=estimate.sites,
        people=estimate.people,
        travelling=estimate.travelling,
        time_value=queries.time_in(estimate),
        hours=queries.hours_in(estimate),
        co2=queries.co2_in(estimate),
        left_out=_left_out([line for line, _name in rows]),
        off=tuple(Off(str(part.word), tuple(str(KEY_WORDS[key]) for key in part.keys), part.sites) for part in off),
        reason=estimate.reason,
        sites=_provinces(rows) if by_province else tuple(_site(line) for line, _name in rows),
        by_province=by_province,
        working=_working(estimate, [line for line, _name in rows]),
        groups=_groups(used, estimate),
        verification=_verification(used),
        old_formula=estimate.formula != FORMULA,
    )


def _sums(estimate: SavingsEstimate, off: set[str]) -> tuple[SumLine, ...]:
    sums: dict[str, list[int]] = estimate.sums
    told = [SumLine(str(CATEGORY_WORDS[key]), Triple(*sums[key]), off=key in off) for key in IN_PERSON if key in sums]
    whole = Triple(*(sum(line.amounts[case] for line in told) for case in range(3)))
    costs = [
        SumLine(str(word), Triple(*sums[key]))
        for key, word in CATEGORY_WORDS.items()
        if key in sums and key not in IN_PERSON
    ]
    return (
        *told,
        SumLine("Cộng chi phí họp tập trung", whole, whole=True),
        *costs,
        *((SumLine("Cộng chi phí họp trực tuyến", Triple(*online(sums)), whole=True),) if len(costs) > 1 else ()),
        SumLine("Tiết kiệm (ước tính)", Triple(estimate.low, estimate.mid, estimate.high), whole=True),
    )


def _left_out(rows: Sequence[SavingsLine]) -> tuple[LeftOut, ...]:
    found = []
    for why, words in _WHY.items():
        names = [line.name for line in rows if line.left_out == why]
        if names:
            found.append(LeftOut(words, len(names), tuple(names[: annex.NAMED])))
    return tuple(found)


def _site(line: SavingsLine) -> SiteLine:
    mode = next((way for way in Mode if way.value == line.mode), Mode.CAR)
    kilometres = line.steps.get("km", (0, 0, 0))[1]
    return SiteLine(
        line.name,
        amounts(line),
        travelling(line.steps),
        people=None if line.left_out == NO_COUNT else line.people,
        way=f"{_WAYS[mode]}, {number(kilometres)} km",
        left_out=_WHY.get(line.left_out, line.left_out),
    )


def _provinces(rows: Iterable[tuple[SavingsLine, str]]) -> tuple[SiteLine, ...]:
    found: dict[str, SiteLine] = {}
    for line, name in rows:
        one = found.setdefault(name, SiteLine(name or "Cơ quan trung ương", Triple(), Triple()))
        if line.left_out:
            continue
        found[name] = replace(
            one,
            amounts=one.amounts.plus(amounts(line)),
            travelling=one.travelling.plus(travelling(line.steps)),
            sites=one.sites + 1,
        )
    return tuple(found.values())


def _working(estimate: SavingsEstimate, rows: Sequence[SavingsLine]) -> Working | None:
    """The dearest site step by step; none where nothing is told of the steps."""
    counted = [line for line in rows if not line.left_out]
    if estimate.formula != FORMULA or not counted:
        return None
    dearest = max(counted, key=lambda line: line.mid)
    explainer = Explainer(queries.values_in(estimate), queries.occasion_in(estimate))
    return Working(
        dearest.name,
        tuple(
            (str(CATEGORY_WORDS[item.item]), item.formulas[1], item.amounts.mid)
            for item in explainer.items(*queries.steps_of(dearest))
            if item.item in CATEGORY_WORDS  # the hours of work stand beside the money
        ),
    )


def _groups(values: Values, estimate: SavingsEstimate) -> tuple[NormGroup, ...]:
    names = (
        {unit.code: unit.name for unit in units.provinces(wall(estimate.made_at).date())} if values.provinces else {}
    )

    def line(value: NormValue) -> NormLine:
        changed = estimate.changes.get(value.key)
        word = str(KEY_WORDS[value.key])
        since = f"; hiệu lực từ {date_short(value.valid_from)}" if SPECS[value.key].legal else ""
        return NormLine(
            f"{word} – {names.get(value.province, value.province)}" if value.province else word,
            three((value.low, value.mid, value.high), value.unit),
            value.source + since,
            "Chưa biết giá trị" if value.missing else str(VERIFIED_WORDS[value.verified]),
            three(changed, value.unit) if changed else "",
        )

    return tuple(
        NormGroup(str(group.word), tuple(line(value) for value in group.values))
        for group in assumed.groups(values, estimate.changes)
    )


def three(values: Sequence[int | None], unit: str) -> str:
    """Three values with their unit, one where they are the same."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return "chưa biết giá trị"
    shown = known if len(set(known)) > 1 else known[:1]
    return f"{' – '.join(number(value) for value in shown)} {unit}"


def _verification(values: Values) -> Verification:
    every = [value for value in values.all() if value.key in SPECS]
    how = Counter(value.verified for value in every if not value.missing)
    return Verification(
        how[Verified.PRIMARY],
        how[Verified.SECONDARY],
        how[Verified.MEMORY],
        how[Verified.ASSUMED],
        sum(value.missing for value in every),
    )
