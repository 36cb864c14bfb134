"""Whose connection a row is: certain by id and address alone; a name is offered, and rightly."""

import csv
import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from meetings.attendance.likeness import alike, named, said
from meetings.attendance.matching import AHEAD, LEAST, LIKELY, MOST_SUGGESTIONS, Known, Match, address, match
from meetings.attendance.witnesses import Row

PROVE = os.environ.get("PROVE") == "1"
TRIALS = settings(max_examples=3000 if PROVE else 150, deadline=None)
DATA = Path(__file__).parents[2] / "meetings" / "directory" / "data"

SITES = {
    1: "Sở Y tế tỉnh Nghệ An", 2: "xã Kim Liên, tỉnh Nghệ An", 3: "xã Tân Lập, tỉnh Lào Cai", 4: "xã Tân Lập, tỉnh Bắc Ninh",
    5: "Điều hành Nghệ An", 6: "tỉnh Nghệ An", 7: "huyện Bình An", 8: "xã An Bình", 9: "phường Văn Lang, tỉnh Thái Nguyên",
    10: "xã Văn Lăng, tỉnh Thái Nguyên", 11: "Thành phố Hồ Chí Minh", 12: "Thành phố Huế", 13: "Văn phòng UBND tỉnh",
    14: "Phường 12, Thành phố Hồ Chí Minh", 15: "xã Cư M’gar, tỉnh Đắk Lắk", 16: "xã Sơn Tịnh, tỉnh Quảng Ngãi",
    17: "xã Quan Sơn, tỉnh Thanh Hóa",
}  # fmt: skip
KNOWN = [Known(site, names=(name,)) for site, name in SITES.items()]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Điểm cầu Sở Y tế", 1), ("01. Sở Y tế (Guest)", 1), ("SYT-HDX7000", 1), ("SoYTe", 1), ("SO Y TE - may tinh 2", 1),
        ("DC_KimLien_NA", 2), ("UBND xã Kim Liên - Nghệ An", 2), ("Kim Lien", 2), ("kimlien.nghean", 2), ("UBNDKimLien", 2),
        ("KIM LIÊN (iPad so 3)", 2), ("DC 02 - Kim Liên", 2), ("Kim Liên - Nam Đàn - Nghệ An", 2),
        ("Tan Lap Bac Ninh", 4), ("xã Tân Lập, Lào Cai", 3), ("Tân Lập", None), ("XÃ TÂN LẬP", None), ("tanlap", None),
        ("ĐHNA", 5), ("ĐC Nghệ An", 6), ("Huyện Bình An (khách)", 7), ("Bình An", 7), ("An Bình", 8),
        ("Văn Lăng", None), ("Van Lang", None), ("TP HCM", 11), ("TP Huế", 12), ("VP UBND", 13), ("P12 HCM", 14),
        ("Phường 12", 14), ("xa Cu Mgar", 15), ("Cư M'gar", 15), ("Sơn Tịnh", 16), ("Quan Sơn", 17), ("Sơn", None),
        ("iPad so 3", None), ("Nguyễn Văn A", None), ("", None), ("+84 24 ••••", None), ("(((", None),
    ],
)  # fmt: skip
def test_a_name_somebody_typed_is_offered_for_the_site_it_means(typed: str, meant: int | None) -> None:
    (found,) = match([Row(1, typed)], KNOWN)
    assert found.likely == meant and found.meeting_site_id is None
    assert found.by == ("name" if meant else "")


def test_two_sites_of_one_name_are_both_offered_and_neither_first() -> None:
    (found,) = match([Row(1, "Tân Lập")], KNOWN)
    assert {site for site, _ in found.suggestions} == {3, 4} and len({score for _, score in found.suggestions}) == 1
    (own,) = match([Row(1, "Phòng họp 2", own_name="xã Kim Liên")], KNOWN)
    assert own.likely == 2


@pytest.mark.parametrize(
    ("row", "site", "by"),
    [
        (Row(1, "xã Kim Liên", "syt@tinh.example", "site:HN"), 1, "id"),
        (Row(1, "xã Kim Liên", "syt@tinh.example", "w_unknown"), 2, "address"),
        (Row(1, "xã Kim Liên", " SYT@Tinh.example "), 2, "address"),
        (Row(1, "xã Kim Liên", "sip:84012@mcu.example"), 3, "address"),
        (Row(1, "xã Kim Liên", "", "SYT@tinh.example"), 2, "address"),
        (Row(1, "xã Kim Liên", "", "SITE:hn"), None, "name"),  # an id is what we gave, letter for letter
        (Row(1, "xã Kim Liên", "chung@tinh.example"), None, ""),  # of two sites: worth saying, not certain
        (Row(1, "xã Kim Liên", "", "alias-of-all"), None, ""),
        (Row(1, "xã Kim Liên", "a@x.example"), None, "name"),
    ],
)
def test_an_id_comes_before_an_address_and_an_address_before_a_name(row: Row, site: int | None, by: str) -> None:
    known = [
        Known(1, ids=("site:HN", "alias-of-all"), names=("Hà Nội",)),
        Known(2, addresses=("syt@tinh.example", "chung@tinh.example"), names=("Sở Y tế",), ids=("alias-of-all",)),
        Known(3, addresses=("84012@mcu.example", "chung@tinh.example"), names=("xã Kim Liên",)),
    ]
    (found,) = match([row], known)
    assert (found.meeting_site_id, found.by) == (site, by)
    if row.address.startswith("chung"):
        assert {2, 3} <= {one for one, _ in found.suggestions}
    if site:
        assert found.suggestions == ()


# --- against a clerk who compares everything with everything ----------------------------------------------------------

WORDS = some.sampled_from(
    ["tân", "lập", "an", "bình", "kim", "liên", "Văn", "lang", "lăng", "phường", "xã", "3", "12", "trường", "truờng"]
)
PROVINCES = some.sampled_from(["", "", ", tỉnh Nghệ An", ", tỉnh Lào Cai", " - Bắc Ninh", ", thành phố Huế", "_NA"])
PLACES = some.tuples(
    some.sampled_from(["", "xã ", "phường ", "UBND xã ", "Điểm cầu ", "01. ", "DC_", "huyện "]),
    some.lists(WORDS, min_size=1, max_size=3).map(" ".join) | some.lists(WORDS, min_size=2, max_size=2).map("".join),
    PROVINCES,
    some.sampled_from(["", "", " (Guest)", " (iPad so 3)", " - HDX7000"]),
).map("".join)
IDS = some.sampled_from(["", "", "site:1", "site:2", "site:3", "x@y.example"])
MAILS = some.sampled_from(["", "", "a@x.example", "A@X.example", "sip:b@x.example", "b@x.example", "x@y.example"])
KNOWNS = some.lists(
    some.tuples(some.lists(IDS, max_size=2), some.lists(MAILS, max_size=2), some.lists(PLACES, max_size=2)), max_size=6
).map(lambda all_: [Known(10 + n, tuple(a), tuple(b), tuple(c)) for n, (a, b, c) in enumerate(all_)])
ROWS = some.lists(some.tuples(PLACES, MAILS, IDS, some.just("") | PLACES), max_size=6).map(
    lambda all_: [Row(n, name, mail, own, own_name=device) for n, (name, mail, own, device) in enumerate(all_, 1)]
)


def slowly(row: Row, known: list[Known]) -> Match:
    """The oracle: every site is looked at by itself, without any index, and the rules are said once more."""
    by_id = {one.meeting_site_id for one in known if row.external_id and row.external_id in one.ids}
    if len(by_id) == 1:
        return Match(row.number, *by_id, "id")
    mails = {one.meeting_site_id: {address(text) for text in one.addresses if text} for one in known}
    by_mail = {site for site, own in mails.items() if row.address and address(row.address) in own}
    if not by_mail and "@" in row.external_id:
        by_mail = {site for site, own in mails.items() if address(row.external_id) in own}
    if len(by_mail) == 1:
        return Match(row.number, *by_mail, "address")
    scores: dict[int, int] = {}
    for one in known:
        for text in one.names:
            name = named(one.meeting_site_id, text)
            for typed in (row.name, row.name.replace("(Guest)", " ").replace("(iPad so 3)", " "), row.own_name):
                if name and typed.strip():
                    score = alike(said(typed), name)
                    scores[one.meeting_site_id] = max(score, scores.get(one.meeting_site_id, 0))
    scores |= dict.fromkeys(by_id or by_mail, 100)
    ranked = sorted(
        ((site, score) for site, score in scores.items() if score >= LEAST), key=lambda two: (-two[1], two[0])
    )
    best = [score for _, score in ranked[:2]]
    clear = bool(best) and best[0] >= LIKELY and (len(best) == 1 or best[0] - best[1] >= AHEAD)
    shown = max(MOST_SUGGESTIONS, sum(score == best[0] for _, score in ranked) if best else 0)
    return Match(row.number, None, "name" if clear else "", tuple(ranked[:shown]))


@TRIALS
@given(ROWS, KNOWNS)
@example([Row(1, "xã tân lập tân")], [Known(10, names=("tân tân lập",)), Known(11, names=("lập tân",))])
@example([Row(1, "tân tân")], [Known(10, names=("tân tân lập",))])
def test_the_index_finds_what_comparing_everything_with_everything_finds(rows: list[Row], known: list[Known]) -> None:
    assert match(rows, known) == tuple(slowly(row, known) for row in rows)


@TRIALS
@given(ROWS, KNOWNS, some.randoms(use_true_random=False))
def test_the_order_of_rows_and_sites_changes_nothing_and_every_row_counts_once(
    rows: list[Row], known: list[Known], dice: random.Random
) -> None:
    found = match(rows, known)
    assert [one.row_number for one in found] == [row.number for row in rows]
    other_rows, other_known = dice.sample(rows, len(rows)), dice.sample(known, len(known))
    again = match(other_rows, other_known)
    assert {one.row_number: one for one in again} == {one.row_number: one for one in found}
    alone = [match([row], known)[0] for row in rows]
    assert list(found) == alone  # no row knows of another
    for one in found:
        assert (one.meeting_site_id is not None) is (one.by in ("id", "address"))  # a name never counts by itself
        sites = [site for site, _ in one.suggestions]
        assert len(sites) == len(set(sites)) and all(LEAST <= score <= 100 for _, score in one.suggestions)


@TRIALS
@given(ROWS, KNOWNS, PLACES)
def test_one_site_more_changes_no_certain_match_and_no_score(rows: list[Row], known: list[Known], name: str) -> None:
    before = match(rows, known)
    after = match(rows, [*known, Known(99, ("site:99",), ("new@x.example",), (name,))])
    for old, new in zip(before, after, strict=True):
        if old.meeting_site_id is not None:
            assert new == old
        else:
            assert new.meeting_site_id is None
            kept = [two for two in new.suggestions if two[0] != 99]
            assert kept == list(old.suggestions[: len(kept)])


@TRIALS
@given(ROWS, KNOWNS, some.integers(0, 5), some.integers(0, 5))
def test_an_id_beats_everything(rows: list[Row], known: list[Known], row: int, site: int) -> None:
    if rows and known:
        chosen, meant = rows[row % len(rows)], known[site % len(known)]
        given_id = Row(chosen.number, chosen.name, chosen.address, "jwt:7", own_name=chosen.own_name)
        own = [Known(one.meeting_site_id, (*one.ids, *(("jwt:7",) if one is meant else ())), one.addresses, one.names)
               for one in known]  # fmt: skip
        assert match([given_id], own) == (Match(chosen.number, meant.meeting_site_id, "id"),)


# --- the whole state --------------------------------------------------------------------------------------------------


def catalogue() -> list[str]:
    with (DATA / "provinces.csv").open(encoding="utf-8") as lines:
        provinces = {row["code"]: f"{row['type']} {row['name_vi']}" for row in csv.DictReader(lines)}
    with (DATA / "communes.csv").open(encoding="utf-8") as lines:
        communes = [f"{row['name_vi']}, {provinces[row['province_code']]}" for row in csv.DictReader(lines)]
    return communes + list(provinces.values())


def typed(place: str, dice: random.Random) -> str:
    """What the technician of that place may call his device."""
    head, _, province = place.partition(", ")
    bare = head.partition(" ")[2] if province else head
    return dice.choice(
        (place, head, f"{dice.randrange(1, 99):02d}. UBND {head} - {province}", head.upper(), f"DC_{bare.replace(' ', '')}",
         f"{head} (Guest)", f"Điểm cầu {head} ({province})", f"{said(head).words and ' '.join(said(head).words)}")
    )  # fmt: skip


def test_of_3355_sites_the_one_that_4000_rows_mean_is_offered_and_never_another_in_its_place() -> None:
    dice, places = random.Random(20261122), catalogue()
    assert len(places) == 3355
    known = [Known(n, names=(place,)) for n, place in enumerate(places)]
    truth = [dice.randrange(len(places)) for _ in range(4000)]
    rows = [Row(n, typed(places[site], dice), own_name="iPad") for n, site in enumerate(truth, 1)]
    begun = time.process_time()
    found = match(rows, known)
    spent = time.process_time() - begun
    wrong = [(rows[n].name, places[one.likely]) for n, one in enumerate(found) if one.likely not in (None, truth[n])]
    assert not wrong, wrong[:5]
    among = sum(any(site == truth[n] for site, _ in one.suggestions) for n, one in enumerate(found))
    assert among >= 3960 and sum(one.by == "name" for one in found) >= 2800
    begun = time.process_time()
    match(rows[:1000], known)
    quarter = time.process_time() - begun
    assert spent < 10 and spent < quarter * 8, (spent, quarter)  # in a straight line with the rows, or better
