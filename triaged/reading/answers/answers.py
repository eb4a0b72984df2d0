"""A value that is the whole answer to a question of ours, without a name: "60031122341", "c'est le 600…".

Contract: `unnamed` gives the ids and addresses of a short answer that no words call anything; whether we
asked at all, and which id a number is, the directory and the ticket know (walk/answering.py). A number that
words call something else (phone, invoice), a question, a denial is none. PURE, linear.
"""

from __future__ import annotations

import re

from triaged.reading.identifiers.binding import NO_KIND
from triaged.reading.identifiers.gaps import CONNECTIVES
from triaged.reading.identifiers.kinds import NUMBERS
from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage
from triaged.reading.identifiers.people import Circle
from triaged.reading.values import Find

_MOST = 4  # values in one answer
_WORDS = 40  # in the whole answer
_LINE_WORDS = 18  # beside the value, in its own line
_LETTERS = 70  # the same in scripts that part no words
_BARE = 3  # words beside a number of any length
_SURELY_ID = 8  # digits from which on a number in a sentence counts nothing ("15000 mails")

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_DENIED = re.compile(
    r"\?|？|か。|\b(?:not|isn't|no longer|never|wrong|nicht|kein\w*|falsch\w*|pas|aucun\w*|faux|no (?:es|la|lo|tiene|conoc\w*)|"
    r"incorrect\w*|non|nao|niet|geen)\b|ではな|じゃな|ではあり|違い|誤り|間違"
)
_ANOTHER_ROLE = re.compile(  # of an address: a customer's, but not called the SuperAdmin's
    r"\b(?:users?|agents?|colleagues?|employees?|staff|administrat\w+|admins?|contacts?|assistants?|(?:be)?nutzer\w*|anwender\w*|"
    r"kolleg\w+|mitarbeiter\w*|ansprechpartner\w*|utilisat\w+|collegues?|employee?s?|usuari[oa]s?|companer[oa]s?|emplead[oa]s?|"
    r"my|me|mine|mein\w*|mon|ma|mi|cc|reply|answer to)\b|ユーザー|担当|社員|管理者(?<!スーパー管理者)|私"
)

_TROUBLE = re.compile(r"でき|エラー|障害|失敗|問題|不具合|ログイン|届|使え|開け|止ま|無法|错误|오류|안 ")
_COURTESY = frozenset(
    """
    hello hi hey dear team all all, thanks thank you yes sure sorry ok okay of course please best regards find attached for reply quick
    hallo guten tag morgen liebe lieber moin danke vielen dank ja klar gerne bitte gruss grusse mit freundlichen
    bonjour bonsoir salut merci voici voila oui bien sur desole cordialement c c'est cela ce
    hola buenos buenas dias tardes gracias si claro aqui esta saludos cordial un es seria
    ciao buongiorno salve grazie ecco ola bom dia obrigado obrigada segue goedemorgen dank je we have use our only just
    superadmin primary main
    """.split()  # noqa: SIM905
)


def unnamed(passage: Passage, marks: list[Mark], circle: Circle) -> tuple[Find, ...]:
    """The values of a short answer in the sender's own words; `kind` is what our question asks for first."""
    values = [m for m in marks if m.kind in ("number", "address")]
    if not 0 < len(values) <= _MOST or len(_WORD.findall(passage.folded)) > _WORDS + 4 * len(values):
        return ()
    return tuple(
        Find(
            NUMBERS[0].find if value.kind == "number" else "superadmin_email",
            value.value, "answer", "new", passage.context(value.start),
        )
        for value in values
        if _answers(passage, marks, value, circle)
    )  # fmt: skip


def _answers(passage: Passage, marks: list[Mark], value: Mark, circle: Circle) -> bool:
    start, end = passage.line_at(value.start)
    beside = f"{passage.folded[start : value.start]} {passage.folded[value.end : end]}"
    on_line = [m for m in marks if start <= m.start < end and m is not value]
    if _DENIED.search(beside) or not _is_short(beside):
        return False
    words = _WORD.findall(beside)
    if value.kind == "number":
        few = len(words) <= _BARE or len(value.value) >= _SURELY_ID
        return few and not any(m.kind == "other" and m.value.split()[0] not in NO_KIND for m in on_line)
    if circle.excludes(value.value):
        return False
    called = any(m.kind == "superadmin" for m in on_line)
    return called or (not _ANOTHER_ROLE.search(beside) and all(_says_no_more(word) for word in words))


def _says_no_more(word: str) -> bool:
    """A word that only leads to the address: "it is", "voici", です; "still failing for" says more."""
    return word in CONNECTIVES or word in _COURTESY or (not word.isascii() and not _TROUBLE.search(word))


def _is_short(beside: str) -> bool:
    words = _WORD.findall(beside)
    return len(words) <= _LINE_WORDS and sum(len(w) for w in words if not w.isascii()) <= _LETTERS
