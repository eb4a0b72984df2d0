"""Loaded once, before any daemon of the bench is forked: what each would compile for seconds, so that all are up at once.

The shipped rulebook is handed to every daemon as it was read here; the bench changes no rule.
"""

from __future__ import annotations

import functools

import apscheduler.executors.pool
import apscheduler.schedulers.background  # noqa: F401

from triaged.config import shipped
from triaged.reading.read import read
from triaged.reading.values import Door, Surroundings
from triaged.walk import knowledge

knowledge.load_folder = functools.cache(knowledge.load_folder)
_rulebook = knowledge.load_folder(shipped.rules())
_FIRST = b"From: a@b.example\r\nSubject: Hello\r\n\r\nThe export of reports fails since this morning, nobody can work.\r\n"
read(_FIRST, Door(), Surroundings(services=_rulebook.services))
