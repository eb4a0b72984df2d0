"""Address lists of headers: `From`, `To`, `Cc`, `Reply-To` as tuples of `Address`. PURE.

Contract: total, linear, bounded. Names decoded (RFC 2047) after the list is cut up, so that a comma or
an `@` inside an encoded name never makes an address; addr-specs lower case; groups flattened; comments
and quoted local parts understood; what real clients write wrongly (semicolons, `'a@b.example'`,
`Name a@b.example`, `a@b.example <a@b.example>`, `mailto:`, a missing `>`) read as they meant it.
`mailbox` is the strict form (RFC 5322, 6532) and answers None for all of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from triaged.reading.mime.headers import decode_words
from triaged.reading.values import Address

LONGEST_LIST = 32_768  # characters of a header that are read; a list of 1,000 people fits
MOST_ADDRESSES = 1_000
_LONGEST_MAILBOX = 1_000

# Each token starts with another character, so the scan never goes back further than one quoted string.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[(),:;<>]|[^"\\(),:;<>]+|["\\]', re.DOTALL)
_ATOM = r"[^\s\x00-\x1f()<>\[\]:;@\\,.\"]++"
_DOT_ATOM = re.compile(rf"\A{_ATOM}(?:\.{_ATOM})*+")
_QUOTED = re.compile(r'\A"(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])++"')
_LETTER = r"a-z0-9\x80-\U0010ffff"  # \w leaves out the vowel signs of Indian names
_DOMAIN = re.compile(rf"[{_LETTER}](?:[{_LETTER}_.-]{{0,253}}[{_LETTER}])?")
_LITERAL = re.compile(r"\[(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|ipv6:[0-9a-f:.]{2,45})\]")
_PLAIN = re.compile(r"\A[\w.+-]++@[\w-]++(?:\.[\w-]++)++", re.ASCII)
_SIMPLE = re.compile(r'\A\s*+"?+([^"\\<>@,;:()=\r\n]*+)"?+\s*+<([\w.+-]++@[\w.-]++)>\s*+', re.ASCII)
_LOOSE = re.compile(
    r"""(?<![^\s<'(:,;])[^\s<>()\[\]:;,"'@\\][^\s<>()\[\]:;,"@\\]{0,120}+@[\w.-]++(?![@\\])"""
)


@dataclass(slots=True)
class _Piece:
    """One entry of a list as it is scanned: what stands before, inside and behind the angle brackets."""

    before: list[str] = field(default_factory=list)
    inside: list[str] | None = None
    behind: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    depth: int = 0
    angle: bool = False

    def take(self, token: str) -> None:
        """Put a token where it belongs."""
        if self.depth or token in "()":
            self._comment(token)
        elif token == "<" and self.inside is None:
            self.inside, self.angle = [], True
        elif token == ">" and self.angle:
            self.angle = False
        elif self.angle:
            (self.inside if self.inside is not None else self.before).append(token)
        else:
            (self.before if self.inside is None else self.behind).append(token)

    def _comment(self, token: str) -> None:
        if token == ")" and not self.depth:
            self.behind.append(token)
            return
        self.depth += {"(": 1, ")": -1}.get(token, 0)
        if token in "()":
            (self.before if self.inside is None else self.behind).append(" ")
        else:
            self.comments.append(token)

    @property
    def empty(self) -> bool:
        """Nothing in it that could be an address."""
        return not self.inside and not "".join(self.before).strip()


def parse_list(value: str) -> tuple[Address, ...]:
    """The addresses of a header value, in order, repeated ones too; what is none is left out."""
    simple = _simple(value)
    if simple is not None:
        return (simple,)
    found: list[Address] = []
    for piece in _pieces(value[:LONGEST_LIST]):
        address = _strict(piece) or _meant(piece)
        if address is not None:
            found.append(address)
        if len(found) >= MOST_ADDRESSES:
            break
    return tuple(found)


def mailbox(text: str) -> Address | None:
    """The one address of `Name <addr-spec>` or a bare addr-spec, by the letter of RFC 5322; else None."""
    if len(text) > _LONGEST_MAILBOX:
        return None
    pieces = list(_pieces(text))
    if len(pieces) != 1 or any(separator in text.rstrip()[-1:] for separator in ",;:"):
        return None
    return _strict(pieces[0])


def is_address(text: str) -> bool:
    """Whether a text is exactly one addr-spec, nothing around it: `anna@oak.example`."""
    return len(text) <= 400 and _addr_spec(text) is not None


def _simple(value: str) -> Address | None:
    """`Name <address>` or a bare address, nine in ten of all headers, without the scan."""
    if len(value) > 400:
        return None
    bare = value.strip()
    if _PLAIN.fullmatch(bare):
        address = _addr_spec(bare)
        return Address("", address) if address else None
    match = _SIMPLE.fullmatch(value)
    address = _addr_spec(match[2]) if match else None
    return Address(_bare(match[1]), address) if match and address else None


def _pieces(value: str) -> Iterator[_Piece]:
    """The entries between commas and semicolons that stand outside quotes and comments."""
    piece = _Piece()
    for match in _TOKEN.finditer(value):
        token = match[0]
        if _ends_entry(piece, token):
            if not piece.empty:
                yield piece
            piece = _Piece()
            if token != "<":
                continue
        if token == ":" and _names_group(piece):
            piece = _Piece()
            continue
        piece.take(token)
    if not piece.empty:
        yield piece


def _ends_entry(piece: _Piece, token: str) -> bool:
    if piece.depth:
        return False
    if token == "<":  # `<a@b.example> <c@d.example>`: the comma is missing
        return piece.inside is not None and not piece.angle
    if token not in {",", ";"}:
        return False
    route = piece.angle and (not piece.inside or piece.inside[0].lstrip().startswith("@"))
    return not route


def _names_group(piece: _Piece) -> bool:
    """`Team:` and `mailto:` before an address are dropped; a colon behind one is not."""
    return not piece.depth and not piece.angle and piece.inside is None and "@" not in "".join(piece.before)


def _strict(piece: _Piece) -> Address | None:
    if piece.depth or piece.angle or "".join(piece.behind).strip():
        return None
    if piece.inside is None:
        address = _addr_spec("".join(piece.before).strip())
        return Address(_name(piece.comments), address) if address else None
    address = _addr_spec(_without_route("".join(piece.inside)).strip())
    name = _name(piece.before) or _name(piece.comments)
    return Address(name, address) if address else None


def _meant(piece: _Piece) -> Address | None:
    """The address a broken entry most likely means: inside the angle brackets, else its only address."""
    for tokens in (piece.inside or [], piece.before):
        text = "".join(tokens)[:_LONGEST_MAILBOX]
        loose = {found.rstrip(".-").lower() for found in _LOOSE.findall(text)}
        address = loose.pop() if len(loose) == 1 else ""
        local, _, domain = address.partition("@")
        if any(map(str.isalnum, local)) and _is_domain(domain) and text.count("@") == 1:
            name = piece.before if piece.inside else [_LOOSE.sub(" ", text).strip("<> ")]
            return Address(_name(name), address)
    return None


def _without_route(text: str) -> str:
    """`@one.example,@two.example:anna@oak.example` (RFC 822 source route) -> the last part."""
    return text.rpartition(":")[2] if text.lstrip().startswith("@") else text


def _addr_spec(text: str) -> str | None:
    """The addr-spec in lower case, needless quotes taken off; None if it is none."""
    local, at, domain = text.rpartition("@")
    domain = domain.lower()
    if not at or len(text) > 320 or not _is_domain(domain):
        return None
    if _DOT_ATOM.fullmatch(local):
        return f"{local.lower()}@{domain}"
    if not _QUOTED.fullmatch(local):
        return None
    inner = re.sub(r"\\(.)", r"\1", local[1:-1])
    return f"{(inner if _DOT_ATOM.fullmatch(inner) else local).lower()}@{domain}"


def _is_domain(domain: str) -> bool:
    if _LITERAL.fullmatch(domain):
        return True
    return bool(_DOMAIN.fullmatch(domain)) and all(map(_is_label, domain.split(".")))


def _is_label(label: str) -> bool:
    """1 to 63 characters, no hyphen at an end; underscores happen in real names of hosts."""
    return 0 < len(label) < 64 and label[0] != "-" and label[-1] != "-"


def _name(tokens: list[str]) -> str:
    """A display name as people read it: unquoted, encoded words decoded, white space folded."""
    text = "".join(_unquoted(token) for token in tokens)
    if "=?" in text:
        text = decode_words(" ".join(text.split())[:2_000])
    return _bare(text)


def _bare(name: str) -> str:
    """With single blanks, and without the single quotes that some programs put around it."""
    return " ".join(name.split()).strip("' ")


def _unquoted(token: str) -> str:
    if len(token) > 1 and token[0] == token[-1] == '"':
        token = token[1:-1]
    return re.sub(r"\\(.)", r"\1", token)
