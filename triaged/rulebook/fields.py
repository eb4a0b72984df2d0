"""Every fact a rule may ask for: name, type, meaning, example, and whether it is about the content. PURE.

The one list that the rulebook's reader, the JSON Schema for editors, `rules test` and the facts
themselves (judging/facts.py) go by. A fact is *content* when it says what the mail says: rules that look only at
content make the `content_severity`; facts about the account, the sender, the ticket or the clock do not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from triaged.reading.identifiers.kinds import ASKED, IDENTIFIERS, LOOKED_UP
from triaged.vocabulary import Kind


class Type(StrEnum):
    """What kind of value a fact has, and so which conditions can be asked of it."""

    TEXT = "text"  # prose: says, contains, matches
    WORD = "word"  # one short text, compared without regard to case
    WORDS = "words"  # a list of short texts
    NUMBER = "number"
    FLAG = "flag"  # true or false
    SEVERITY = "severity"  # S1 to S4; `at_least: S2` means S2 or more severe
    TIER = "tier"  # authorised < advanced < premium


Way = str  # one of WAYS
WAYS = (*(kind.way for kind in LOOKED_UP), "domain")  # in the order they are tried
TIERS = ("authorised", "advanced", "premium")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MISSING = (*ASKED, "service")
ANSWERS = ("pass", "fail", "none", "unknown")

# The operators each type takes, in the order they are told to people.
_TEXTUAL = ("equals", "in", "contains", "matches", "exists")
_PROSE = ("equals", "in", "says", "contains", "matches", "exists")
_ORDERED = ("equals", "in", "at_least", "at_most", "more_than", "less_than", "exists")
OPERATORS: Mapping[Type, tuple[str, ...]] = {
    Type.TEXT: _PROSE,
    Type.WORD: _TEXTUAL,
    Type.WORDS: ("contains", "matches", "exists"),
    Type.NUMBER: _ORDERED,
    Type.FLAG: ("equals", "exists"),
    Type.SEVERITY: _ORDERED,
    Type.TIER: _ORDERED,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One fact. `choices`: the only values it can have; `names`: "services" or "regions" of the rulebook."""

    name: str
    type: Type
    content: bool
    description: str
    example: Any = field(hash=False)  # may be a dict
    choices: tuple[str, ...] = ()
    names: str = ""


def _content(name: str, type_: Type, description: str, example: Any, **more: Any) -> Field:
    return Field(name, type_, True, description, example, **more)


def _other(name: str, type_: Type, description: str, example: Any, **more: Any) -> Field:
    return Field(name, type_, False, description, example, **more)


_KINDS = tuple(k.value for k in Kind)
_STATES = ("new", "open", "waiting", "resolved", "closed")

_ALL = (
    # What the mail says
    _content("subject", Type.TEXT, "The subject line", {"contains": ["outage"]}),
    _content("text", Type.TEXT, "The new text: own words and what is forwarded, no reply quotes",
             {"contains": ["system down"]}),
    _content("own_text", Type.TEXT, "The sender's own words, without what is forwarded",
             {"matches": r"\bescalat(e|ion)\b"}),
    _content("language", Type.WORD, "ISO 639-1 code of the sender's own words", "ja"),
    _content("kind", Type.WORD, "What the mail is", "thanks", choices=_KINDS),
    _content("automatic", Type.FLAG, "Not written by a person: absence note, bounce, receipt, list", False),
    _content("mail.reply", Type.FLAG, "Answers an earlier mail", False),
    _content("mail.forward", Type.FLAG, "Carries a forwarded mail", True),
    _content("mail.characters", Type.NUMBER, "Length of the new text in characters", {"less_than": 40}),
    _content("attachments.count", Type.NUMBER, "How many files are attached", {"at_least": 1}),
    _content("attachments.bytes", Type.NUMBER, "Their size in bytes together", {"more_than": 5000000}),
    _content("attachments.names", Type.WORDS, "Their file names", {"matches": r"\.har$"}),
    _content("attachments.types", Type.WORDS, "Their media types", {"contains": ["image/png"]}),
    _content("service", Type.WORD, "Full name of the service the trouble is about", "Zoho CRM",
             names="services"),
    _content("service.eligible", Type.FLAG, "Its licences count for large accounts (also if none is named)",
             True),
    *(_content(f"identifiers.{kind.name}", Type.WORDS if kind.several else Type.WORD, kind.what, kind.example)
      for kind in IDENTIFIERS),
    _content("missing", Type.WORDS, "What the mail should give and does not", {"contains": ["zoid"]},
             choices=MISSING),
    _content("no_identifier", Type.FLAG, "None of SuperAdmin address, ZOID and ZUID is given", True),
    _content("classifier.severity", Type.SEVERITY, "What the classifier says", {"at_least": "S2"}),
    _content("classifier.confidence", Type.NUMBER, "How sure it is, 0 to 1", {"at_least": 0.8}),
    # Who writes
    _other("sender.address", Type.WORD, "The From address", "anna@partner.example"),
    _other("sender.name", Type.WORD, "The display name", {"contains": ["Anna"]}),
    _other("sender.domain", Type.WORD, "What stands behind its @", "partner.example"),
    _other("sender.role", Type.WORD, "Who that is", "partner", choices=("partner", "staff", "stranger")),
    _other("sender.trusted", Type.FLAG, "A partner, and our mail server's DMARC result says pass", True),
    _other("sender.authentication", Type.WORD, "Our mail server's word on the sender (DMARC, or a checked password)", "pass", choices=ANSWERS),
    _other("sender.oddities", Type.WORDS, "What is strange about the sender",
           {"matches": "look-alike"}),
    _other("sender.mails_last_hour", Type.NUMBER, "Mails of this address in the hour before, this one too (up to 1,000)",
           {"at_least": 3}),
    _other("recipients", Type.WORDS, "To and Cc addresses", {"contains": ["partner-support@zohocorp.com"]}),
    _other("partner.domain", Type.WORD, "The sender's partner by its mail domain", "partner.example"),
    _other("partner.name", Type.WORD, "The partner's name", "Partner Ltd"),
    _other("partner.tier", Type.TIER, "The partner's tier", {"at_least": "advanced"}, choices=TIERS),
    _other("partner.region", Type.WORD, "The partner's region", "JP", names="regions"),
    _other("partner.mails_last_hour", Type.NUMBER, "Mails of this partner in the hour before, this one too (up to 1,000)",
           {"at_least": 3}),
    # Whom it is about
    _other("account.key", Type.WORD, "Key of the account found in the directory", {"exists": True}),
    _other("account.name", Type.WORD, "Its name", "Big Ltd"),
    _other("account.zoid", Type.WORD, "Its organisation id in the directory", "60031122334"),
    _other("account.superadmin_email", Type.WORD, "Its SuperAdmin address in the directory",
           "it@big.example"),
    _other("account.domains", Type.WORDS, "Its mail domains", {"contains": ["big.example"]}),
    _other("account.region", Type.WORD, "Its region", "EU", names="regions"),
    _other("account.partner", Type.WORD, "Domain of the partner that looks after it", "partner.example"),
    _other("account.plan", Type.WORD, "Its support plan", "enterprise"),
    _other("account.services", Type.WORDS, "Services it subscribes to", {"contains": ["Zoho Desk"]},
           names="services"),
    _other("account.licences", Type.NUMBER, "Its user licences over eligible services", {"at_least": 100}),
    _other("account.threshold", Type.NUMBER, "Licences that make an account of its region large", 200),
    _other("account.large_user", Type.FLAG, "Its licences reach the threshold of its region", True),
    _other("account.foreign", Type.FLAG, "Another partner looks after it", True),
    _other("account.matched_by", Type.WORD, "How it was found", "zoid",
           choices=WAYS),
    _other("conflict", Type.FLAG, "What is given leads to different accounts, or two customers are asked about",
           True),
    _other("region", Type.WORD, "The account's region, else the partner's, else the mailbox's", "SA",
           names="regions"),
    # Where and when
    _other("mailbox", Type.WORD, "Name of the mailbox in config.yaml", "eu"),
    _other("mail.age_hours", Type.NUMBER, "Hours since the mail arrived", {"more_than": 24}),
    _other("time.business_hours", Type.FLAG, "The region's business hours are open", False),
    _other("time.hour", Type.NUMBER, "Hour of the day in the region, 0 to 23", {"at_least": 18}),
    _other("time.weekday", Type.WORD, "Day of the week in the region", {"in": ["saturday", "sunday"]},
           choices=WEEKDAYS),
    # The ticket it joins
    _other("ticket.known", Type.FLAG, "The mail joins a ticket that was there before", True),
    _other("ticket.state", Type.WORD, "State of that ticket", "waiting", choices=_STATES),
    _other("ticket.severity", Type.SEVERITY, "Its severity", {"at_least": "S2"}),
    _other("ticket.age_hours", Type.NUMBER, "Hours since it was opened", {"more_than": 72}),
    _other("ticket.mails", Type.NUMBER, "Mails of the partner on it, this one too", {"at_least": 5}),
    _other("ticket.reopened", Type.NUMBER, "How often it was reopened", {"at_least": 2}),
    _other("ticket.missed", Type.FLAG, "A promised time was missed on it", True),
    _other("ticket.tags", Type.WORDS, "Its tags", {"contains": ["outage-words"]}),
)  # fmt: skip

FIELDS: Mapping[str, Field] = {one.name: one for one in _ALL}

_Aside = Callable[[Mapping[str, Any]], object]


def _licences(facts: Mapping[str, Any]) -> object:
    if facts.get("account.key") is None and not facts.get("account.licences"):
        return facts.get("account.why")
    return f"{facts.get('account.licences')} of {facts.get('account.threshold')}"


# What is told in brackets behind a fact, so that a person need not ask on.
_ASIDES: Mapping[str, _Aside] = {
    "account.large_user": _licences,
    "account.key": lambda facts: facts.get("account.why"),
    "service.eligible": lambda facts: facts.get("service") or "no service named",
    "sender.trusted": lambda facts: facts.get("sender.why"),
    "conflict": lambda facts: facts.get("conflict.why"),
}


def aside(name: str, facts: Mapping[str, Any]) -> str:
    """The reason known for a fact, in brackets with a blank before; empty where there is none."""
    reason = _ASIDES[name](facts) if name in _ASIDES else None
    return f" ({reason})" if reason else ""
