"""Mail that comes back: delivery reports by their fields, and the many that are only text. PURE.

Contract: `delivery` answers for mails whose form, sender or opening says that a mail server wrote them;
anybody's words about a bounce do not make one. Whom it failed for: failures.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from triaged.reading.automatic import failures, notifications, requests
from triaged.reading.mime.headers import decode_words
from triaged.reading.mime.message import Message
from triaged.reading.values import Automatic, Surroundings
from triaged.reading.words.phrases import fold
from triaged.reading.words.spoken import spoken
from triaged.vocabulary import Kind

_ANSWER = re.compile(r"\A\s*+(?:re|aw|sv|fwd?|wg|tr|rv|antw|答复|回复|转发|返信|転送)\s?:")
_NULL_SENDERS = frozenset({"<>", "<null>", "null", "<mailer-daemon>", "<MAILER-DAEMON>", "MAILER-DAEMON"})


def delivery(
    message: Message, body: str, surroundings: Surroundings, envelope_from: str | None
) -> Automatic | None:
    """The bounce, delay or success notice a mail is; None if it is none. `body`: its own words."""
    if noticed := notifications.delivery(message.text):
        return noticed
    by_server = is_server(message) or message.report_type == "delivery-status"
    blocks = [block for block in message.report if _is_about_recipient(block)]
    if blocks and (message.content_type == "multipart/report" or by_server):
        return _by_fields(blocks, message)
    titled = bool(spoken().bounce.subject.find(fold(message.subject[:400])))
    named = failures.named_in_header(message)
    if not (titled or named or by_server) or (_is_answer(message.subject) and not by_server):
        return None
    report = failures.before_copy(message.text if by_server else body)
    if not named and not _says_so(message, fold(report), titled, surroundings, envelope_from):
        return None
    delayed = bool(spoken().bounce.delayed.find(fold(f"{message.subject[:400]}\n{report[:2_000]}")))
    failed = failures.in_text(report, named, message, surroundings, delayed=delayed)
    why = "a mail server gives a letter back" + (" late" if delayed else "")
    original, mark = failures.returned_message_id(message), failures.returned_mark(message)
    return Automatic(Kind.BOUNCE, why, failed, delayed, original, mark)


def _says_so(
    message: Message, body: str, titled: bool, surroundings: Surroundings, envelope_from: str | None
) -> bool:
    """Whether a text is a mail server's: the less its sender looks like one, the more it has to say."""
    opening = " ".join(body[:800].split())
    told = bool(spoken().bounce.text.find(" ".join(body[:6_000].split())))
    if is_server(message) or message.report_type == "delivery-status":
        return titled or told
    if envelope_from == "" or message.headers.get("Return-Path").strip() in _NULL_SENDERS:
        return titled and told
    wanted = requests.wants(opening.replace("unable to deliver", ""))
    opens = bool(spoken().bounce.opening.find(opening))
    if message.from_ and message.from_[0].domain in surroundings.partner_domains:
        return titled and opens and wanted == 0
    at_once = 0 <= spoken().bounce.opening.at(opening) < 40
    return titled and ((at_once and wanted < 3) or (wanted == 0 and told))


def is_server(message: Message) -> bool:
    """Whether the sender calls itself a mail server (`MAILER-DAEMON`, `Mail Delivery System`, …)."""
    written = message.headers.get("From")[:400] or message.headers.get("Sender")[:400]
    sender = fold(decode_words(written))
    return bool(failures.SERVER.search(sender))


def _is_about_recipient(block: Mapping[str, str]) -> bool:
    return "final-recipient" in block or "original-recipient" in block or "action" in block


def _by_fields(blocks: list[Mapping[str, str]], message: Message) -> Automatic:
    actions = {block.get("action", "").strip().lower() for block in blocks}
    original = failures.returned_message_id(message)
    if actions and actions <= failures.GOOD:
        return Automatic(Kind.RECEIPT, "delivery report: delivered", original_message_id=original)
    failed = failures.in_report(blocks, message)
    delayed = "failed" not in actions and any(action.startswith("delay") for action in actions)
    why = "delivery report: " + ("delayed" if delayed else "failed")
    return Automatic(Kind.BOUNCE, why, failed, delayed, original, failures.returned_mark(message))


def _is_answer(subject: str) -> bool:
    return bool(_ANSWER.match(fold(subject[:100])))
