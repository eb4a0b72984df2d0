"""Mail that comes back: delivery reports by their fields, and the many that are only text. PURE.

Contract: `delivery` answers for mails whose form or sender says they come from a mail server; anybody's
words about a bounce do not make one. Whom it failed for, hard or soft (bounce_words.py), and the Message-ID
of the letter that came back, so that it finds its outbox row. flufl.bounce is asked last, behind the gate,
on a rebuilt message of bounded size and inside `try`: it takes 20 s for a megabyte of newlines and raises
on malformed mail (libraries.md, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.message import Message as StandardMessage

from flufl.bounce import all_failures

from triaged.reading import addresses, bounce_words, notifications, requests
from triaged.reading.headers import Headers
from triaged.reading.message import Message
from triaged.reading.phrases import fold
from triaged.reading.values import Automatic, FailedRecipient, Surroundings
from triaged.values import Kind

MOST_TEXT = 16_384
MOST_RECIPIENTS = 50
_ADDRESS = re.compile(r"""[^\s<>()\[\]:;,"'`|=\\]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}""")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])", re.ASCII)
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])", re.ASCII)
_ANSWER = re.compile(r"\s*(?:re|aw|sv|fwd?|wg|tr|rv|antw|答复|回复|转发|返信|転送)\s?:")
_SERVER = re.compile(
    r"mailer[-_. ]?daemon|maildaemon|mdaemon@|\bpoo?st[-_]?master\b|mail delivery (?:sub)?system|mail delivery service"
    r"|mail administrator|(?:mail|delivery)[-_ ]?(?:notification|subsystem|agent)"
)
_NOT_FAILED = re.compile(
    r"(?i)contact|for assistance|mail from|reply to|abuse@|send mail to|message-id|^\W{0,4}(?:from|sender|cc)\W{0,3}:"
)
_TO = re.compile(r"(?i)\s*to\s?:")
_NULL_SENDERS = frozenset({"<>", "<null>", "null", "<mailer-daemon>", "<MAILER-DAEMON>", "MAILER-DAEMON"})
_GOOD = frozenset({"delivered", "relayed", "expanded"})


def delivery(
    message: Message, body: str, surroundings: Surroundings, envelope_from: str | None
) -> Automatic | None:
    """The bounce, delay or success notice a mail is; None if it is none. `body`: its own words."""
    if noticed := notifications.delivery(message.text):
        return noticed
    blocks = [block for block in message.report if _is_about_recipient(block)]
    if blocks and (message.content_type == "multipart/report" or is_server(message)):
        return _by_fields(blocks, message)
    if _is_answer(message.subject) and not is_server(message):
        return None
    named = _header_recipients(message)
    body = _before_copy(message.text if is_server(message) else body)
    if not (named or _says_so(message, fold(body), surroundings, envelope_from)):
        return None
    delayed = bool(bounce_words.DELAYED.find(fold(f"{message.subject[:400]}\n{body[:2_000]}")))
    failed = tuple(_recipients_in(body, named, message, surroundings, delayed=delayed))
    why = "a mail server gives a letter back" + (" late" if delayed else "")
    return Automatic(Kind.BOUNCE, why, failed, delayed, returned_message_id(message))


def _says_so(message: Message, body: str, surroundings: Surroundings, envelope_from: str | None) -> bool:
    """Whether a text is a mail server's: the less its sender looks like one, the more it has to say."""
    titled = bool(bounce_words.SUBJECT.find(fold(message.subject[:400])))
    opening = " ".join(body[:800].split())
    told = bool(bounce_words.TEXT.find(" ".join(body[:6_000].split())))
    if is_server(message) or message.report_type == "delivery-status":
        return titled or told
    if envelope_from == "" or message.headers.get("Return-Path").strip() in _NULL_SENDERS:
        return titled and told
    wanted = requests.wants(opening.replace("unable to deliver", ""))
    opens = bool(bounce_words.OPENING.find(opening))
    if message.from_ and message.from_[0].domain in surroundings.partner_domains:
        return titled and opens and wanted == 0
    at_once = 0 <= bounce_words.OPENING.at(opening) < 40
    return titled and ((at_once and wanted < 3) or (wanted == 0 and told))


def returned_message_id(message: Message) -> str | None:
    """The Message-ID of the mail that came back: from its headers, attached or quoted in the text."""
    originals: list[Headers] = [m.headers for m in message.attached]
    if message.original_headers is not None:
        originals.insert(0, message.original_headers)
    for headers in originals:
        if found := _bracketed(headers.get("Message-ID")):
            return found
    quoted = re.search(r"(?im)^[> \t]{0,8}message-id:\s{0,4}(<[^<>\s]{3,320}>)", message.text[:MOST_TEXT])
    return quoted[1] if quoted else None


def is_server(message: Message) -> bool:
    """Whether the sender calls itself a mail server (`MAILER-DAEMON`, `Mail Delivery System`, …)."""
    sender = fold(message.headers.get("From")[:400]) or fold(message.headers.get("Sender")[:400])
    return bool(_SERVER.search(sender))


def _is_about_recipient(block: Mapping[str, str]) -> bool:
    return "final-recipient" in block or "original-recipient" in block or "action" in block


def _by_fields(blocks: list[Mapping[str, str]], message: Message) -> Automatic:
    actions = {block.get("action", "").strip().lower() for block in blocks}
    original = returned_message_id(message)
    if actions and actions <= _GOOD:
        return Automatic(Kind.RECEIPT, "delivery report: delivered", original_message_id=original)
    failed = tuple(_recipients_of(blocks, message))
    delayed = "failed" not in actions and any(action.startswith("delay") for action in actions)
    why = "delivery report: " + ("delayed" if delayed else "failed")
    return Automatic(Kind.BOUNCE, why, failed, delayed, original)


def _recipients_of(blocks: list[Mapping[str, str]], message: Message) -> Iterator[FailedRecipient]:
    seen: set[str] = set()
    for block in blocks[:MOST_RECIPIENTS]:
        address = _recipient(block) or _only_recipient(message, blocks)
        action = block.get("action", "").strip().lower()
        if not address or address in seen or action in _GOOD:
            continue
        seen.add(address)
        diagnostic = " ".join(block.get("diagnostic-code", "").split())
        status = _status(block.get("status", "")) or _status(diagnostic)
        report = _before_copy(message.text) if len(blocks) == 1 else _about(address, message.text)
        hard = not action.startswith("delay") and is_hard(status, diagnostic, report)
        yield FailedRecipient(address, hard, status, diagnostic[:500])


def _recipient(block: Mapping[str, str]) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = block.get(name, "").rpartition(";")[2].strip(" <>\t\"'")
        found = addresses.parse_list(value[:400])
        if found:
            return found[0].address
    return ""


def is_hard(status: str | None, *told: str) -> bool:
    """Whether a failure means that the address is no good for ever.

    `told`: what the server said, nearest first; the first text that gives a reason decides.
    """
    by_status = (status or "") in bounce_words.HARD_STATUS
    if status and (status.startswith("4.") or status in bounce_words.SOFT_STATUS):
        return False
    for words in (" ".join(fold(text[:4_000]).split()) for text in told):
        reason = next((r for r in bounce_words.REASONS if r.words.find(words)), None)
        if reason is not None:
            return by_status if _is_doubtful(reason, words, told) else reason.hard
    return by_status


def _is_doubtful(reason: bounce_words.Reason, words: str, told: tuple[str, ...]) -> bool:
    """The words alone do not settle it: the status does."""
    if not reason.hard:
        return reason.name == "account suspended"
    everything = " ".join(fold("\n".join(told)[:8_000]).split())
    if bounce_words.UNKNOWN.find(words) and bounce_words.AFTER_ALL.find(everything):
        return True
    return bool(bounce_words.PASSING.find(words)) and not bounce_words.FIRM.find(words)


def _is_answer(subject: str) -> bool:
    return bool(_ANSWER.match(fold(subject[:100])))


def _before_copy(text: str) -> str:
    """The report itself, without the copy of the letter below it."""
    lines = text[:MOST_TEXT].split("\n")
    below = (n for n, line in enumerate(lines) if n > 1 and bounce_words.COPY_BELOW.find(fold(line[:400])))
    return "\n".join(lines[: next(below, len(lines))])


def _header_recipients(message: Message) -> list[str]:
    value = ",".join(message.headers.get_all("X-Failed-Recipients"))
    return [address.address for address in addresses.parse_list(value)]


def _recipients_in(
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
    people = [name for name in (named or headed) if not _SERVER.search(name)]
    return people or named or headed


def _only_recipient(message: Message, blocks: list[Mapping[str, str]]) -> str:
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
    for line in _before_copy(text).split("\n")[:400]:
        names = [name.lower().rstrip(".-") for name in _ADDRESS.findall(line[:400])]
        if names:
            near = address in names
        if near:
            said.append(line[:400])
        near = near and bool(line.strip())
    return "\n".join(said)


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
