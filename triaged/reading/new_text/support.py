"""Who support is, and whether a quoted mail is from or to it.

Contract: `Support.is_part_of` looks at a mail's author and recipients as a header block shows them, by
address, or by name where a mail program shows no address ("To: Partner Support"). Such a mail is a reply
quote even under a FW subject (design page, `new_text`). PURE.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from triaged.frozen import frozen
from triaged.reading.values import Address

_ADDRESS = re.compile(r"[^\s<>()\[\]\",;:@]{1,64}@[^\s<>()\[\]\",;:@]{1,120}")


@frozen
class Support:
    """Who support is: its addresses; and the sender's domains, to know a colleague's mail to the sender."""

    addresses: frozenset[str] = frozenset()
    sender_domains: frozenset[str] = frozenset()
    sender_names: frozenset[str] = frozenset()  # words of the sender's name and address, casefolded

    def is_named(self, text: str) -> bool:
        """One of support's addresses, or its name ("Partner Support"), stands in a line."""
        letters = re.sub(r"[\W_]+", "", text.casefold())
        return any(own in text.casefold() or _as_name(own) in letters for own in self.addresses)

    def is_address_of(self, text: str) -> bool:
        """One of support's addresses stands in a line."""
        folded = text.casefold()
        return any(own in folded for own in self.addresses)

    @property
    def wrote(self) -> bool:
        """The sender is somebody of support's own mail domains."""
        return any(self.is_colleague("@" + domain) for domain in self.sender_domains)

    def is_signed_by_sender(self, rows: Sequence[str]) -> bool:
        """A short line among the last ones is the sender's name, as under a letter."""
        last = [row.casefold() for row in rows if row.strip()][-6:]
        words = (re.findall(r"[^\W\d_]{3,}", row) for row in last if len(row) <= 60)
        return any(0 < len(said) <= 5 and self.sender_names & set(said[:3]) for said in words)

    def is_colleague(self, address: str) -> bool:
        """Somebody of support's own mail domain."""
        return _domain(address) in {_domain(own) for own in self.addresses}

    def is_sender(self, address: str) -> bool:
        """Somebody of the sender's house."""
        return _domain(address) in self.sender_domains

    def is_part_of(self, author: Address, shown_from: str, recipients: str) -> bool:
        """The mail is from or to support. `shown_from` and `recipients` are the values as they stand."""
        named = _addresses(recipients)
        if {author.address, *named} & self.addresses:
            return True
        if self.is_colleague(author.address) and any(self.is_sender(address) for address in named):
            return True
        names = {_as_name(address) for address in self.addresses}
        parts = [part.strip(" \"'<>") for part in re.split(r"[;,]", recipients.casefold())]
        shown = [shown_from.casefold().strip(" \"'"), *parts]
        return any("@" not in name and _as_name(name) in names for name in shown if name)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _addresses(text: str) -> set[str]:
    found = (match.group() for match in _ADDRESS.finditer(text[:2000].casefold()))
    return {address.removeprefix("mailto:").strip(".'") for address in found}


def _as_name(address: str) -> str:
    """`Partner Support`, `partner-support@…`, `Zoho Partner Support` alike: letters only, vendor left out."""
    local = address.partition("@")[0].removeprefix("zoho").removesuffix("(zoho)")
    return re.sub(r"[\W_]+", "", local)
