"""What a returned mail says: whom it failed for, whether for good, and which letter came back. PURE.

Contract: total and bounded. Delivery reports are read by their fields, texts line by line up to the copy of
the letter. flufl.bounce is asked last, about a rebuilt message of bounded size, inside `try`: it takes 20 s
for a megabyte of newlines and raises on malformed mail (libraries.md, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from email.message import Message as StandardMessage
from typing import NamedTuple

from flufl.bounce import all_failures

from triaged.reading.mime import addresses
from triaged.reading.mime.headers import Headers
from triaged.reading.mime.message import Message
from triaged.reading.values import FailedRecipient, Surroundings
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken


class Reason(NamedTuple):
    """One kind of failure, by the name of the phrases that tell it (words/words.py, `Bounce`)."""

    name: str
    hard: bool


REASONS = (
    Reason("mailbox_full", False),
    Reason("message_too_large", False),
    Reason("account_suspended", False),
    Reason("not_reached", False),
    Reason("sender_refused", False),
    Reason("closed_group", False),
    Reason("no_such_person", True),
    Reason("no_such_host", True),
    Reason("takes_no_mail", True),
    Reason("moved", True),
)
"""Reasons in the order they are tried. A failure is *hard* when the address itself is no good for ever: no such
person, no such host, moved, takes no mail at all (as Sisimai judges it). What none of them tells is soft: a full
mailbox, a filter, a policy, a time-out or a suspended account prove nothing for good."""

HARD_STATUS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"})
"""Enhanced status codes (RFC 3463) that speak of the address; believed where the words tell nothing."""

SOFT_STATUS = frozenset({"5.2.2", "5.7.1"})
"""Full, or a policy: no proof against the address, whatever words stand beside it."""

MOST_TEXT = 16_384
MOST_RECIPIENTS = 50
GOOD = frozenset({"delivered", "relayed", "expanded"})
SERVER = re.compile(
    r"mailer[-_. ]?daemon|maildaemon|mdaemon@|\bpoo?st[-_]?master\b|mail delivery (?:sub)?system|mail delivery service"
    r"|mail administrator|(?:mail|delivery)[-_ ]?(?:notification|subsystem|agent)"
)
_ADDRESS = re.compile(r"""[^\s<>()\[\]:;,"'`|=\\]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}""")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])", re.ASCII)
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])", re.ASCII)
_NOT_FAILED = re.compile(
    r"(?i)contact|for assistance|mail from|reply to|abuse@|send mail to|message-id|^\W{0,4}(?:from|sender|cc)\W{0,3}:"
)
_TO = re.compile(r"(?i)\A\s*+to\s?:")
_MARK = re.compile(r"(?i)[a-z2-7]{26}")


def in_report(blocks: Sequence[Mapping[str, str]], message: Message) -> tuple[FailedRecipient, ...]:
    """Whom a delivery report (RFC 3464) says it failed for, each judged alone."""
    return tuple(_of_blocks(blocks, message))


def in_text(
    report: str, named: Sequence[str], message: Message, surroundings: Surroundings, *, delayed: bool
) -> tuple[FailedRecipient, ...]:
    """Whom a report in plain words names. `named`: addresses a header gave already."""
    return tuple(_of_lines(report, list(named), message, surroundings, delayed=delayed))


def named_in_header(message: Message) -> list[str]:
    """The addresses of X-Failed-Recipients."""
    value = ",".join(message.headers.get_all("X-Failed-Recipients"))
    return [address.address for address in addresses.parse_list(value)]


def before_copy(text: str) -> str:
    """The report itself, without the copy of the letter below it."""
    lines = text[:MOST_TEXT].split("\n")
    below = (n for n, line in enumerate(lines) if n > 1 and spoken().bounce.copy_below.find(fold(line[:400])))
    return "\n".join(lines[: next(below, len(lines))])


def is_hard(status: str | None, *told: str) -> bool:
    """Whether a failure means that the address is no good for ever.

    `told`: what the server said, nearest first; the first text that gives a reason decides.
    """
    by_status = (status or "") in HARD_STATUS
    if status and (status.startswith("4.") or status in SOFT_STATUS):
        return False
    for words in (" ".join(fold(text[:4_000]).split()) for text in told):
        reason = next((r for r in REASONS if getattr(spoken().bounce, r.name).find(words)), None)
        if reason is not None:
            return by_status if _is_doubtful(reason, words, told) else reason.hard
    return by_status


def returned_message_id(message: Message) -> str | None:
    """The Message-ID of the mail that came back: from its headers, attached or quoted in the text."""
    for headers in _originals(message):
        if found := _bracketed(headers.get("Message-ID")):
            return found
    quoted = re.search(r"(?im)^[> \t]{0,8}message-id:\s{0,4}(<[^<>\s]{3,320}>)", message.text[:MOST_TEXT])
    return quoted[1] if quoted else None


def returned_mark(message: Message) -> str:
    """The mark that a letter of ours bears for its one recipient, where the bounce gives back its header."""
    for headers in _originals(message):
        if found := _MARK.fullmatch(headers.get("X-Triaged-Mark").strip()[:80]):
            return found[0].lower()
    quoted = re.search(
        r"(?im)^[> \t]{0,8}x-triaged-mark:\s{0,4}([a-z2-7]{26})\s", message.text[:MOST_TEXT] + "\n"
    )
    return quoted[1].lower() if quoted else ""


def _originals(message: Message) -> list[Headers]:
    originals: list[Headers] = [m.headers for m in message.attached]
    if message.original_headers is not None:
        originals.insert(0, message.original_headers)
    return originals


def _of_blocks(blocks: Sequence[Mapping[str, str]], message: Message) -> Iterator[FailedRecipient]:
    seen: set[str] = set()
    for block in blocks[:MOST_RECIPIENTS]:
        address = _recipient(block) or _only_recipient(message, blocks)
        action = block.get("action", "").strip().lower()
        if not address or address in seen or action in GOOD:
            continue
        seen.add(address)
        diagnostic = " ".join(block.get("diagnostic-code", "").split())
        status = _status(block.get("status", "")) or _status(diagnostic)
        report = before_copy(message.text) if len(blocks) == 1 else _about(address, message.text)
        hard = not action.startswith("delay") and is_hard(status, diagnostic, report)
        yield FailedRecipient(address, hard, status, diagnostic[:500])


def _recipient(block: Mapping[str, str]) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = block.get(name, "").rpartition(";")[2].strip(" <>\t\"'")
        found = addresses.parse_list(value[:400])
        if found:
            return found[0].address
    return ""


def _of_lines(
    body: str, named: list[str], message: Message, surroundings: Surroundings, *, delayed: bool
) -> Iterator[FailedRecipient]:
    found = list(dict.fromkeys(named or _addresses_in(body, message, surroundings) or _by_flufl(message)))
    if not found and (only := _only_recipient(message, [])):
        found = [only]
    for address in found[:MOST_RECIPIENTS]:
        told = body if len(found) == 1 else _about(address, body)
        status = _status(told)
        hard = not delayed and is_hard(status, told.partition("\n")[0], told)
        yield FailedRecipient(address, hard, status, _diagnostic(told))


def _addresses_in(body: str, message: Message, surroundings: Surroundings) -> list[str]:
    """Addresses the report names, without ours, the server's own and those to write to for help.

    Those of its `To:` lines count only if it names no others: the letter may have had more recipients.
    """
    ours = surroundings.support_addresses | {a.address for a in (*message.from_, *message.to)}
    ours |= {(returned_message_id(message) or "").strip("<>").lower()}
    named: list[str] = []
    headed: list[str] = []
    for line in body.split("\n"):
        if len(line) > 400 or _NOT_FAILED.search(line):
            continue
        found = [name.lower().rstrip(".-") for name in _ADDRESS.findall(line)]
        (headed if _TO.match(line) else named).extend(
            name for name in found if name not in ours and addresses.is_address(name)
        )
    people = [name for name in (named or headed) if not SERVER.search(name)]
    return people or named or headed


def _only_recipient(message: Message, blocks: Sequence[Mapping[str, str]]) -> str:
    """Whom the returned letter went to, if to one person and the report speaks of no more than one."""
    originals = [message.original_headers] if message.original_headers is not None else []
    originals += [attached.headers for attached in message.attached]
    for headers in originals:
        people = addresses.parse_list(headers.get("To"))
        if len(people) == 1 and len(blocks) <= 1:
            return people[0].address
    return ""


def _about(address: str, text: str) -> str:
    """What the report says of one address: the lines from its name on, up to a gap or another address."""
    said: list[str] = []
    near = False
    for line in before_copy(text).split("\n")[:400]:
        names = [name.lower().rstrip(".-") for name in _ADDRESS.findall(line[:400])]
        if names:
            near = address in names
        if near:
            said.append(line[:400])
        near = near and bool(line.strip())
    return "\n".join(said)


def _is_doubtful(reason: Reason, words: str, told: tuple[str, ...]) -> bool:
    """The words alone do not settle it: the status does."""
    if not reason.hard:
        return reason.name == "account_suspended"
    everything = " ".join(fold("\n".join(told)[:8_000]).split())
    if spoken().bounce.unknown.find(words) and spoken().bounce.after_all.find(everything):
        return True
    return bool(spoken().bounce.passing.find(words)) and not spoken().bounce.firm.find(words)


def _status(text: str) -> str | None:
    found = _STATUS.search(text[:4_000])
    return found[0] if found else None


def _diagnostic(told: str) -> str:
    lines = (" ".join(line.split()) for line in told.split("\n"))
    return next((line for line in lines if _REPLY_CODE.search(line) or _STATUS.search(line)), "")[:500]


def _bracketed(message_id: str) -> str | None:
    found = re.search(r"<[^<>\s]{3,900}>", message_id[:1_000])
    return found[0] if found else None


def _by_flufl(message: Message) -> list[str]:
    """Mailman's collection of formats, asked about the headers and the text alone."""
    rebuilt = StandardMessage()
    for name in ("From", "Subject"):
        rebuilt[name] = " ".join(message.headers.get(name).split())[:400]
    rebuilt.set_payload(message.text[:MOST_TEXT].encode("ascii", "replace").decode())
    try:
        temporary, permanent = all_failures(rebuilt)
    except Exception:  # IndexError, AttributeError, … on what strangers send
        return []
    found = [bytes(address).decode("ascii", "replace").lower() for address in (*permanent, *temporary)]
    return [address for address in found if addresses.is_address(address)]
