"""Whom the addresses of a mail belong to: the customer the case is about, or somebody else.

Contract: `Circle` knows who writes and reads (From, To, Cc, Reply-To), the partner's, support's and
our own people; `customers` picks the customer's addresses out of those a mail mentions. Two things
speak: the words around an address, and kinship of its domain with one that surely is the
customer's (the SuperAdmin, a forward's author, somebody called a user). PURE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from triaged.frozen import frozen
from triaged.reading.identifiers.marks import Mark
from triaged.reading.identifiers.passages import Passage
from triaged.reading.identifiers.placeholders import NOBODY, is_placeholder
from triaged.reading.mime.message import Message
from triaged.reading.values import Surroundings

MOST = 400  # addresses of one passage that are looked at

FREEMAIL = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.jp
    yahoo.co.in yahoo.fr yahoo.de ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.at
    web.de t-online.de freenet.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr proton.me
    protonmail.com zoho.com zohomail.com zoho.eu zoho.in rediffmail.com qq.com 163.com mail.ru
    yandex.ru docomo.ne.jp ezweb.ne.jp softbank.ne.jp
    """.split()  # noqa: SIM905
)

_OTHERS = re.compile(
    r"\b(?:vendors?|suppliers?|third[ -]part(?:y|ies)|bank(?:er)?s?|auditors?|hosters?|host(?:ing)?(?: provider| company| partner)?|registrars?|isp|internet provider|providers?|"
    r"payment gateway|gateway|couriers?|carriers?|contractors?|external|outside (?:firm|company|office|agency|help|accountants?)|outsourced|freelancers?|agency|agenc(?:y|ies)|consultants?|developers? from|web ?(?:agency|designer|developer)s?|"
    r"recipients?|correspondents?|leads?|prospects?|contact records?|test (?:mail|address)|competitors?|lawyers?|solicitors?|insurer|landlord|"
    r"newsletters?|spammers?|spam from|phish\w*|attackers?|fraudsters?|scammers?|manufacturer|distributor|their (?:customers?|clients?|buyers?)|end[ -]customers?|"
    r"lieferant\w*|bank\b|steuerberater\w*|wirtschaftsprufer\w*|hoster\w*|dienstleister\w*|it-dienstleister\w*|agentur|drittanbieter|empfanger\w*|absender\w*|interessent\w*|werbeagentur|provider|externe[nrs]?|"
    r"fournisseurs?|banque|prestataires?|hebergeurs?|destinataires?|expediteurs?|agence|comptable externe|commissaire aux comptes|tiers|transporteur|"
    r"proveedor(?:es)?|banco|asesor(?:ia)?|gestoria|auditor(?:ia)?|destinatario|remitente|agencia|terceros?|transportista)\b"
    r"|仕入先|取引先|業者|銀行|監査|ベンダー|ベンダ|委託先|外注|代理店|税理士|会計士|送信先|宛先|受信者|差出人|見込み客|リード|他社|社外|ホスティング|回線|プロバイダ"
)
_CUSTOMERS = re.compile(
    r"\b(?:users?|customers?|clients?|colleagues?|agents?|employees?|staff|admin(?:istrator)?s?|owner|bookkeeper|accountant|clerk|manager|director|assistant|mailbox(?:es)?|account|login|"
    r"technician|operator|trainee|co-?worker|member|(?:other|further|more) contacts?|weitere (?:kontakte|adressen)|autres (?:contacts|adresses)|otros contactos|altri contatti|outros contatos|outros contactos|andere contacten|sales ?(?:rep|person)|reps?|affected|"
    r"benutzer(?:in)?|nutzer(?:in)?|kund(?:e|in|en)|kolleg(?:e|in|en)|mitarbeiter(?:in)?|anwender(?:in)?|administrator(?:in)?|herr|herrn|frau|buchhalter(?:in)?|postfach|konto|ansprechpartner(?:in)?|betroffen\w*|"
    r"utilisat(?:eur|rice)s?|clients?|collegues?|employee?s?|administrat(?:eur|rice)s?|m\.|mme|madame|monsieur|compte|boite|comptable|"
    r"usuari[oa]s?|cliente?s?|companer[oa]s?|emplead[oa]s?|administrador(?:a)?|cuenta|buzon|contable|senor(?:a)?)\b"
    r"|ユーザー?|お客様|お客さま|顧客|担当|管理者|社員|アカウント|様|さん|先生|経理|部長|課長|社長|利用者|メールボックス"
)
_OURS = re.compile(
    r"\b(?:my|our) (?:own |new |junior |senior |dear |other )?(?:colleagues?|co-?workers?|boss|manager|engineers?|technicians?|team|office|consultants?|assistant|desk|private|personal|other|alternative|second|support|helpdesk|sales|billing|accounts?)\b"
    r"|\b(?:reach|contact|call|write|mail|email|e-mail|ping|answer|reply)(?: to)? (?:me|us)\b|\bunser(?:e[nrm]?)? (?:kolleg|team|techniker|buro|support)|\bmein(?:e[nrm]?)? (?:kolleg|chef|private)"
    r"|\b(?:mon|ma|notre) (?:collegue|equipe|chef|adresse)|\b(?:mi|nuestr[oa]) (?:companer|equipo|colega|jef|correo|direccion)|弊社|当社|私の|小職"
)
_MAILED = re.compile(
    r"\b(?:e-?mails?|mails?|messages?|nachrichten?|courriels?|correos?|mensajes?|newsletters?|invoices?|replies|sent|sends?|sending|delivered|writes?|wrote|gesendet|envoyee?s?|enviad[oa]s?|from|mail)\s+(?:\w+ )?(?:to|from|by|an|von|a|de|para|aux?|bei)\s+[\w .]{0,20}[\"'<(]*$"
    r"|(?:からの|への|宛の?|あての?)$"
)


@frozen
class Circle:
    """Those who are not the customer the case is about, or are named in the mail's own header."""

    header: frozenset[str]
    partner_domains: frozenset[str]
    partner_contacts: frozenset[str]
    support: frozenset[str]
    staff_domains: frozenset[str]
    # Domains of outsiders in Cc and To, or of a From that is no partner's: the customer's
    beside: frozenset[str]

    @classmethod
    def of(cls, message: Message, around: Surroundings) -> Circle:
        """The circle of a mail that came to the house `around`."""
        people = [*message.from_, *message.to, *message.cc, *message.reply_to, *message.sender]
        header = frozenset(person.address for person in people)
        circle = cls(
            header,
            around.partner_domains,
            around.partner_contacts,
            around.support_addresses,
            around.staff_domains,
            frozenset(),
        )
        strangers = [*message.cc, *message.to, *(() if circle._has_partner(message) else message.from_)]
        beside = frozenset(
            p.domain for p in strangers if p.domain and not circle.has(p.address) and p.domain not in FREEMAIL
        )
        return cls(
            header,
            circle.partner_domains,
            circle.partner_contacts,
            circle.support,
            circle.staff_domains,
            beside,
        )

    def has(self, address: str) -> bool:
        """One of the partner's, support's or our own people, or nobody's address."""
        local, _, domain = address.rpartition("@")
        return (
            address in self.support
            or address in self.partner_contacts
            or _within(domain, self.partner_domains)
            or _within(domain, self.staff_domains)
            or bool(NOBODY.match(local))
            or _is_zohos(local, domain)
        )

    def is_support(self, address: str) -> bool:
        """Support itself or one of our own people: no customer's SuperAdmin."""
        return address in self.support or address.rpartition("@")[2] in self.staff_domains

    def excludes(self, address: str) -> bool:
        """Never a customer address, whatever is said of it."""
        return address in self.header or self.has(address) or is_placeholder(address)

    def _has_partner(self, message: Message) -> bool:
        return any(self.has(person.address) for person in message.from_)


def _within(domain: str, domains: frozenset[str]) -> bool:
    """The domain itself or a subdomain of one of them."""
    labels = domain.split(".")
    return any(".".join(labels[i:]) in domains for i in range(len(labels) - 1))


def _is_zohos(local: str, domain: str) -> bool:
    """Zoho's own desks: zohocorp.com, zohosupport.com, support@zoho.com. Others at zoho.com are its users."""
    name = domain.split(".")[-2] if "." in domain else domain
    if not name.startswith(("zoho", "manageengine")) or domain in (
        "zohomail.com",
        "zohomail.eu",
        "zohomail.in",
    ):
        return False
    return name != "zoho" or bool(
        re.match(
            r"(?:partner-?)?(?:support|sales|help|billing|info|accounts?|legal|privacy|security|partners?|store|presales|renewals?|payments?)\b",
            local,
        )
    )


@frozen
class Mention:
    """An address the mail mentions, with the words on both sides of it."""

    passage: Passage
    mark: Mark
    before: str
    after: str

    @property
    def address(self) -> str:
        return self.mark.value


def mentions(passage: Passage, marks: list[Mark]) -> list[Mention]:
    """Every address of the passage with its sentence, as far as the neighbouring addresses."""
    addresses = [m for m in marks if m.kind == "address"][:MOST]
    ends = [0, *(m.end for m in addresses)]
    starts = [*(m.start for m in addresses[1:]), len(passage.folded)]
    found = []
    for mark, earlier, later in zip(addresses, ends, starts, strict=False):
        before = passage.folded[max(earlier, mark.start - 90) : mark.start]
        after = passage.folded[mark.end : min(later, mark.end + 50)]
        if earlier:
            before = _APPOSITION.sub("", before, count=1)
        found.append(Mention(passage, mark, _last_sentence(before), _first_sentence(after)))
    return found


_APPOSITION = re.compile(r"^\)?,[^,.\n]{0,45},")  # "…, their consultant, …" speaks of the address before it


def _last_sentence(text: str) -> str:
    return re.split(
        r"(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bdr)(?<!\bno)[.!?;] |[。!?]|\n\s*\n|\n[ \t]*[-*•・]|\n(?=\w{1,20}:)",
        text,
    )[-1]


def _first_sentence(text: str) -> str:
    return re.split(r"[.!?;](?:\s|$)|。|\n\s*\n|\n[ \t]*[-*•・]|\n(?=\w[\w ]{0,30}[:=])", text)[0]


def customers(mentions: Iterable[Mention], sure: Iterable[str], circle: Circle) -> list[Mention]:
    """The mentions that are customer addresses. `sure`: addresses known to be the customer's."""
    kin = {domain for domain in (a.rpartition("@")[2] for a in sure) if domain not in FREEMAIL}
    waiting = [
        m for m in mentions if not circle.excludes(m.address) and not _is_ours(m) and not _is_signed(m)
    ]
    called = [m for m in waiting if _is_called_customer(m)]
    kin |= {m.address.rpartition("@")[2] for m in called if m.address.rpartition("@")[2] not in FREEMAIL}
    surely = {id(m) for m in called}
    return [m for m in waiting if id(m) in surely or _belongs(m, frozenset(kin), circle.beside)]


def _belongs(mention: Mention, kin: frozenset[str], beside: frozenset[str]) -> bool:
    if is_kin(mention.address.rpartition("@")[2], kin | beside):
        return True
    if kin or _is_anothers(mention):
        return False
    return not _MAILED.search(mention.before)


_CONTACT_LINE = re.compile(r"[|／・·•]|^\W*(?:t|m|p|e|tel|mob|phone|fax|mail|e-?mail)[.:]")
_PHONE = re.compile(r"\+?\(?\d[\d ().-]{6,}\d")


def _is_signed(mention: Mention) -> bool:
    """Stands in a line of contact data near the end of the passage: "Acme | 480-555-0190 | billing@acme"."""
    text = mention.passage.folded
    start, end = mention.passage.line_at(mention.mark.start)
    line = text[start:end]
    if len(line) > 200 or text.count("\n", end) > 10:
        return False
    return bool(_CONTACT_LINE.search(line) and _PHONE.search(line))


def _is_ours(mention: Mention) -> bool:
    return mention.passage.part == "new" and bool(_OURS.search(mention.before[-60:]))


def _is_called_customer(mention: Mention) -> bool:
    words = mention.before[-60:] + " \x01 " + mention.after[:30]
    return bool(_CUSTOMERS.search(words)) and not _is_anothers(mention) and not _MAILED.search(mention.before)


_DOES = re.compile(
    r"\b(?:can(?:not|'?t)?|could|gets?|got|writes?|sends?|sent|receives?|tries|tried|does|doesn't|when)\b"
)


def _is_anothers(mention: Mention) -> bool:
    told = _DOES.split(mention.after[:35])[0]  # "(rosa@…) can't write to a carrier": the carrier is another
    return bool(_OTHERS.search(mention.before) or _OTHERS.search(told))


def is_kin(domain: str, others: frozenset[str]) -> bool:
    """Same domain, one within the other, or built on the same name (adler.example, adler-service.example)."""
    if domain in others:
        return True
    name = _name(domain)
    return any(
        domain.endswith("." + other) or other.endswith("." + domain) or _same_name(name, _name(other))
        for other in others
        if other not in FREEMAIL and domain not in FREEMAIL
    )


def _name(domain: str) -> str:
    labels = domain.split(".")
    if len(labels) > 2 and (labels[-2] in ("co", "com", "or", "ne", "ac", "org", "net", "gov", "edu", "go")):
        return labels[-3]
    return labels[-2] if len(labels) > 1 else domain


def _same_name(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if short == long:
        return True
    if len(short) >= 5 and long.startswith(short):
        return True
    first = one.split("-")[0]
    return len(first) >= 5 and first == other.split("-")[0]
