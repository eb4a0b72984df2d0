"""Newsletters, and list posts that are not addressed to us. PURE.

A list header alone proves nothing: partners write through their own groups and through systems that set
such headers. A discussion list (it names where to post) makes `list` only if neither we nor a partner's
group is addressed; a newsletter is known by several of its marks together.
"""

from __future__ import annotations

import re

from triaged.reading.automatic import requests
from triaged.reading.mime.message import Message
from triaged.reading.sender.groups import list_addresses
from triaged.reading.sender.lookalikes import parents
from triaged.reading.values import Surroundings
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken

ENOUGH = 3
ENOUGH_OF_PARTNER = 4
_POST_MARKS = (
    "List-Post",
    "X-Mailing-List",
    "Mailing-List",
    "X-Mailman-Version",
    "X-BeenThere",
    "X-Google-Group-Id",
)
_CAMPAIGN = re.compile(
    r"(?i)^(?:feedback-id|x-campaign.*|x-mc-user|x-mailgun-tag|x-newsletter.*|x-mailchimp.*|x-sg-eid|x-csa-complaints|campaign.*"
    r"|x-job|x-mailer-recptid|x-broadcast-id|x-list-unsubscribe|x-zcsend.*|x-cm-.*|x-sfmc-.*|x-report-abuse)$"
)
_SENDER = re.compile(
    r"\A(?:.*[._-])?(?:news|newsletter|marketing|weekly|digest|updates?|info|offers?|events?|hello|team|mailer|campaigns?|promo.*|no-?reply|do-?not-?reply)(?:[._+-].*)?"
)


def newsletter(message: Message, own: str, surroundings: Surroundings) -> str:
    """Why this is a newsletter; empty if it is none. Of a partner's mail more marks are asked."""
    if _is_addressed_post(message, surroundings):
        return ""
    from_partner = any(sender.domain in surroundings.partner_domains for sender in message.from_)
    marks = _newsletter_marks(message, own)
    enough = ENOUGH_OF_PARTNER if from_partner else ENOUGH
    told = sum(weight for weight, _ in marks)
    if told < enough or (told < enough + 3 and requests.wants(fold(own[:3_000])) >= 3):
        return ""
    return "newsletter: " + ", ".join(name for _, name in marks)


def foreign_post(message: Message, surroundings: Surroundings) -> str:
    """Why this is a list post that is not addressed to us; empty if it is none."""
    if not _is_post(message) or _is_addressed_post(message, surroundings) or _is_to_us(message, surroundings):
        return ""
    return "a list post that is not addressed to us"


def _is_addressed_post(message: Message, surroundings: Surroundings) -> bool:
    """A post to a discussion list that names us too, or came through a partner's own group."""
    if not any(name in message.headers for name in _POST_MARKS):
        return False
    groups = {address.rpartition("@")[2] for address in list_addresses(message.headers)}
    return _is_to_us(message, surroundings) or any({g, *parents(g)} & surroundings.houses for g in groups)


def _is_post(message: Message) -> bool:
    precedence = message.headers.get("Precedence").strip().lower()
    return precedence == "list" or any(name in message.headers for name in (*_POST_MARKS, "List-Id"))


def _is_to_us(message: Message, surroundings: Surroundings) -> bool:
    people = (*message.to, *message.cc)
    ours = any(address.address in surroundings.support_addresses for address in people)
    return ours or any(address.domain in surroundings.houses for address in people)


def _newsletter_marks(message: Message, own: str) -> list[tuple[int, str]]:
    """(weight, name) of everything that makes a mail look like a newsletter."""
    headers = message.headers
    leave = headers.get("List-Unsubscribe")[:2_000].lower()
    discussion = any(name in headers for name in _POST_MARKS)
    sender = message.from_[0].address.partition("@")[0][:60] if message.from_ else ""
    footers = spoken().newsletter.text.count(fold(own[:500] + "\n" + own[-1_500:]))
    marks = (
        (2, "List-Unsubscribe-Post", "List-Unsubscribe-Post" in headers),
        (1, "List-Unsubscribe by web", "http" in leave and not discussion),
        (1, "List-Id without a place to post", "List-Id" in headers and not discussion),
        (1, "Precedence: bulk", headers.get("Precedence").strip().lower() in {"bulk", "junk"}),
        (1, "campaign headers", any(_CAMPAIGN.match(name[:60]) for name in headers)),
        (1, "the sender's name", bool(_SENDER.fullmatch(sender))),
        (1, "how to leave", footers > 0),
        (1, "how to leave, twice", footers > 1),
    )
    return [(weight, name) for weight, name, there in marks if there]
