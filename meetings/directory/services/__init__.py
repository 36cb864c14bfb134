"""The verbs of the directory, the only writers of its tables. The caller commits."""

from meetings.directory.services.groups import (
    add_group,
    add_person,
    change_group,
    change_person,
    known_person,
    stop_group,
    stop_person,
)
from meetings.directory.services.imports import apply, discard, mend, preview, reread, skip
from meetings.directory.services.mergers import merge, retire_sites
from meetings.directory.services.sites import (
    add_room,
    add_site,
    agree_to_texts,
    change_room,
    change_site,
    correct_contact,
    end_contact,
    name_contact,
    resume,
    stop,
)

__all__ = [
    "add_group",
    "add_person",
    "add_room",
    "add_site",
    "agree_to_texts",
    "apply",
    "change_group",
    "change_person",
    "change_room",
    "change_site",
    "correct_contact",
    "discard",
    "end_contact",
    "known_person",
    "mend",
    "merge",
    "name_contact",
    "preview",
    "reread",
    "resume",
    "retire_sites",
    "skip",
    "stop",
    "stop_group",
    "stop_person",
]
