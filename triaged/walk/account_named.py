"""The account that staff name by one of its ids, for commands and pages."""

from __future__ import annotations

from triaged.errors import Faulty
from triaged.judging.accounts import sought
from triaged.judging.decisions import Account
from triaged.judging.directory import Directory


def account_named(word: str, directory: Directory) -> Account:
    """The one account a word names. Raises Faulty for none or several."""
    found = sought(word, directory)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Faulty(
            f"{word}: no account has it as key, SuperAdmin address, ZOID or ZUID; `accounts show` finds it"
        )
    raise Faulty(f"{word}: stands for {', '.join(one.key for one in found)}; name one by its key")
