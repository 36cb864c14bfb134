"""Doorways of the minutes: the record and its life, its parts, its documents, and the private links of its readers."""

from flask import Blueprint

bp = Blueprint("minutes", __name__)

from meetings.minutes.views import blocks, documents, files, hand_out, numbers, parts, reading, record, sheets, signing  # noqa: E402, F401  (each hangs its pages into bp)
