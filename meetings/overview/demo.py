"""A believable data set, made by the product's own services day by day: one closed conference with its record approved, issued
and its savings estimated, one in session, one upcoming, and one whose giấy mời waits for approval."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from meetings import clock, worker
from meetings.accounts import queries as account_queries
from meetings.accounts import services as accounts
from meetings.accounts.models import User
from meetings.accounts.rules import SYSTEM, Actor, Role
from meetings.attendance import rules as attendance_rules
from meetings.attendance import services as attendance
from meetings.attendance import witness_queries, witnessing
from meetings.attendance.models import MarkSource
from meetings.database import db
from meetings.directory import queries as directory_queries
from meetings.directory import services as directory
from meetings.directory.models import Duty, Site
from meetings.invitations import answering, approval, rounds
from meetings.invitations import queries as invitation_queries
from meetings.invitations.models import Approval, Reply
from meetings.minutes import blocks, handing, life
from meetings.minutes import queries as minute_queries
from meetings.minutes import services as minutes
from meetings.minutes.content import Concluded, Given, Spoken
from meetings.minutes.models import Record
from meetings.official.text import search_key, sort_key
from meetings.official.working_days import STANDARD
from meetings.overview.demo_people import BODY, LEADERS, OFFICES, PASSWORD, STAFF, person, phone
from meetings.readiness import filing, slotting
from meetings.readiness import rules as readiness_rules
from meetings.readiness import services as readiness
from meetings.savings import services as savings
from meetings.scheduling import blocking, bringing, cascades
from meetings.scheduling import queries as scheduling_queries
from meetings.scheduling import services as scheduling
from meetings.scheduling.models import BusyKind, Meeting, MeetingSite
from meetings.scheduling.rules import MeetingType, Secrecy
from meetings.units import queries as units
from meetings.units.models import Unit, UnitKind


def agenda(long: int) -> tuple[scheduling.Item, ...]:
    """What is on the agenda of a meeting of *long* minutes: the discussion has what the others leave it."""
    opening, report, conclusion = (10, 35, 45) if long > 180 else (5, 20, 15)
    return (
        scheduling.Item("Khai mạc", opening, "Ông Lê Minh Khang, Bộ trưởng"),
        scheduling.Item("Báo cáo kết quả chuyển đổi số năm 2026", report, "Vụ Kế hoạch - Tài chính"),
        scheduling.Item(
            "Thảo luận", long - opening - report - conclusion, "Các điểm cầu Nghệ An, Thành phố Hồ Chí Minh, Lào Cai"
        ),
        scheduling.Item("Kết luận", conclusion, "Ông Lê Minh Khang, Bộ trưởng"),
    )


def make() -> str:
    """Make the data set, once; returns a sentence about what was made."""
    if units.by_code(str(BODY["code"]), clock.today()) is not None:
        return "The demonstration data is already there."
    body = _body()
    people = _staff(body)
    _contacts()
    db.session.commit()
    secretary = people[Role.SECRETARY]
    today = clock.today()
    held_on = STANDARD.add_working_days(today, -8)
    _held(body, secretary, people, held_on)
    _in_session(body, secretary)
    _upcoming(body, secretary, STANDARD.add_working_days(today, 9))
    _waiting(body, secretary, STANDARD.add_working_days(today, 12))
    _busy(body, secretary, STANDARD.add_working_days(today, 10))
    names = ", ".join(email for email, *_rest in STAFF)
    return f"Three conferences of {BODY['name']} and a giấy mời that waits for approval. Sign in as {names} with the password: {PASSWORD}"


def _actor(user: User) -> Actor:
    return account_queries.actor_of(user)


def _body() -> Unit:
    nation = units.by_code("VN", clock.today())
    assert nation is not None, "load-units comes first"
    body = Unit(
        kind=UnitKind.MINISTRY, type="bộ", parent_id=nation.id, full_name=BODY["name"], path="", valid_from=date(2025, 7, 1),
        search_key=search_key(str(BODY["name"]), str(BODY["abbreviation"])), sort_key=sort_key(str(BODY["name"])), **BODY,
    )  # fmt: skip
    db.session.add(body)
    db.session.flush()
    body.path = f"{nation.path}{body.id}/"
    for code, name, abbreviation, type in OFFICES:
        office = Unit(
            kind=UnitKind.OFFICE, type=type, parent_id=body.id, code=code, name=name, full_name=name, abbreviation=abbreviation,
            place_name=BODY["place_name"], path="", valid_from=body.valid_from, search_key=search_key(name, abbreviation),
            sort_key=sort_key(name),
        )  # fmt: skip
        db.session.add(office)
        db.session.flush()
        office.path = f"{body.path}{office.id}/"
    site = directory.add_site(
        body, "Trung ương", actor=SYSTEM, place="Trụ sở Bộ Điều phối số, số 18 đường Mẫu, thành phố Hà Nội", seats=60
    )
    room = scheduling_queries.rooms_of(site)[0]
    room.name = "Phòng họp trực tuyến tầng 2"
    for honorific, name, title, email in LEADERS:
        directory.add_person(
            body, honorific=honorific, name=name, title=title, email=email, is_leader=True, actor=SYSTEM
        )
    return body


def _staff(body: Unit) -> dict[Role, User]:
    return {
        Role(role): accounts.create_user(
            email, name, PASSWORD, role=Role(role), unit=body, title=title, honorific=honorific, phone=telephone
        )
        for email, honorific, name, title, role, telephone in STAFF
    }


def _contacts() -> None:
    """A coordinator and a technician for every provincial site, and for the communes of Hồ Chí Minh City."""
    city = units.by_code("79", clock.today())
    sites = [*scheduling_queries.province_sites(), *(scheduling_queries.commune_sites(city.id) if city else [])]
    for number, site in enumerate(sorted(sites, key=lambda s: s.code)):
        honorific, name = person(number)
        post = "Chánh Văn phòng UBND" if site.unit.kind is UnitKind.PROVINCE else "Công chức Văn phòng"
        directory.name_contact(
            site, Duty.COORDINATOR, honorific=honorific, name=name, title=post, phone=phone(number),
            email=f"daumoi.{site.code}@diaphuong.example", actor=SYSTEM,
        )  # fmt: skip
        if site.unit.kind is UnitKind.PROVINCE:
            honorific, name = person(number + 400)
            directory.name_contact(
                site,
                Duty.TECHNICIAN,
                honorific=honorific,
                name=name,
                title="Cán bộ kỹ thuật",
                phone=phone(number + 400),
                actor=SYSTEM,
            )
            site.place = site.place or f"Phòng họp trực tuyến, trụ sở {site.unit.full_name}"


def _book(
    body: Unit,
    secretary: User,
    title: str,
    starts_at: datetime,
    long: int,
    sites: list[Site],
    kind: MeetingType = MeetingType.REVIEW,
    *,
    number: str = "",
) -> Meeting:
    actor = _actor(secretary)
    details = scheduling.Details(
        title=title, type=kind, urgent=False, urgent_reason="", secrecy=Secrecy.ORDINARY, chair_honorific="Ông",
        chair_name="Lê Minh Khang", chair_title="Bộ trưởng Bộ Điều phối số", minutes_long=long,
        composition="Lãnh đạo Ủy ban nhân dân tỉnh, thành phố; Chánh Văn phòng; lãnh đạo các sở, ngành liên quan",
        max_delegates=25, host_composition="lãnh đạo Bộ; lãnh đạo Văn phòng, Vụ Kế hoạch - Tài chính, Trung tâm Thông tin", note="",
    )  # fmt: skip
    meeting = scheduling.begin(details, body, secretary, actor=actor)
    scheduling.add_sites(meeting, sites, actor=actor)
    scheduling.place(meeting, starts_at, long, actor=actor)
    scheduling.set_agenda(meeting, agenda(long), actor=actor)
    wording = scheduling.Wording(
        signer_authority="TL. BỘ TRƯỞNG", signer_title="CHÁNH VĂN PHÒNG", signer_name="Phạm Thu Hà",
        contact_name="Bà Đỗ Thùy Linh, Văn phòng Bộ Điều phối số", contact_phone="024.0000.0101", technical_phone="024.0000.0199",
        recipients="Bộ trưởng (để báo cáo)\nCác Thứ trưởng\nTrung tâm Thông tin (để phối hợp)",
        invitation_number=number, invitation_on=clock.today().isoformat() if number else "", platform_link="https://hop.dieuphoiso.example/hoi-nghi", dial_string="",
    )  # fmt: skip
    scheduling.word(meeting, wording, actor=actor)
    return meeting


def _send(meeting: Meeting, secretary: User) -> None:
    """The secretary hands it in; the head of the office approves it twenty minutes later, and the letters leave."""
    waiting = _hand_in(meeting, secretary)
    (head, *_others) = rounds.need(meeting).approvers
    with clock.stood_at(clock.now() + timedelta(minutes=20)):
        approval.approve(meeting, waiting.sha256, actor=_actor(head))
        db.session.commit()
        while worker.follow_up() or worker.carry():
            pass


def _hand_in(meeting: Meeting, secretary: User) -> Approval:
    reply_by = scheduling.usual_reply_by(meeting)
    assert reply_by is not None
    waiting = approval.submit(meeting, reply_by, actor=_actor(secretary))
    db.session.commit()
    while worker.follow_up() or worker.carry():
        pass
    return waiting


def _answer(meeting: Meeting, at: datetime, silent: int) -> None:
    """Most sites accept, every seventh sends a substitute, the last but one declines, *silent* say nothing."""
    rows = scheduling_queries.sites_of(meeting)
    for number, row in enumerate(rows[: len(rows) - silent]):
        invitation = invitation_queries.of_site(row)
        if invitation is None:
            continue
        honorific, name = person(number + 60)
        answer = answering.Answer(Reply.ACCEPTED, day_phone=phone(number))
        if number % 7 == 5:
            answer = answering.Answer(
                Reply.SUBSTITUTE, substitute_honorific=honorific, substitute_name=name,
                substitute_title="Phó Chủ tịch Ủy ban nhân dân", replaced_name=" ".join(person(number + 70)),
                replaced_title="Chủ tịch Ủy ban nhân dân", reason="Chủ tịch dự họp Hội đồng nhân dân", day_phone=phone(number),
            )  # fmt: skip
        with clock.stood_at(at + timedelta(minutes=11 * number)):
            answering.reply(invitation, answer, actor=Actor.link(invitation.link_id, row.name))
            if number % 4 != 3:
                _roster(row, number)


def _roster(row: MeetingSite, number: int) -> None:
    area = row.unit_name.removeprefix("Ủy ban nhân dân ")
    posts = (
        ("Phó Chủ tịch", f"UBND {area}", "Trưởng đoàn"), ("Giám đốc", "Sở Khoa học và Công nghệ", "Phát biểu"),
        ("Chánh Văn phòng", f"Văn phòng UBND {area}", ""), ("Phó Giám đốc", "Sở Tài chính", ""),
    )  # fmt: skip
    rest = ("Chuyên viên", f"Văn phòng UBND {area}", "")
    people = [(*person(number * 11 + n), *(posts[n] if n < len(posts) else rest)) for n in range(5 + number % 9)]
    filing.file_roster(
        row,
        [["Họ và tên", "Chức vụ", "Đơn vị", "Vai trò"], *([f"{h} {n}", *post] for h, n, *post in people)],
        actor=Actor("link:demo", row.name),
    )


def _test(meeting: Meeting, at: datetime, untested: int) -> None:
    rows = scheduling_queries.sites_of(meeting)
    passed = dict.fromkeys(readiness_rules.Item, readiness_rules.Verdict.PASS)
    for number, row in enumerate(rows[: len(rows) - untested]):
        with clock.stood_at(at + timedelta(minutes=4 * number)):
            readiness.save_line_test(row, passed, {}, actor=Actor("link:demo", row.name))


def _enter(rows: list[MeetingSite], starts_at: datetime) -> None:
    for number, row in enumerate(rows):
        with clock.stood_at(starts_at - timedelta(minutes=20) + timedelta(seconds=31 * number)):
            attendance.check_in(row, 11 + number * 7 % 13, actor=Actor("link:demo", row.name))


def _held(body: Unit, secretary: User, people: dict[Role, User], on: date) -> None:
    """The closed conference: 33 of 34 provinces came, one lost its line for a while, one was absent with notice."""
    starts_at = clock.instant(on, time(8, 0))
    actor = _actor(secretary)
    with clock.stood_at(clock.instant(STANDARD.add_working_days(on, -11), time(9, 20))):
        meeting = _book(
            body, secretary, "Hội nghị trực tuyến toàn quốc sơ kết công tác chuyển đổi số năm 2026 và triển khai nhiệm vụ năm 2027",
            starts_at, 195, list(scheduling_queries.province_sites()), number="125",
        )  # fmt: skip
        _send(meeting, secretary)
    _answer(meeting, clock.instant(STANDARD.add_working_days(on, -9), time(8, 5)), silent=1)
    _test(meeting, clock.instant(STANDARD.add_working_days(on, -1), time(14, 0)), untested=1)
    rows = list(scheduling_queries.sites_of(meeting))
    _enter(rows[:-1], starts_at)
    with clock.stood_at(starts_at + timedelta(minutes=5)):
        attendance.open_roll(meeting, actor=actor)
        attendance.count_host(meeting, 18, actor=actor)
    lost = next(row for row in rows if row.name == "Quảng Trị")
    with clock.stood_at(starts_at + timedelta(minutes=72)):
        attendance.mark(
            lost, attendance_rules.Move.LOST, actor=_actor(people[Role.TECHNICIAN]), source=MarkSource.TECHNICIAN
        )
    with clock.stood_at(starts_at + timedelta(minutes=80)):
        attendance.mark(
            lost,
            attendance_rules.Move.IN,
            actor=_actor(people[Role.TECHNICIAN]),
            source=MarkSource.TECHNICIAN,
            head_count=15,
        )
    with clock.stood_at(starts_at + timedelta(minutes=200)):
        absent = {rows[-1].id: attendance_rules.Decision(attendance_rules.Move.ABSENT, True, "ứng phó bão")}
        attendance.close_roll(meeting, absent, actor=actor, ended_at=starts_at + timedelta(minutes=195))
    with clock.stood_at(starts_at + timedelta(minutes=230)):
        _witnessed(meeting, rows[:-1], starts_at, actor)
    day = STANDARD.add_working_days(on, 1)
    with clock.stood_at(clock.instant(day, time(8, 40))):
        record = _record(meeting, secretary)
    with clock.stood_at(clock.instant(day, time(10, 25))):
        life.submit(record, actor=actor)
    with clock.stood_at(clock.instant(day, time(14, 10))):
        life.approve(record, actor=_actor(people[Role.LEADER]))
    with clock.stood_at(clock.instant(day, time(15, 35))):
        numbers = handing.Numbers("31", day, "412", day)
        handing.issue(record, numbers, list(minute_queries.leaders(meeting)), [], actor=actor)
    with clock.stood_at(clock.instant(day, time(16, 20))):
        savings.estimate_meeting(meeting, actor=_actor(people[Role.FINANCE]))
        db.session.commit()
        while worker.follow_up() or worker.carry():
            pass


def _witnessed(meeting: Meeting, rows: list[MeetingSite], starts_at: datetime, actor: Actor) -> None:
    """What the platform exported afterwards: one site was away for 21 minutes of which the roll knows nothing."""
    breaks = {"Quảng Trị": (72, 80), "Nghệ An": (20, 41)}  # minutes after the start
    lines = ["Tên điểm cầu,Giờ vào,Giờ ra"]
    for number, row in enumerate(rows):
        came, went = starts_at - timedelta(minutes=20) + timedelta(seconds=31 * number), timedelta(minutes=195)
        away = breaks.get(row.name)
        edges = [came, *(starts_at + timedelta(minutes=minute) for minute in away or ()), starts_at + went]
        for begins, ends in zip(edges[::2], edges[1::2], strict=True):
            lines.append(
                f"Điểm cầu {row.name},{clock.wall(begins):%d/%m/%Y %H:%M:%S},{clock.wall(ends):%d/%m/%Y %H:%M:%S}"
            )
    lines.append(
        f"iPad của Thư ký,{clock.wall(starts_at):%d/%m/%Y %H:%M:%S},{clock.wall(starts_at + went):%d/%m/%Y %H:%M:%S}"
    )
    log = witnessing.take(meeting, "\n".join(lines).encode("utf-8-sig"), "nhat-ky-phong-hop.csv", actor=actor)
    witnessing.settle(log, zone="Asia/Ho_Chi_Minh", day_first=True, actor=actor)
    named = {f"Điểm cầu {row.name}": row for row in rows[:-2]}  # two are left for whoever looks at the page of names
    shown = witness_queries.participants(meeting, show="all", words="", number=1, size=100).rows
    said = [witnessing.Decision(one.who, named[one.name]) for one in shown if one.name in named]
    witnessing.confirm(meeting, said, actor=actor)


def _record(meeting: Meeting, secretary: User) -> Record:
    actor = _actor(secretary)
    record = minutes.start(meeting, actor=actor)
    said = {
        "Khai mạc": [("", "", "Chủ tọa phát biểu khai mạc, nêu mục đích, yêu cầu của Hội nghị và quán triệt nguyên tắc thảo luận: đi thẳng vào vướng mắc, mỗi ý kiến không quá 05 phút.")],
        "Báo cáo kết quả chuyển đổi số năm 2026": [("", "Ông Trần Quốc Thịnh, Vụ trưởng Vụ Kế hoạch - Tài chính", "trình bày báo cáo. Tính đến hết tháng 10 năm 2026, có 31/34 địa phương hoàn thành chỉ tiêu hồ sơ trực tuyến toàn trình; 03 địa phương còn chậm do chưa đồng bộ dữ liệu đất đai.")],
        "Thảo luận": [
            ("Nghệ An", "Ông Hoàng Văn Lộc, Phó Chủ tịch Ủy ban nhân dân tỉnh", "đề nghị ban hành hướng dẫn thống nhất về kết nối dữ liệu giữa cấp tỉnh và cấp xã trong quý I năm 2027."),
            ("Hồ Chí Minh", "Bà Võ Ngọc Diệp, Giám đốc Sở Khoa học và Công nghệ", "đề xuất cơ chế dùng chung hạ tầng họp trực tuyến cho 168 xã, phường, đặc khu để giảm chi phí đi lại."),
            ("Lào Cai", "Ông Giàng A Páo, Phó Chủ tịch Ủy ban nhân dân tỉnh", "kiến nghị hỗ trợ đường truyền dự phòng cho các xã vùng cao."),
        ],
        "Kết luận": [("", "", "Chủ tọa ghi nhận kết quả đạt được, thống nhất với các kiến nghị nêu tại khoản 3.")],
    }  # fmt: skip
    for item in minute_queries.written(record).items:
        for site, speaker, text in said.get(item.title, []):
            blocks.add(record, Spoken(text, site, speaker), item=item, actor=actor)
    closing = minute_queries.written(record).items[-1]
    due = STANDARD.add_working_days
    for content in (
        Concluded(
            "Đánh giá cao kết quả các địa phương đã đạt được; yêu cầu 03 địa phương còn chậm hoàn thành đồng bộ dữ liệu đất đai."
        ),
        Concluded("Thống nhất dùng chung hạ tầng họp trực tuyến ở cấp tỉnh và cấp xã; không đầu tư trùng lặp."),
        Concluded("Ưu tiên đường truyền dự phòng cho các xã vùng cao, hải đảo."),
        Given(
            "Ban hành hướng dẫn kết nối dữ liệu giữa cấp tỉnh và cấp xã",
            "Vụ Kế hoạch - Tài chính",
            "Trung tâm Thông tin",
            due(clock.today(), 40),
        ),
        Given(
            "Hoàn thành đồng bộ dữ liệu đất đai",
            "Ủy ban nhân dân tỉnh Lào Cai",
            "Trung tâm Thông tin",
            due(clock.today(), 30),
        ),
        Given(
            "Trình phương án dùng chung hạ tầng họp trực tuyến",
            "Trung tâm Thông tin",
            "Văn phòng Bộ",
            due(clock.today(), 25),
        ),
    ):
        blocks.add(record, content, item=closing, actor=actor)
    record.agreed = "Các đại biểu tại 33 điểm cầu nhất trí với nội dung kết luận."
    return record


def _in_session(body: Unit, secretary: User) -> None:
    """The one in session: it began twelve minutes ago, some sites are still missing and one lost its line."""
    starts_at = (clock.now() - timedelta(minutes=12)).replace(second=0, microsecond=0)
    day = clock.wall(starts_at).date()
    with clock.stood_at(clock.instant(STANDARD.add_working_days(day, -6), time(10, 0))):
        meeting = _book(
            body,
            secretary,
            "Giao ban trực tuyến công tác điều phối dữ liệu với các địa phương",
            starts_at,
            90,
            list(scheduling_queries.province_sites()),
            MeetingType.BRIEFING,
        )
        _send(meeting, secretary)
    _answer(meeting, clock.instant(STANDARD.add_working_days(day, -5), time(8, 30)), silent=2)
    _test(meeting, starts_at - timedelta(hours=3), untested=4)
    rows = list(scheduling_queries.sites_of(meeting))
    late = {"Đồng Nai", "Lạng Sơn", "Điện Biên", "An Giang", "Tây Ninh", "Cà Mau"}
    _enter([row for row in rows if row.name not in late], starts_at)
    by_name = {row.name: row for row in rows}
    for number, name in enumerate(("Đồng Nai", "Lạng Sơn")):
        with clock.stood_at(starts_at - timedelta(seconds=200 - 75 * number)):
            attendance.ready(by_name[name], actor=Actor("link:demo", name))
    with clock.stood_at(starts_at + timedelta(seconds=20)):
        attendance.open_roll(meeting, actor=_actor(secretary))
        attendance.count_host(meeting, 18, actor=_actor(secretary))
    with clock.stood_at(starts_at + timedelta(minutes=8)):
        attendance.report_lost(by_name["Quảng Trị"], actor=Actor("link:demo", "Quảng Trị"))
    with clock.stood_at(starts_at + timedelta(minutes=9)):
        attendance.mark(
            by_name["Cà Mau"],
            attendance_rules.Move.ABSENT,
            actor=_actor(secretary),
            source=MarkSource.TELEPHONE,
            with_notice=True,
            reason="ứng phó bão",
        )
    db.session.commit()


def _upcoming(body: Unit, secretary: User, on: date) -> None:
    """The upcoming one: provinces and all communes of Hồ Chí Minh City, sent yesterday, answers coming in."""
    sent_at = clock.instant(STANDARD.add_working_days(clock.today(), -1), time(15, 0))
    city = units.by_code("79", clock.today())
    sites = [*scheduling_queries.province_sites(), *(scheduling_queries.commune_sites(city.id) if city else [])]
    with clock.stood_at(sent_at):
        meeting = _book(
            body,
            secretary,
            "Hội nghị trực tuyến quán triệt mô hình chính quyền địa phương hai cấp",
            clock.instant(on, time(14, 0)),
            150,
            sites,
            MeetingType.THEMATIC,
        )
        cascades.ask(
            meeting,
            levels=2,
            bring_by=None,
            most=None,
            note="các xã, phường có trung tâm phục vụ hành chính công",
            actor=_actor(secretary),
        )
        _send(meeting, secretary)
    _answer(meeting, sent_at + timedelta(minutes=20), silent=len(sites) - 24)
    _bring(meeting, "Nghệ An", sent_at + timedelta(minutes=45))
    with clock.stood_at(sent_at + timedelta(minutes=60)):
        grid = slotting.offered(meeting)
        if grid is not None:
            slotting.share_out(meeting, grid, slotting.technicians(meeting), actor=_actor(secretary))
    db.session.commit()


def _bring(meeting: Meeting, name: str, at: datetime) -> None:
    """A province brings thirty of its communes, and half of them have answered."""
    head = next(row for row in scheduling_queries.sites_of(meeting) if row.name == name)
    asked = cascades.of(meeting)
    assert asked is not None
    with clock.stood_at(at):
        chosen = [one.site.id for one in bringing.candidates(head, asked) if not one.state][:30]
        bringing.bring(head, chosen, actor=Actor("link:demo", name))
        db.session.commit()
        worker.follow_up()
    for number, row in enumerate(scheduling_queries.sites_of(meeting)):
        invitation = invitation_queries.of_site(row)
        if row.brought_by_id == head.id and invitation is not None and number % 2:
            with clock.stood_at(at + timedelta(minutes=5 + number % 9)):
                answering.reply(invitation, answering.Answer(Reply.ACCEPTED), actor=Actor("link:demo", row.name))


def _busy(body: Unit, secretary: User, on: date) -> None:
    """A morning on which the room is repaired, and the day on which a deputy is away: what the calendar shows besides."""
    (site,) = scheduling_queries.host_sites(body)
    room = scheduling_queries.rooms_of(site)[0]
    eight, noon = clock.instant(on, time(8, 0)), clock.instant(on, time(11, 30))
    blocking.block(room, BusyKind.MAINTENANCE, eight, noon, title="Thay bóng đèn máy chiếu", actor=_actor(secretary))
    deputy = directory_queries.people_for(_actor(secretary))[-1]
    whole = clock.instant(on, time()), clock.instant(on + timedelta(days=1), time())
    blocking.block(deputy, BusyKind.LEAVE, *whole, title="Nghỉ phép năm", actor=_actor(secretary))
    db.session.commit()


def _waiting(body: Unit, secretary: User, on: date) -> None:
    """The one that waits: handed in this morning, nothing has left."""
    with clock.stood_at(clock.now() - timedelta(minutes=50)):
        meeting = _book(
            body,
            secretary,
            "Họp trực tuyến góp ý dự thảo Quy chế điều phối, chia sẻ dữ liệu",
            clock.instant(on, time(8, 0)),
            195,
            list(scheduling_queries.province_sites())[:12],
            MeetingType.WORK,
        )
        _hand_in(meeting, secretary)
    db.session.commit()
