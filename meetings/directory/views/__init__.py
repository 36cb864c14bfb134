"""Doorways of the directory: units, sites, people, groups, imports."""

from flask import Blueprint

bp = Blueprint("directory", __name__, url_prefix="/directory")

from meetings.directory.views import groups, imports, sites, units  # noqa: E402, F401  (they hang their doors on bp)
