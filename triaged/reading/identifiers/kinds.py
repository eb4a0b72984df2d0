"""What a mail can give to say whom it is about, one row each: all that is peculiar to an identifier. PURE.

What is found, missing, asked for, looked up, shown by `explain`, offered to rules, kept on a ticket and told
in letters follows from the rows; `docs/extending.md` says what else a new one needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Asked = Literal["", "always", "where a rule says"]


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """One kind of identifier.

    `name`: its field of `Identifiers`, and what explain, rules, events and letters call it. `what`, `example`:
    for people who write rules. `label`: the kind of label by which mails name it (labels.py); empty: it has none.
    `find`: what a single find of it is called. `digits`: it is a number behind its label, and letters tell it
    back. `several`: a mail may give more than one; `adds_up`: later mails add to it, else their word wins.
    `identifies`: one alone says which account it is. `asked`: it is missing where it is not given, and letters
    ask for it; `satisfied_by`: another that does as well. `column`: of accounts.csv, where it is looked up as
    `way` (what `matched_by` says), earlier `tried` first; empty: it leads nowhere. `of_every_account`: the
    directory has it of every account, so it need not be asked for once that is found.
    """

    name: str
    what: str
    example: Any = field(hash=False)  # may be a dict
    label: str = ""
    find: str = ""
    digits: bool = False
    several: bool = True
    adds_up: bool = False
    identifies: bool = False
    asked: Asked = ""
    satisfied_by: str = ""
    column: str = ""
    way: str = ""
    tried: int = 0
    of_every_account: bool = False


IDENTIFIERS = (
    IdentifierKind(
        "superadmin_email", "The SuperAdmin address the mail gives", {"exists": False},
        label="superadmin", find="superadmin_email", several=False, identifies=True, asked="always",
        column="superadmin_email", way="superadmin_email", tried=1, of_every_account=True,
    ),
    IdentifierKind(
        "customer_emails", "The customer's other addresses", {"exists": True},
        find="customer_email", adds_up=True, column="superadmin_email", way="customer_email", tried=9,
    ),
    IdentifierKind(
        "zoid", "Organisation ids the mail gives", {"contains": ["60031122334"]},
        label="zoid", find="zoid", digits=True, identifies=True, asked="always", satisfied_by="zgid",
        column="zoid", way="zoid", tried=2, of_every_account=True,
    ),
    IdentifierKind(
        "zuid", "User ids the mail gives", {"exists": True},
        label="zuid", find="zuid", digits=True, identifies=True, asked="where a rule says",
        column="zuids", way="zuid", tried=3,
    ),
    IdentifierKind(
        "zgid", "Group ids the mail gives", {"exists": True},
        label="zgid", find="zgid", digits=True,
    ),
)  # fmt: skip

DIGITS = tuple(kind.label for kind in IDENTIFIERS if kind.digits)
LABELLED = {kind.label: kind.find for kind in IDENTIFIERS if kind.label}
ASKED = tuple(kind.name for kind in IDENTIFIERS if kind.asked)
ON_DEMAND = tuple(kind.name for kind in IDENTIFIERS if kind.asked == "where a rule says")
LOOKED_UP = tuple(sorted((kind for kind in IDENTIFIERS if kind.column), key=lambda kind: kind.tried))
COLUMNS = tuple(dict.fromkeys(kind.column for kind in LOOKED_UP))
# What a bare number can be where we asked: the directory is asked for it in this order.
NUMBERS = tuple(kind for kind in LOOKED_UP if kind.digits and kind.asked)
IDENTIFYING_WAYS = frozenset(kind.way for kind in LOOKED_UP if kind.identifies)
