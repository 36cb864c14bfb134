"""Doorways of the directory: units, sites, people, groups, imports."""

from flask import Blueprint

bp = Blueprint("directory", __name__, url_prefix="/directory")
