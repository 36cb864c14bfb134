"""Doorways: how far the letters are, one site's answer as the secretary handles it, and the giấy mời."""

from __future__ import annotations

import io

from flask import Blueprint, Response, jsonify, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from meetings import journal
from meetings.accounts.access import actor, requires
from meetings.clock import now
from meetings.errors import NotFound
from meetings.i18n import gettext as _
from meetings.i18n import ngettext
from meetings.invitations import (
    answering,
    batch,
    enclosures,
    history,
    letters,
    posted,
    private_link,
    queries,
    resending,
    services,
    tray,
)
from meetings.invitations.forms import REPLY_WORDS, ConsentForm, EndLinkForm, ResendForm, TelephoneForm
from meetings.invitations.mail_forms import AnswerBackForm, RefuseForm
from meetings.invitations.models import Invitation
from meetings.official import numbers
from meetings.official.paper import CONTENT_TYPE
from meetings.post import queries as post
from meetings.post.rules import LetterStatus
from meetings.scheduling import queries as scheduling
from meetings.scheduling.models import Meeting
from meetings.web import notice
from meetings.web.forms import answer
from meetings.web.pages import asked_page, asked_words

bp = Blueprint("invitations", __name__)


def _arranged(code: str, permission: str = "meeting.arrange") -> Meeting:
    return scheduling.meeting_for(actor(), code, permission)


# ------------------------------------------------------------------ sending


@bp.get("/meetings/<code>/sending")
@requires("meeting.arrange")
def sending(code: str) -> str:
    meeting = _arranged(code)
    rounds = batch.rounds(meeting)
    round = batch.chosen(meeting, rounds, request.args.get("round", ""))
    name = request.args.get("status", "")
    figure = batch.Figure(name) if name in [one.value for one in batch.Figure] else None
    words = asked_words()
    return render_template(
        "invitations/sending.html",
        meeting=meeting,
        rounds=rounds,
        round=round,
        progress=batch.progress(meeting, round),
        page=batch.page(meeting, round, figure, words=words, number=asked_page()),
        figure=figure,
        words=words,
        outage=post.outage(),
        throttled=post.throttled(now()),
        statuses=LetterStatus,
    )


@bp.get("/meetings/<code>/sending.json")
@requires("meeting.arrange")
def sending_json(code: str) -> Response:
    meeting = _arranged(code)
    found = batch.progress(meeting, batch.chosen(meeting, batch.rounds(meeting), request.args.get("round", "")))
    return jsonify(
        sites=found.sites,
        waiting=found.unasked + found.waiting,
        sent=found.sent,
        refused=found.refused + found.bounced,
        bounced=found.bounced,
        uncertain=found.uncertain,
        failed=found.failed,
        without_email=found.without_email,
        withdrawn=found.withdrawn,
        done=found.done,
    )


@bp.post("/meetings/<code>/letters/again")
@requires("meeting.arrange")
def again(code: str) -> AnyResponse:
    """Letters that were refused or put off, those that were ticked or all of a round, are tried once more."""
    meeting = _arranged(code)
    key = request.form.get("round", "")
    if "all" in request.form:
        chosen = batch.to_try_again(meeting, batch.chosen(meeting, batch.rounds(meeting), key))
    else:
        ids = {number for text in request.form.getlist("letter") if (number := numbers.read(text))}
        chosen = batch.ticked(meeting, ids)
    done = resending.again(chosen, meeting, actor=actor())
    if done.sent:
        notice(ngettext("%(num)s letter is on its way again.", "%(num)s letters are on their way again.", done.sent))
    if done.later:
        notice(
            ngettext(
                "%(num)s address has had as many letters as it may have for now.",
                "%(num)s addresses have had as many letters as they may have for now.",
                done.later,
            ),
            "warn",
        )
    if done.left:
        notice(
            ngettext(
                "%(num)s letter was left: its address cannot exist, or it has moved on.",
                "%(num)s letters were left: their addresses cannot exist, or they have moved on.",
                done.left,
            ),
            "warn",
        )
    return redirect(url_for(".sending", code=meeting.code, round=key or None), 303)


@bp.route("/meetings/<code>/letters/<int:letter_id>/resend", methods=["GET", "POST"])
@requires("meeting.arrange")
def resend(code: str, letter_id: int) -> AnyResponse:
    meeting = _arranged(code)
    letter = posted.letter_of(meeting, letter_id)
    form = ResendForm(email=letter.to_address)

    def act() -> AnyResponse:
        resending.to_address(letter, form.email.data, mend_directory=bool(form.directory.data), actor=actor())
        notice(_("The letter is on its way again."))
        return redirect(url_for(".sending", code=meeting.code, round=request.args.get("round")), 303)

    def show() -> str:
        found = posted.letter_of(_arranged(code), letter_id)
        return render_template(
            "invitations/resend.html",
            meeting=_arranged(code),
            letter=found,
            site=posted.site_of(found),
            known=resending.contact_of(found, actor()),
            form=form,
            statuses=LetterStatus,
        )

    return answer(form, act, show)


@bp.post("/meetings/<code>/letters/<int:letter_id>/arrived")
@requires("meeting.arrange")
def arrived(code: str, letter_id: int) -> AnyResponse:
    meeting = _arranged(code)
    services.arrived(posted.letter_of(meeting, letter_id), actor=actor())
    notice(_("Noted: the letter arrived."))
    return redirect(url_for(".sending", code=meeting.code, round=request.form.get("round")), 303)


# ------------------------------------------------------------------ one site


@bp.get("/meetings/<code>/sites/<int:site_id>")
@requires("reply.record")
def site(code: str, site_id: int) -> str:
    return _site_page(code, site_id)


@bp.route("/meetings/<code>/sites/<int:site_id>/reply", methods=["GET", "POST"])
@requires("reply.record")
def reply(code: str, site_id: int) -> AnyResponse:
    meeting = _arranged(code, "reply.record")
    found = queries.invitation(meeting, site_id)
    form = TelephoneForm(data=None if request.method == "POST" else _standing(found))

    def act() -> AnyResponse:
        late = answering.record_by_telephone(found, form.said, form.caller.data, actor=actor())
        site = found.meeting_site.name
        if late:
            notice(_("Kept what %(site)s said, after the deadline.", site=site), "warn")
        else:
            notice(_("Kept what %(site)s said.", site=site))
        return redirect(url_for(".site", code=meeting.code, site_id=site_id), 303)

    def show() -> str:
        return render_template(
            "invitations/reply.html",
            meeting=_arranged(code, "reply.record"),
            invitation=queries.invitation(_arranged(code, "reply.record"), site_id),
            form=form,
        )

    return answer(form, act, show)


def _standing(invitation: Invitation) -> dict[str, str]:
    """What the site has said so far, to be changed."""
    return {
        "reply": invitation.reply.value,
        "substitute_honorific": invitation.substitute_honorific,
        "substitute_name": invitation.substitute_name,
        "substitute_title": invitation.substitute_title,
        "replaced": ", ".join(filter(None, (invitation.replaced_name, invitation.replaced_title))),
        "reason": invitation.reason,
        "day_phone": invitation.day_phone,
    }


@bp.post("/meetings/<code>/sites/<int:site_id>/consent")
@requires("consent.record")
def consent(code: str, site_id: int) -> AnyResponse:
    meeting = _arranged(code, "consent.record")
    found = queries.invitation(meeting, site_id)
    form = ConsentForm()

    def act() -> AnyResponse:
        answering.consent(found, form.given.data == "yes", form.by.data, actor=actor(), reason=form.refusal.data)
        site = found.meeting_site.name
        if form.given.data == "yes":
            notice(_("The consent to the substitute of %(site)s has been recorded.", site=site))
        else:
            notice(_("It has been recorded that the chair does not consent; %(site)s is told.", site=site))
        return redirect(url_for(".site", code=meeting.code, site_id=site_id), 303)

    return answer(form, act, lambda: _site_page(code, site_id, form))


@bp.post("/meetings/<code>/sites/<int:site_id>/link")
@requires("meeting.arrange")
def new_link(code: str, site_id: int) -> AnyResponse:
    meeting = _arranged(code)
    found = queries.invitation(meeting, site_id)
    letter = services.reissue_link(found, actor=actor())
    if letter is None:
        notice(
            _(
                "%(site)s has a new link and no e-mail address: copy the link and pass it on.",
                site=found.meeting_site.name,
            ),
            "warn",
        )
    else:
        notice(
            _(
                "%(site)s has a new link; it is on its way to %(address)s.",
                site=found.meeting_site.name,
                address=letter.to_address,
            )
        )
    return redirect(url_for(".site", code=meeting.code, site_id=site_id), 303)


@bp.post("/meetings/<code>/sites/<int:site_id>/link/take-back")
@requires("meeting.arrange")
def take_back_link(code: str, site_id: int) -> AnyResponse:
    found = queries.invitation(_arranged(code), site_id)
    form = EndLinkForm()

    def act() -> AnyResponse:
        services.take_back_link(found, form.reason.data, actor=actor())
        notice(_("The link of %(site)s opens nothing any more.", site=found.meeting_site.name))
        return redirect(url_for(".site", code=code, site_id=site_id), 303)

    return answer(form, act, lambda: _site_page(code, site_id, ending=form))


@bp.post("/meetings/<code>/sites/<int:site_id>/take-back-answer")
@requires("reply.record")
def take_back_answer(code: str, site_id: int) -> AnyResponse:
    meeting = _arranged(code, "reply.record")
    found = queries.invitation(meeting, site_id)
    form = AnswerBackForm()

    def act() -> AnyResponse:
        answering.take_back(found, form.why.data, actor=actor())
        site = found.meeting_site.name
        if found.replied_at is None:
            notice(_("The answer of %(site)s was taken back; it has none now.", site=site))
        else:
            notice(_("The answer of %(site)s was taken back; the one before it holds again.", site=site))
        return redirect(url_for(".site", code=meeting.code, site_id=site_id), 303)

    return answer(form, act, lambda: _site_page(code, site_id, undoing=form))


def _site_page(
    code: str,
    site_id: int,
    form: ConsentForm | None = None,
    *,
    ending: EndLinkForm | None = None,
    undoing: AnswerBackForm | None = None,
) -> str:
    meeting = _arranged(code, "reply.record")
    found = queries.invitation(meeting, site_id)
    who = actor()
    said = history.answers(journal.queries.about(found.journal_subject))
    return render_template(
        "invitations/site.html",
        meeting=meeting,
        invitation=found,
        site=found.meeting_site,
        officer=queries.officer(found.meeting_site) if who.may("phone.see", meeting.organiser.path) else None,
        link=private_link.address(found) if who.may("meeting.arrange", meeting.organiser.path) else "",
        join_link=private_link.join_address(found),
        ending=ending or EndLinkForm(formdata=None),
        letters=posted.letters_to(found),
        window=queries.may_answer(found),
        history=said,
        stands=history.stands(said),
        before=history.before(said),
        mail=tray.about(found),
        suggestions=tray.suggestions(who, found),
        refuse=RefuseForm(formdata=None),
        undoing=undoing or AnswerBackForm(formdata=None),
        form=form or ConsentForm(by=letters.titled(meeting.chair_honorific, meeting.chair_name, "")),
        reply_words=REPLY_WORDS,
        may_consent=who.may("consent.record", meeting.organiser.path),
    )


# ------------------------------------------------------------------ the document


@bp.get("/meetings/<code>/documents/giay-moi.docx")
@requires("meeting.see")
def giay_moi(code: str) -> AnyResponse:
    meeting = scheduling.meeting_for(actor(), code)
    if meeting.starts_at is None:
        raise NotFound(_("This meeting has no time yet, so there is no invitation to read."))
    return send_file(
        io.BytesIO(enclosures.document(meeting)),
        mimetype=CONTENT_TYPE,
        as_attachment=True,
        download_name=letters.file_name(meeting),
    )
