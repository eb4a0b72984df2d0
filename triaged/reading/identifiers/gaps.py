"""Whether a label and a value belong together, judged by the words between them.

Contract: `leads_to` for a label before its value, `follows` for a label after it. Text is folded
(passages.py) and at most a few lines long. A bracketed aside ("you find it under Setup, e.g. …"),
dotted leaders and quotes never part them; "n/a", another sentence or a verb of its own do. PURE.
"""

from __future__ import annotations

import re

from triaged.reading.identifiers.labels import BLANK
from triaged.reading.words.automata import compiled

FARTHEST = 220  # characters between a label and its value, asides included

_BLANK = compiled("|".join(BLANK))
_ASIDE = re.compile(r"\([^()\n]{0,160}\)|\[[^\[\]\n]{0,160}\]|【[^【】\n]{0,80}】|<[^<>\n]{0,80}>")
_TWO_LINE_ASIDE = re.compile(r"\([^()]{0,200}\)")
_BEGUN_ASIDE = re.compile(r"^[^()\[\]\n]{0,160}[)\]](?=[\s*]{0,3}(?:[:=?\n\t|]|$))")
_LEADERS = re.compile(r"(?:[.·…_\-=~*]\s?){2,}")
_SENTENCE_ENDS = re.compile(
    r"(?<!\bno)(?<!\bnr)(?<!\borg)(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bdr)[.!?;]\s|[。!?]"
)
_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)*|[^\W\d_a-z]+")
_JAPANESE_NAME = re.compile(
    r"^(?:である|の|は|が|、)?[一-龥ぁ-んァ-ヶー ]{1,8}(?:様|さん|氏|先生|殿)[\s(「<]*$"
)
_STRONG = re.compile(
    r"(?:[:=>→]|\b(?:is|are|be|says?|reads?|shows?|equals|seems|lautet|ist|heisst|sei|ware|lauten|est|serait|es|sera|seria|"
    r"indique|affiche|dice|pone|e|that's|das ist|das ware|c'est|ce serait|namely|namlich|und zwar|a saber|savoir)|は|が|です|ですが|って|とは)"
    r"\s{0,60}+(?:the|le|la|el|die|der|das|this|as follows|still|now|actually|really|therefore|thus|wie folgt|nun|jetzt|"
    r"maintenant|ahora|currently|follows|probably|believe it or not)?[\s:=>\"'„“”«»(<\[*|~、-]{0,60}+$"
)
# "the ZOID I sent, 600…"
_APPOSITION = re.compile(r"^ (?:that |which )?(?:i|we|you|he|she|they) [a-z' ]{2,40}, $")
_QUESTION = re.compile(r"^[\s*_]*\?")
_ANSWER = re.compile(
    r"\n[ \t]*(?:a|ans|answer|antwort|r|reponse|respuesta|答|回答)[ \t]*[:.)]", re.IGNORECASE
)
_OPENERS = " \t\"'„“”«»()<>[]【】「」『』*|~-=:#→・•●■□◆▪‣+.,/\\_\x01"

CONNECTIVES = frozenset(
    """
    took takes taken acts act acting serves serving remains became als comme como stands shown listed appears displayed found find see
    get got read steht sehe lese vois lis veo aparece
    that's he's she's it's who's c'est
    below above follows following as writes write reached reach reachable can be under via uses use usa utiliza utilise utilizza gebruikt benutzt verwendet nutzt signs logs logged in
    registered listed set goes heisst erreichbar unter joignable contactable localizable 下記 以下 次 下記の通り 以下の通り
    a an the of for at in on is are was be being here there this that their our your his her its my
    it they we and or also still now currently as far know believe think would should seems to from
    with number no nr id ids code value address email mail e adress mailid contact user account
    login name named called mr mrs ms dr person again over these days have has file you asked wanted
    requested need needed says so just which who zoho org organization organisation customer client
    customer's client's their's s company de des du d l la le les un une el los las y et ou o est es
    pour par chez notre votre leur son sa client cliente compte adresse courriel correo nom nombre
    del al en su sus nuestro nuestra vuestro para der die das des dem den ein eine einer und oder
    von vom fur bei beim ist lautet dort dazu unser unsere unserer ihr ihre ihrer sein seine seiner
    kunde kunden kundin konto herr frau hier dort adresse mailadresse
    van het een onze ons uw hun haar zijn klant mevrouw meneer dhr mw daar hier
    il lo gli nostro nostra loro suo sua dello della indirizzo signor signora sig dott li qui
    o os do da dos das em nosso nossa seu sua dele endereco conta senhor senhora sr sra ali aqui sono sera の は が を も と に で へ 様 さん 氏 方 番号 アドレス
    メールアドレス メール お客様 こちら 先方
    """.split()  # noqa: SIM905
)


def leads_to(gap: str, original: str) -> bool:
    """Whether a label before `gap` speaks of the value after it. `original` is the gap, not folded."""
    if gap == ",":
        return True  # a row of a comma-separated file
    gap, original = _asked(_without_asides(gap)), _asked(_without_asides(original))
    gap, original = _without_name(gap, original)
    gap, original = _POINTS_DOWN.sub("\n", gap), _POINTS_DOWN.sub("\n", original)
    if len(gap) > FARTHEST or _BLANK.search(gap):
        return False
    if _CARD.match(gap):
        return True
    lines = gap.split("\n")
    if len(lines) == 1:
        return _within_a_line(gap, original)
    if (
        len(lines) == 2
        and _runs_on(*lines)
        and _within_a_line(gap.replace("\n", " "), original.replace("\n", " "))
    ):
        return True
    return len(lines) <= 6 and _across_lines(lines)


# Who has the role: "Superadmin macht dort Herr Ehlers (a@b)"; without a name they may be said of its rights.
_HOLDS = frozenset(
    """
    role rolle rol ruolo papel funcao position function fonction funcion functie poste cargo
    macht hat ubernimmt stellt held holds belongs liegt detenu tiene lleva ha fa tem heeft doet has
    """.split()  # noqa: SIM905
)


def _runs_on(first: str, last: str) -> bool:
    """A wrapped line of prose, no field whose value stands below."""
    return (
        bool(_WORDS.search(first))
        and ":" not in last
        and "=" not in last
        and not last.startswith(("-", "*", "•", "・"))
    )


_AND = frozenset(("and", "und", "et", "y", "e", "or", "oder", "ou", "と", "to", "a"))
_NEXT_SENTENCE = re.compile(
    r"^[)>]?[.;]\s(?=(?:that is|that's|this is|he is|he's|she is|she's|das ist|er ist|sie ist|c'est|es el|es la)\b)"
)


def follows(gap: str, *, at_line_start: bool) -> bool:
    """Whether a label after `gap` speaks of the value before it: "600… (ZOID)", "600… is their ZOID"."""
    if _ROLE.match(gap):
        return True
    gap = _NEXT_SENTENCE.sub(" ", gap, count=1)
    if "\n" in gap or len(gap) > 60 or _SENTENCE_ENDS.search(gap):
        return False
    words = _WORDS.findall(gap)
    if any(word not in CONNECTIVES for word in words):
        return False
    if words and words[0] in _HANDS_ON:
        return False
    bare = not words and not gap.strip()
    return at_line_start if bare else True


_HANDS_ON = frozenset(
    (
        "and",
        "und",
        "et",
        "y",
        "e",
        "or",
        "oder",
        "ou",
        "と",
        "to",
        "for",
        "of",
        "from",
        "with",
        "de",
        "von",
        "en",
        "in",
        "at",
        "on",
        "の",
        "に",
        "を",
        "で",
    )
)


# "Super admin: Ida Tanner\nEmail: a@b" and "Role: Super Admin\nEmail: a@b"
_CARD = re.compile(
    r"^(?:[ \t]*[:=-][ \t]*[^\n:=@\d]{2,40})?[ \t]*\n[ \t*•-]*(?:his |her |their )?"
    r"(?:e-?mail|mail|e-?mail-?adresse|courriel|correo|adresse|address|login|メール(?:アドレス)?|アドレス)(?: ?(?:id|address|electronico|electronique))?[ \t]*[:=-][ \t]*$"
)
_ROLE = re.compile(
    r"^[ \t]*\n[ \t*•-]*(?:role|rolle|rol|position|funktion|function|fonction|title|titel|profile?|役割|役職|権限|種別)[ \t]*[:=-][ \t]*(?:zoho )?$"
)
_POINTS_DOWN = re.compile(
    r"^ ?(?:は|が)? ?(?:下記|以下|次|右記)(?:の(?:通|とお)り)?(?:です|になります|となります)?[。:]?\s*\n|^ (?:is |are )?(?:as follows|below)[.:]\s*\n"
)
_BESIDE = re.compile(r",? ([A-Z][\w'.-]+(?: [A-Z][\w'.-]+){0,3}),(?= )")


def _without_name(gap: str, original: str) -> tuple[str, str]:
    """Without a name put beside the label: "the super admin, Ida Tanner, is a@b"."""
    found = _BESIDE.search(original) if len(gap) == len(original) and len(gap) <= FARTHEST else None
    if found is None or not gap.startswith(",") or found.start() > 1:
        return gap, original
    return gap[: found.start()] + gap[found.end() :], original[: found.start()] + original[found.end() :]


def _asked(gap: str) -> str:
    """A question's answer stands like a field's value: "ZOID?\\nA: 600…"."""
    return _ANSWER.sub("\n", _QUESTION.sub(":", gap, count=1))


def _without_asides(gap: str) -> str:
    begun = _BEGUN_ASIDE.match(gap)  # the label stands in it: "Org ID (ZOID, for example 600…): "
    if begun and not _BLANK.search(begun.group()):
        gap = gap[begun.end() :]
    gap = _TWO_LINE_ASIDE.sub(" ", gap)
    for _ in range(2):
        gap = _ASIDE.sub(" ", gap)
    return _LEADERS.sub(" ", gap)


def says_none(gap: str) -> bool:
    """ "n/a", "nicht bekannt", 不明: there is no value, or it speaks of something else, in another sentence."""
    return bool(_BLANK.search(gap) or _SENTENCE_ENDS.search(gap))


def names(gap: str, original: str) -> bool:
    """Whether the address behind `gap` is put beside the label: "the super admin of Alder, a@b, …"."""
    words = _WORDS.findall(gap)
    if "\n\n" in gap or not 1 <= len(words) <= 6 or not gap.endswith((", ", ",\n", "、")):
        return False
    return "," not in gap[:-2] and all(word in CONNECTIVES for word in _uncapitalised(gap, original, words))


def _within_a_line(gap: str, original: str) -> bool:
    if _SENTENCE_ENDS.search(gap.replace("mr. ", "mr ").replace("dr. ", "dr ")):
        return False
    words = _WORDS.findall(gap)
    if _STRONG.search(gap):
        return len(words) <= 12
    if _APPOSITION.match(gap) or _is_name_of(gap, original):
        return True
    if "," in gap or "、" in gap:
        return False
    if words and words[0] in _AND:
        return False
    said = _uncapitalised(gap, original, words)
    known = CONNECTIVES | _HOLDS if gap.endswith("(") and len(said) < len(words) else CONNECTIVES
    return len(words) <= 8 and all(word in known for word in said)


def _is_name_of(gap: str, original: str) -> bool:
    """`: Ida Tanner, ` or ` (Mr. Tanner, ` or `である田中様 ` between label and value."""
    if _JAPANESE_NAME.match(gap):
        return True
    colon = re.match(r"\A\s*+[:=(]\s*+", gap)
    if colon is None or len(gap) != len(original) or len(gap) > 60:
        return False
    words = list(_WORDS.finditer(gap))
    return 0 < len(words) <= 5 and all(
        original[w.start()].isupper() or w.group() in CONNECTIVES for w in words
    )


def _uncapitalised(gap: str, original: str, words: list[str]) -> list[str]:
    """The words that are no names: "for Mr Smith" gives "for", "mr"."""
    if len(gap) != len(original):
        return words
    return [m.group() for m in _WORDS.finditer(gap) if not original[m.start()].isupper()]


def _across_lines(lines: list[str]) -> bool:
    """Value on a later line: after the label nothing but connectives, before the value nothing but bullets."""
    first, *between, last = lines
    if any(line.strip(_OPENERS) for line in between):
        return False
    if _SENTENCE_ENDS.search(first + " "):
        return False
    words = _WORDS.findall(first)
    if between and words and not _STRONG.search(first):
        return False
    head = _WORDS.findall(last)
    few = all(word in CONNECTIVES for word in head) and len(head) <= 3
    said = all(word in CONNECTIVES for word in words) and len(words) <= 8
    return (
        few
        and (said or (bool(_STRONG.search(first)) and len(words) <= 10))
        and ":" not in last.strip(_OPENERS)
    )
