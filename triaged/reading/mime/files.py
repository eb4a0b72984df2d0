"""A mail's files with their bytes, for who takes one out: the same ones, in the same order, as its Reading names. PURE."""

from __future__ import annotations

from dataclasses import replace

from triaged.reading.mime import message
from triaged.reading.values import Attachment, Limits


def of(raw: bytes, limits: Limits) -> tuple[Attachment, ...]:
    """Every file of a mail; hostile input, so call it where a crash hurts nobody else."""
    return message.parse(raw, replace(limits, contents=True)).attachments
