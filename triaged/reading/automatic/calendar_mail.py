"""Invitations and answers to them. PURE.

A calendar part that asks or answers something (`METHOD:REQUEST`, `REPLY`, `CANCEL` …) makes a mail calendar
mail whatever its text says; an .ics file that merely hangs on a request for help does not.
"""

from __future__ import annotations

from triaged.reading.automatic import requests
from triaged.reading.automatic.absences import plain_subject
from triaged.reading.mime.message import Message
from triaged.reading.words.phrases import Phrases, fold

_METHODS = frozenset({"REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD"})
_SUBJECT = Phrases(
    "^invitation: | ^updated invitation: | ^accepted: | ^declined: | ^tentative: | ^tentatively accepted: | ^canceled: | ^cancelled: | ^canceled event: | ^cancelled event:",
    "^new time proposed: | ^meeting forward notification: | ^meeting invitation: | ^event invitation: | ^reminder: … @ | ^einladung: | ^aktualisierte einladung: | ^zugesagt: | ^abgesagt:",
    "^mit vorbehalt: | ^angenommen: | ^abgelehnt: | ^invitation : | ^accepté : | ^accepté: | ^refusé : | ^refusé: | ^annulé : | ^annulé: | ^provisoire : | ^invitación: | ^aceptado: | ^aceptada:",
    "^rechazado: | ^rechazada: | ^cancelado: | ^cancelada: | ^invito: | ^accettato: | ^rifiutato: | ^annullato: | ^convite: | ^aceito: | ^recusado: | ^uitnodiging: | ^geaccepteerd:",
    "^afgewezen: | ^geannuleerd: | ^招待: | ^招待状: | ^承諾: | ^承諾済み: | ^辞退: | ^仮承諾: | ^キャンセル済み: | ^予定の招待: | ^会议邀请 | ^已接受: | ^已拒绝: | ^초대: | ^수락됨: | ^приглашение: | ^принято:",
)
_WORDS = Phrases(
    "has accepted | has declined | has tentatively | has been canceled | has been cancelled | when: | ^when$ | join with google meet | microsoft teams meeting | join the meeting | zoom meeting",
    "going? | guests | yes - maybe - no | calendar.google.com | wann: | wo: | quand : | quand: | cuándo: | quando: | wanneer: | 日時: | 場所: | 参加者 | 時間: | hat die einladung | a accepté | ha aceptado",
)


def invitation(message: Message, own: str) -> str:
    """Why this is an invitation or an answer to one; empty if it is neither."""
    if message.has_calendar or message.content_type == "text/calendar":
        return _by_part(message, fold(own[:3_000]))
    found = _SUBJECT.find(plain_subject(message.subject))
    if not found:
        return ""
    words = fold(own[:3_000])
    if (_WORDS.find(words) or not words.strip()) and requests.speaks_of(words) < 2:
        return f"calendar mail: “{found.strip()}”"
    return ""


def _by_part(message: Message, words: str) -> str:
    method = message.calendar_method
    attached = any(file.name.lower().endswith(".ics") for file in message.attachments)
    embedded = not attached or message.content_type in {"multipart/alternative", "text/calendar"}
    if method in _METHODS and (embedded or requests.wants(words) < 3):
        return f"calendar mail, METHOD:{method}"
    return "a calendar entry and no words" if not words.strip() else ""
