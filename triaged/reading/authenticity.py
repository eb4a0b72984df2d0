"""Whether a mail is really from the domain it says: our own mail server's word, and what is odd. PURE.

Contract: only the topmost (first) Authentication-Results of the message counts, and only if its
authserv-id is one of ours and the mail came through a door behind our mail server, since anybody can
write such a header (failure F16). `pass` means dmarc=pass for the domain of the one From address or
its organisational parent. A misaligned or unreadable result, two From addresses, no header: `unknown`,
which is not trusted. The answer always says why.

Only the DMARC section is handed to authres (RFC 8601), cut out by one linear scan: servers write
things in their SPF and DKIM sections (`smtp.mailfrom=<>`) that make it refuse the whole header, and
nested comments make it recurse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal

import authres

from triaged.reading.lookalikes import SECOND_LEVEL, imitated, parents
from triaged.reading.message import Message
from triaged.reading.values import Address, Authentication, Door, Surroundings

Result = Literal["pass", "fail", "none", "unknown"]
LONGEST_RESULT = 8_192  # characters of an Authentication-Results that are read
ID_LESS = "microsoft365"  # in trusted_authserv_ids: Microsoft's own header, which carries no id
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[();]|[^"\\();]+|["\\]', re.DOTALL)
_METHOD = re.compile(r"\s*([a-z][\w-]{0,40})\s*(?:/\s*\d+\s*)?=", re.IGNORECASE | re.ASCII)
_ID = re.compile(r'\s*("?)([^\s;"]{1,255})\1(?:\s+\d+)?\s*')
_PARSE: Any = authres.AuthenticationResultsHeader.parse  # untyped
_WORDS: dict[str, Result] = {"pass": "pass", "fail": "fail", "none": "none", "bestguesspass": "none"}
_ADDRESS_IN_NAME = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def check(message: Message, surroundings: Surroundings, door: Door) -> Authentication:
    """Our server's verdict on the From domain, with its reason and everything odd about the sender."""
    domain = message.from_[0].domain if message.from_ else ""
    result, why = _verdict(message, domain, surroundings, door)
    return Authentication(result, why, domain, tuple(_oddities(message, surroundings)))


def aligned(domain: str, tested: str) -> bool:
    """Whether a DMARC result for `tested` speaks for `domain`: the same, or its organisational parent."""
    domain, tested = _comparable(domain), _comparable(tested)
    if not domain or not tested or _is_public_suffix(tested):
        return False
    return domain == tested or domain.endswith("." + tested)


def _verdict(message: Message, domain: str, surroundings: Surroundings, door: Door) -> tuple[Result, str]:
    if not door.behind_mta:
        return "unknown", "came through a door that is not behind our mail server"
    if not surroundings.trusted_authserv_ids:
        return "unknown", "no trusted_authserv_ids are configured"
    headers = message.headers.get_all("Authentication-Results")
    if not headers:
        return "unknown", "no Authentication-Results"
    authserv_id, sections = _sections(headers[0], surroundings.trusted_authserv_ids)
    if authserv_id not in surroundings.trusted_authserv_ids:
        return "unknown", f"topmost Authentication-Results is of {authserv_id or 'nobody'}, not ours"
    result, why = _dmarc(sections, domain)
    many = _several_senders(message)
    if result == "pass" and many:
        return "unknown", f"{many}: {why} speaks for one of them at most"
    return result, f"{why} ({authserv_id})"


def _sections(header: str, trusted: frozenset[str]) -> tuple[str, list[str]]:
    """The authserv-id in lower case and the result sections behind it; comments taken out."""
    sections = list(_split(header[:LONGEST_RESULT]))
    head = sections[0] if sections else ""
    if "=" in head:  # the form without an id: its first section is a result already
        return (ID_LESS if ID_LESS in trusted else ""), sections
    match = _ID.fullmatch(head)
    authserv_id = match[2].lower() if match else ""
    return ("" if authserv_id == ID_LESS else authserv_id), sections[1:]


def _split(header: str) -> Iterator[str]:
    """The header cut at the semicolons that stand outside quotes and comments."""
    depth = 0
    section: list[str] = []
    for match in _PIECE.finditer(header):
        token = match[0]
        if token == "(" or (token == ")" and depth):
            depth += 1 if token == "(" else -1
        elif token == ";" and not depth:
            yield "".join(section)
            section = []
        elif not depth:
            section.append(token)
    yield "".join(section)


def _dmarc(sections: list[str], domain: str) -> tuple[Result, str]:
    """The DMARC result for a From domain; of several the worst."""
    results = [
        _one(section, domain)
        for section in sections
        if (method := _METHOD.match(section)) and method[1].lower() == "dmarc"
    ]
    if not results:
        return "none", "our mail server tested no DMARC"
    order = {"fail": 0, "unknown": 1, "none": 2, "pass": 3}
    return min(results, key=lambda result: order[result[0]])


def _one(section: str, domain: str) -> tuple[Result, str]:
    try:
        [result] = _PARSE(f"Authentication-Results: x; {_ascii(section)}").results
    except Exception:  # its own SyntaxError, and whatever a stranger can provoke
        return "unknown", "our mail server's DMARC result is not readable"
    said = str(result.result).lower()
    tested = next((p.value for p in result.properties if (p.type, p.name) == ("header", "from")), "")
    tested = tested.strip().rpartition("@")[2]
    if said != "pass":
        return _WORDS.get(said, "unknown"), f"dmarc={said} for {tested or domain}"
    if tested and not aligned(domain, tested):
        return "unknown", f"dmarc=pass is for {tested}, but the mail says it is from {domain or 'nobody'}"
    return "pass", f"dmarc=pass for {tested or domain}"


def _ascii(section: str) -> str:
    """Non-ASCII domains as they travel (authres knows only ASCII); the rest unchanged."""
    if section.isascii():
        return section
    return re.sub(r"[^\s=;]{1,255}", lambda word: _comparable(word[0]) or word[0], section)


def _comparable(domain: str) -> str:
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _is_public_suffix(domain: str) -> bool:
    """`com`, `co.uk`: what no organisation owns. Our own server would hardly name one."""
    labels = domain.split(".")
    return len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and labels[0] in SECOND_LEVEL)


def _several_senders(message: Message) -> str:
    fields = len(message.headers.get_all("From"))
    if fields > 1:
        return f"{fields} From headers"
    return f"{len(message.from_)} From addresses" if len(message.from_) > 1 else ""


def _oddities(message: Message, surroundings: Surroundings) -> Iterator[str]:
    if many := _several_senders(message):
        yield many
    for sender in message.from_[:3]:
        yield from _odd_name(sender, surroundings)
        known = surroundings.partner_domains | surroundings.staff_domains
        if (model := imitated(sender.domain, known)) and not _is_known(sender, surroundings):
            yield f"{sender.domain} is a look-alike of {model}"
    domain = message.from_[0].domain if message.from_ else ""
    for address in message.reply_to[:3]:
        if domain and not _same_house(address.domain, domain):
            yield f"Reply-To elsewhere: {address.address}"


def _odd_name(sender: Address, surroundings: Surroundings) -> Iterator[str]:
    """A display name that shows another address, or a name this address has no right to."""
    shown = [found.lower() for found in _ADDRESS_IN_NAME.findall(sender.name[:400])]
    other = next((found for found in shown if found != sender.address), None)
    if other:
        yield f"the name shows {other}, the address is {sender.address}"
    elif not _is_known(sender, surroundings) and (domain := _named(sender.name, surroundings)):
        yield f"the name speaks of {domain}, the address is {sender.address}"


def _is_known(sender: Address, surroundings: Surroundings) -> bool:
    houses = surroundings.partner_domains | surroundings.staff_domains
    return (
        sender.domain in houses
        or sender.address in surroundings.partner_contacts | surroundings.support_addresses
        or bool(parents(sender.domain) & houses)
    )


def _named(name: str, surroundings: Surroundings) -> str:
    """The partner's or our own domain whose first label stands in a display name as a word."""
    houses = _by_label(surroundings.staff_domains | surroundings.partner_domains)
    words = re.findall(r"[^\W_]{5,63}", name[:400].lower())
    return next((houses[word] for word in words if word in houses), "")


@lru_cache(maxsize=8)
def _by_label(domains: frozenset[str]) -> dict[str, str]:
    """Domains by their first label; the same for every mail, so made once."""
    return {domain.split(".")[0]: domain for domain in sorted(domains, reverse=True)}


def _same_house(one: str, other: str) -> bool:
    return one == other or aligned(one, other) or aligned(other, one)
