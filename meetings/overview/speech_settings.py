"""The administrator's page of speech to text: what is set, what is missing, and what has become of the recordings."""

from __future__ import annotations

from flask import Blueprint, render_template

from meetings.accounts.access import requires
from meetings.minutes import recordings, transcript_words
from meetings.minutes import transcript_queries as queries
from meetings.official import numbers
from meetings.web import bodies

bp = Blueprint("speech_settings", __name__)


@bp.get("/settings/speech")
@requires("setting.administer")
def speech() -> str:
    house = recordings.set_up()
    return render_template(
        "overview/speech.html",
        speech=house.speech,
        most=numbers.size(house.most),
        days=house.days,
        free=numbers.size(bodies.free(recordings.where())),
        counts=queries.counts(),
        newest=queries.newest_fault(),
        words=transcript_words,
    )
