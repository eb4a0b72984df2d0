"""Whether a mail is really from the domain it says: our own mail server's word, and what is odd. PURE.

Contract (design page, `sender.trusted`): our own results are the first Authentication-Results of the message
and those that follow it without a Received or a foreign one between, each only if its authserv-id is one of
ours and the mail came through a door behind our mail server, since anybody can write such a header (failure
F16). `pass` means dmarc=pass whose `header.from` is the domain of the one From address or its organisational
parent, or auth=pass whose `smtp.auth` is exactly that address. All of it is judged undecoded; what cannot be
read, contradicts itself or could be read in two ways is `unknown`, which is not trusted. The answer says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from triaged.reading.mime.header_block import HeaderBlock
from triaged.reading.mime.message import Message
from triaged.reading.sender import results
from triaged.reading.sender.alignment import aligned
from triaged.reading.sender.from_field import ambiguity
from triaged.reading.sender.lookalikes import imitated, parents
from triaged.reading.sender.results import Results
from triaged.reading.values import Address, Authentication, Door, Surroundings

Verdict = Literal["pass", "fail", "none", "unknown"]
Word = tuple[Verdict, str]
ID_LESS = "microsoft365"  # in trusted_authserv_ids: Microsoft's own header, which carries no id
_WORDS: dict[str, Verdict] = {"pass": "pass", "fail": "fail", "none": "none", "bestguesspass": "none"}
_ADDRESS_IN_NAME = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+")


def check(message: Message, surroundings: Surroundings, door: Door) -> Authentication:
    """Our server's verdict on the From domain, with its reason and everything odd about the sender."""
    result, why = _verdict(message, surroundings, door)
    return Authentication(result, why, tuple(_oddities(message, surroundings)))


def _verdict(message: Message, surroundings: Surroundings, door: Door) -> Word:
    if door.vouched:
        return _of_our_own(message, door.vouched)
    if not door.behind_mta:
        return "unknown", "came through a door that is not behind our mail server"
    if not surroundings.trusted_authserv_ids:
        return "unknown", "no trusted_authserv_ids are configured"
    ours, first = _ours(message.block, surroundings.trusted_authserv_ids)
    if not ours:
        return "unknown", first
    if message.block.fault:
        return "unknown", f"{message.block.fault}: our mail server may have read another mail"
    if doubt := ambiguity(message.block.all_of("from"), message.from_):
        return "unknown", doubt
    result, why = _weighed(ours, message.from_[0])
    return result, f"{why} ({ours[0].authserv_id})"


def _of_our_own(message: Message, vouched: str) -> Word:
    """A mail that our own house made for somebody: no header of it counts, its one From must be his."""
    if [one.address for one in message.from_] == [vouched]:
        return "pass", f"our own house vouches for {vouched}"
    return "fail", f"made for {vouched}, and says it is from somebody else"


def _ours(block: HeaderBlock, trusted: frozenset[str]) -> tuple[list[Results], str]:
    """The results our own servers wrote on top, one behind the other; without any, why there are none."""
    ours: list[Results] = []
    for name, value in block.proofs:
        if name == "received" and ours:
            break
        if name != "authentication-results":
            continue
        found = results.parse(value, ID_LESS if ID_LESS in trusted else "")
        if found.authserv_id not in trusted or (found.authserv_id == ID_LESS and not found.id_less):
            if ours:
                break
            return [], f"topmost Authentication-Results is of {found.authserv_id[:100] or 'nobody'}, not ours"
        ours.append(found)
    return ours, "" if ours else "no Authentication-Results"


def _weighed(ours: Sequence[Results], sender: Address) -> Word:
    """DMARC and a checked password together: either proves the sender, unless one speaks against the other."""
    fault = next((found.fault for found in ours if found.fault), "")
    if fault:
        return "unknown", f"our mail server's results are not readable: {fault}"
    dmarc, elsewhere = _dmarc(ours, sender.domain)
    login = _login(ours, sender.address)
    if elsewhere or (dmarc[0] == "pass" and login[0] != "fail"):
        return dmarc
    if login[0] == "pass":
        return login if dmarc[0] != "fail" else ("unknown", f"{login[1]}, yet {dmarc[1]}")
    if login[0] == "fail":
        return "unknown", login[1]
    return (dmarc[0], f"{dmarc[1]}; {login[1]}") if login[1] else dmarc


def _dmarc(ours: Sequence[Results], domain: str) -> tuple[Word, bool]:
    """The DMARC result for a From domain, and whether it speaks of another mail's sender or against itself."""
    told = [result for found in ours for result in found.results if result.method == "dmarc"]
    if not told:
        return ("none", "our mail server tested no DMARC"), False
    if len({result.said for result in told}) > 1:
        said = " and ".join(dict.fromkeys(f"dmarc={result.said[:20]}" for result in told))
        return ("unknown", f"our mail server's results contradict each other: {said}"), True
    said = told[0].said
    tested = [result.properties.get("header.from", "").rpartition("@")[2] for result in told]
    other = next((one for one in tested if one and not aligned(domain, one)), "")
    if other:
        return ("unknown", f"dmarc={said} is for {other[:100]}, but the mail says it is from {domain}"), True
    if not all(tested):
        return ("unknown", f"dmarc={said} does not say for which domain"), False
    return (_WORDS.get(said, "unknown"), f"dmarc={said} for {tested[0]}"), False


def _login(ours: Sequence[Results], address: str) -> Word:
    """Whether our mail server checked the password of exactly this address (auth=pass, RFC 8601).

    "fail" where its results contradict each other; a login of somebody else proves nothing.
    """
    told = [result for found in ours for result in found.results if result.method == "auth"]
    passed = {result.properties.get("smtp.auth", "").lower() for result in told if result.said == "pass"}
    if not passed:
        return "none", ""
    if len(passed) > 1 or any(result.said != "pass" for result in told):
        return "fail", "our mail server's results of the login contradict each other"
    [name] = passed
    if name != address:
        return "none", f"auth=pass is for {name[:100] or 'nobody'}, not for {address}"
    return "pass", f"auth=pass for {address}"


def _several_senders(message: Message) -> str:
    fields = max(len(message.block.all_of("from")), len(message.headers.get_all("From")))
    if fields > 1:
        return f"{fields} From headers"
    return f"{len(message.from_)} From addresses" if len(message.from_) > 1 else ""


def _oddities(message: Message, surroundings: Surroundings) -> Iterator[str]:
    if many := _several_senders(message):
        yield many
    for sender in message.from_[:3]:
        yield from _odd_name(sender, surroundings)
        if (model := imitated(sender.domain, surroundings.houses)) and not _is_known(sender, surroundings):
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
    return (
        sender.domain in surroundings.houses
        or sender.address in surroundings.partner_contacts
        or sender.address in surroundings.support_addresses
        or bool(parents(sender.domain) & surroundings.houses)
    )


def _named(name: str, surroundings: Surroundings) -> str:
    """The partner's or our own domain whose first label stands in a display name as a word."""
    houses = _by_label(surroundings.houses)
    words = re.findall(r"[^\W_]{5,63}", name[:400].lower())
    return next((houses[word] for word in words if word in houses), "")


@lru_cache(maxsize=8)
def _by_label(domains: frozenset[str]) -> dict[str, str]:
    """Domains by their first label; the same for every mail, so made once."""
    return {domain.split(".")[0]: domain for domain in sorted(domains, reverse=True)}


def _same_house(one: str, other: str) -> bool:
    return one == other or aligned(one, other) or aligned(other, one)
