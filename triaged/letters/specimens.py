"""Every kind of letter in every language on invented tickets, to be read: `triaged rules letters`. PURE.

Written by the code that writes real letters, from the rulebook's own templates, promises and schedules, at a
moment that never changes: what differs between two runs is what somebody changed in the rulebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from triaged.frozen import frozen
from triaged.letters import compose, desk_letters, kinds, layout, samples
from triaged.letters.context import Desk, MeetingTold, Row, zone_of
from triaged.letters.templates import FALLBACK, Letters
from triaged.letters.writer import Writer
from triaged.promises.service_levels import Promises
from triaged.reading.identifiers.kinds import ASKED
from triaged.reading.values import Identifiers
from triaged.tickets.cases import Case, CaseStep
from triaged.tickets.event_data import Grounds, Terms
from triaged.tickets.states import ENCRYPTED
from triaged.tickets.ticket import Event, Happening, Letter, Person, State, Ticket
from triaged.vocabulary import Severity

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # a Friday afternoon in Europe, Saturday in Japan
DESK = Desk(
    "global", "partner-support@desk.example", "Partner Support", "Europe/Berlin", "EU",
    alert=("leads@desk.example",), tiers={2: ("tier2@desk.example",), 3: ("tier3@desk.example",)},
)  # fmt: skip
_PAGES = replace(DESK, pages="https://support.desk.example")
_H = Happening
_HOUR = timedelta(hours=1)
_PLACES = {"en": ("UK", "Europe/London"), "ja": ("JP", "Asia/Tokyo"), "de": ("EU", "Europe/Berlin"),
           "fr": ("EU", "Europe/Paris"), "es": ("EU", "Europe/Madrid")}  # fmt: skip
_PEOPLE = {"ja": ("佐藤 美咲", "かえで商事"), "de": ("Jana Vogt", "Eichenbrück GmbH"),
           "fr": ("Claire Morel", "Pont-du-Chêne"), "es": ("Lucía Robles", "Puente Roble")}  # fmt: skip
_ANSWERS = {
    "en": "Hello Anna,\n\nplease clear the browser's cache and sign in again. **Does it happen on other computers too?**",
    "ja": "佐藤 様\n\nブラウザーのキャッシュを消去し、再度サインインしてください。他のパソコンでも発生しますか。",
    "de": "Guten Tag Frau Vogt,\n\nbitte leeren Sie den Browser-Cache und melden Sie sich neu an. Tritt es auch an anderen Rechnern auf?",
    "fr": "Bonjour Madame Morel,\n\nVeuillez vider le cache du navigateur et vous reconnecter. Cela arrive-t-il aussi sur d'autres postes ?",
    "es": "Estimada Sra. Robles:\n\nBorre la caché del navegador y vuelva a iniciar sesión. ¿Ocurre también en otros equipos?",
}
_STAFF_FILE = "staff"
_ANY = "on an invented ticket"


@frozen
class Specimen:
    """A letter and the situation it is written in."""

    kind: str
    when: str
    subject: str
    body: str


def files(letters: Letters, promises: Promises) -> Mapping[str, str]:
    """Name of each file and its text: a language each, and the letters to our own people."""
    told = {language: of_language(language, letters, promises) for language in letters.templates}
    pages = {
        f"{language}.md": _page(f"Letters to partners: {letters.words(language).name}", found)
        for language, found in told.items()
    }
    return {**pages, f"{_STAFF_FILE}.md": _page("Letters to our own people", of_staff(letters, promises))}


def of_language(language: str, letters: Letters, promises: Promises) -> tuple[Specimen, ...]:
    """Every letter to partners in one language, those of the rulebook's own names at the end."""
    own = set(letters.templates[language]) - kinds.KINDS.keys()
    writer = Writer(letters, promises, DESK, NOW)
    scenes = [*_scenes(language, letters), *_meetings(language, letters, promises)]
    left = _without_a_scene("partner", {kind for kind, *_ in scenes})
    plain: list[Scene] = [(kind, _ANY, _large(language), {}, None) for kind in left if kind in letters.names]
    written = [_specimen(scene, writer) for scene in (*scenes, *plain)]
    return (*filter(None, written), *(_own(name, language, letters) for name in sorted(own)))


def of_staff(letters: Letters, promises: Promises) -> tuple[Specimen, ...]:
    """Every letter to our own people."""
    writer = Writer(letters, promises, DESK, NOW)
    written = [_of(letter, when) for when, letter in _to_staff(writer) if letter is not None]
    left = _without_a_scene("staff", {one.kind for one in written})
    plain = [writer.to_staff(kind, "specimen", _large(FALLBACK)) for kind in left if kind in letters.names]
    return (*written, *(_of(letter, _ANY) for letter in plain if letter is not None))


def _of(letter: Letter, when: str) -> Specimen:
    return Specimen(letter.kind, when, letter.subject, letter.body)


def _specimen(scene: Scene, writer: Writer) -> Specimen | None:
    kind, when, ticket, extra, given = scene
    addressed = (tuple(p.address for p in ticket.people), ())
    letter = writer.to_partner(kind, "specimen", ticket, extra, addressed=addressed, given=given)
    return _of(letter, when) if letter else None


def _own(name: str, language: str, letters: Letters) -> Specimen:
    written = letters.write(name, language, samples.FULL)
    return Specimen(name, "a letter of this rulebook's own, on sample words", written.subject, written.body)


Scene = tuple[str, str, Ticket, dict[str, Any], Identifiers | None]


def _scenes(language: str, letters: Letters) -> Iterator[Scene]:
    yield from _first_letters(language)
    yield from _questions(language, letters)
    yield from _under_way(language, letters)
    yield from _at_the_end(language, letters)
    yield from _by_people(language)


def _by_people(language: str) -> Iterator[Scene]:
    """What people write themselves: one of ours, and a colleague of the partner on the ticket's page."""
    text = _ANSWERS.get(language, _ANSWERS[FALLBACK])
    pages = {"ticket_url": _PAGES.page_of(_large(language)), "rating_url": _PAGES.rating_of(_large(language))}
    large, told = _large(language), {"text": text, "reopen_days": 14}
    yield "answer", "and waits for the partner", large, {**told, "awaits": True}, None
    yield "answer", "and takes it for solved; there are pages", large, {**told, **pages, "solved": True}, None
    by = {"author": _PEOPLE.get(language, ("Ben Holm", ""))[0], "text": text, "files": ("log.txt",)}
    yield "relayed", "a colleague wrote on the page", large, by, None


def _without_a_scene(audience: str, told: set[str]) -> list[str]:
    """Kinds that the scenes leave out: written on an invented ticket all the same."""
    return [kind for kind in kinds.templates(audience) if kind not in told]


def _first_letters(language: str) -> Iterator[Scene]:
    given = Identifiers(zoid=("60031122334",))
    kind = "acknowledgment"
    yield kind, "a large user account", _large(language), {}, given
    some = _ticket(language, service="Zoho Desk", missing=("superadmin_email", "zuid"))
    yield kind, "any other request; some identifiers are missing", some, {}, given
    yield "acknowledgment_unverified", "nobody vouches for the sender", replace(some, trusted=False), {}, None


def _questions(language: str, letters: Letters) -> Iterator[Scene]:
    unknown = _ticket(language, no_identifier=True, provisional=True, missing=ASKED)
    by_domain = replace(_large(language), no_identifier=True, provisional=True, missing=ASKED)
    yield "missing_information", "nothing says which account it is about", unknown, {}, None
    yield "missing_information", "a large user account, found by a customer's address", by_domain, {}, None
    kind = "missing_information_reminder"
    ends = _moment(language, kind, letters, days=6)
    yield kind, "the first", unknown, {"number": 1, "ends": ends}, None
    yield kind, "the last, the account found by a customer's address", by_domain, {"number": 3, "last": True, "ends": ends}, None  # fmt: skip
    kind = "details_received"
    given = Identifiers(zoid=("60031122334",))
    yield kind, "the account is found by them", _large(language), {}, given
    yield kind, "no account has this id", _ticket(language), {}, given
    yield "encrypted", "a mail that cannot be read", replace(unknown, tags=(ENCRYPTED,)), {}, None
    yield "account_identified", "staff found out which account it is", _large(language), {}, None
    other = {"other": "PS-1041"}
    yield "split_off", "a second matter, its account not known", unknown, other, None
    yield "split_off", "a second matter of a known account", _large(language), other, None
    yield "merged", "the same matter under another reference", _ticket(language), other, None
    yield "unmerged", "two matters after all", _ticket(language), other, None


def _under_way(language: str, letters: Letters) -> Iterator[Scene]:
    kind = "progress_update"
    at_work = _happened(_large(language), (1, _H.ASSIGNED, {"to": "ben.carter@desk.example"}), (2, _H.STAFF_ANSWERED, {}))  # fmt: skip
    assigned = replace(at_work, state=State.OPEN, assigned_to="ben.carter@desk.example")
    told = {"report": "The fix is being tested.", "reported": _moment(language, kind, letters, days=0)}
    yield kind, "with what staff reported", assigned, told, None
    late = _aged(assigned, 30)
    yield kind, "without news; the time for the solution has passed", late, {}, None
    yield kind, "without news, and nobody has begun", _ticket(language, severity=Severity.S1), {}, None
    waiting = _happened(_ticket(language), (1, _H.STAFF_ANSWERED, {}), (1, _H.WAITING, {}))
    kind = "waiting_reminder"
    ends = {"ends": _moment(language, kind, letters, days=10)}
    yield kind, "staff asked something", replace(waiting, state=State.WAITING), ends, None
    for step in (CaseStep.SUBMITTED, CaseStep.IN_PROGRESS, CaseStep.CONFIRMING):
        extra = _case(step, "case_update", assigned, letters, expected=step is not CaseStep.CONFIRMING)
        yield "case_update", str(step), assigned, extra, None
    asked = _case(CaseStep.CONFIRMING, "case_reminder", assigned, letters, expected=False)
    yield "case_reminder", "nobody has said whether the fix holds", assigned, asked, None


def _at_the_end(language: str, letters: Letters) -> Iterator[Scene]:
    over = replace(_ticket(language), state=State.RESOLVED)
    told = {"report": "The sync was restarted; the records of Friday are complete."}
    yield "resolved", "with what staff tell about it", over, told, None
    yield "resolved", "without", over, {}, None
    yield "resolved_for_silence", "no answer to any reminder", over, {}, None
    said = ("PS-1042", "Sync stopped"), ("PS-1043", "Import of leads fails")
    rows = tuple(Row(reference, "S3", "new", subject, "", "") for reference, subject in said)
    yield "acknowledgments_combined", "of a burst", _large(language), {"rows": rows}, None
    yield "closed", "some time after it was resolved", replace(over, state=State.CLOSED), {}, None
    asked = {"visitor": "anna@oakbridge.example", "asked_from": "Firefox, 192.0.2.7", "code": "H4KX-9PTN"}
    link = {"link": "https://desk.example/sign-in/x", "ends": _moment(language, "sign_in", letters, days=0)}
    yield "sign_in", "somebody wants to be signed in to the pages", over, asked | link, None


def _meetings(language: str, letters: Letters, promises: Promises) -> Iterator[Scene]:
    """A screen-sharing session, from the offer to its end."""
    if promises.screen_sharing is None:
        return
    ticket, terms = _large(language), promises.screen_sharing.terms(language)
    words, zone = letters.words(language), zone_of(ticket.time_zone)
    first, second = (words.moment(NOW + timedelta(days=days, hours=18), zone) for days in (3, 4))
    offered = MeetingTold(
        "offered", (first, second), minutes=40, host="Ben Carter", terms=terms.text, version=terms.version
    )
    page = _PAGES.meeting_of(ticket)
    agreed = replace(offered, state="accepted", starts=first, invited=True, terms="", page=page)
    yield "meeting_offer", "there are no pages", ticket, {"meeting": offered}, None
    yield "meeting_offer", "there are pages", ticket, {"meeting": replace(offered, page=page)}, None
    for kind, when, told in (
        ("meeting_invitation", "with its calendar entry", agreed),
        ("meeting_moved", "with its calendar entry", agreed),
        ("meeting_cancelled", "a time stood", agreed),
        ("meeting_cancelled", "it was only offered", offered),
        ("meeting_reminder", "an hour before", replace(agreed, page="")),
        ("meeting_entry", "what the calendar shows; no letter", replace(agreed, link="https://meet.example/h4kx9ptn", passcode="481516")),
        ("meeting_entry", "there is no link yet", agreed),
    ):  # fmt: skip
        yield kind, when, ticket, {"meeting": told}, None


def _to_staff(writer: Writer) -> Iterator[tuple[str, Letter | None]]:
    words = writer.staff_words
    large = replace(_large(FALLBACK), partner_domain="oakbridge.example")
    review = replace(large, severity=Severity.S3, reviews=("uncertain severity",))
    due = {
        "commitment": words.commitments.get("first_response", "first_response"), "share": 75, "tier": 2,
        "due": words.moment(NOW + _HOUR, writer.desk_zone),
        "arithmetic": ("Fri 2026-11-20 16:00 starts: 1h on calendar round-the-clock", "used 45m of 1h (75%)"),
    }  # fmt: skip
    case = _case(CaseStep.IN_REVIEW, "case_overdue", large, writer.letters, expected=True)
    by = {"author": "Anna Holm <anna@oakbridge.example>", "text": "It happens again."}
    quote = {"excerpt": "> Nobody can log in since nine this morning."}
    begins, ends = (words.moment(NOW + timedelta(days=3, minutes=m), writer.desk_zone) for m in (0, 40))
    session = {"meeting": MeetingTold("accepted", starts=begins, ends=ends, person="anna@oakbridge.example")}
    yield "a new mail", compose.new_s1(writer, large, quote["excerpt"])
    for kind, when, extra in (
        ("at_risk", "three quarters of the time are used", due),
        ("missed", "the time has passed", {**due, "share": 100}),
        ("still_open", "half as long again", {**due, "share": 150}),
        ("update_due", "nothing was reported to the partner", due),
        ("unidentified", "after the last reminder", {}),
        ("review", "something is uncertain", {**quote, "reasons": review.reviews}),
        ("notify", "a rule names somebody", quote),
        ("case_overdue", "the expected date has passed", case),
        ("page_answer", "the partner wrote on the ticket's page", {**by, "files": ("log.txt",)}),
        (
            "meeting_news",
            "the partner chose a time",
            {**session, "reasons": ("By anna@oakbridge.example: accepted on the page",)},
        ),
        ("meeting_ending", "five minutes before", session),
        ("meeting_summary", "when its time is over", session),
        ("page_act", "the partner did something on the ticket's page", {**by, "reasons": ("rated 1 of 5",)}),
    ):
        yield when, writer.to_staff(kind, "specimen", review if kind == "review" else large, extra)
    failed = [("anna@oakbridge.example", "550 5.1.1 no such user")]
    yield "an address refuses letters", compose.undeliverable(writer, large, failed, "specimen")
    yield "every morning", desk_letters.digest(writer, [large, replace(review, id=2, reference="PS-1002")])
    lines = ["rules/20-content.yaml:14:9: unknown field 'subjct'; did you mean 'subject'?"]
    yield "a reload failed", desk_letters.rulebook_refused(writer, lines)
    lines = ["config.yaml:31:12: port: must be a whole number, not 'imaps'"]
    yield "a reload failed for something else", desk_letters.reload_refused(writer, lines)
    unplaced = desk_letters.unplaced(
        writer, "specimen", subject="about PS-1042", sender="anna@oakbridge.example",
        why="an answer of ours that names no ticket", **quote,
    )  # fmt: skip
    yield "a mail belongs to no ticket", unplaced
    owed = ["INBOX uid 4711, of 20 Nov 2026, 14:02: FETCH: NO [UNAVAILABLE] backend is away"]
    yield "the mail server does not give a mail", desk_letters.mail_owed(writer, owed, "specimen")
    poison = desk_letters.mail_quarantined(writer, 17, "anna@oakbridge.example", "4 times nothing came of it")
    yield "a mail is in quarantine", poison


def _ticket(language: str, **fields: Any) -> Ticket:
    """An invented ticket of a partner who writes in this language, received and judged just now."""
    region, zone = _PLACES.get(language, ("", "UTC"))
    name, company = _PEOPLE.get(language, ("Anna Holm", "Oakbridge"))
    level = fields.get("service_level", "standard")
    basis: dict[str, Any] = {
        "id": 1, "reference": "PS-1042", "state": State.NEW, "subject": "Sync stopped", "mailbox": DESK.mailbox,
        "language": language, "created_at": NOW, "updated_at": NOW, "severity": Severity.S3,
        "severity_because": "rule outage-words", "service_level": level, "region": region, "time_zone": zone,
        "partner_domain": "oakbridge.example", "trusted": True,
        "people": (Person("anna@oakbridge.example", name),),
    }  # fmt: skip
    ticket = Ticket(**(basis | fields))
    judged = {**Terms.of_ticket(ticket).stored(), **Grounds(company=company).stored()}
    return replace(
        ticket, events=(Event(NOW, _H.RECEIVED, "", ""), Event(NOW, _H.JUDGED, "daemon", "", judged))
    )


def _large(language: str) -> Ticket:
    return _ticket(
        language, severity=Severity.S1, service_level="large-account", service="Zoho CRM", account_key="alder",
        account_name="Alder Works", superadmin_email="it@alder.example", large_user=True, licences=420,
        severity_because="rule large-account",
    )  # fmt: skip


def _happened(ticket: Ticket, *events: tuple[float, Happening, dict[str, Any]]) -> Ticket:
    """The ticket some hours old, with what people of ours did (hours after it came)."""
    born = _aged(ticket, 3)
    told = tuple(Event(born.created_at + n * _HOUR, kind, "ben.carter@desk.example", "", data) for n, kind, data in events)  # fmt: skip
    return replace(born, events=(*born.events, *told))


def _aged(ticket: Ticket, hours: float) -> Ticket:
    """The same ticket, everything of it so many hours earlier."""
    before = hours * _HOUR
    return replace(
        ticket,
        created_at=ticket.created_at - before,
        updated_at=ticket.updated_at - before,
        events=tuple(replace(e, at=e.at - before) for e in ticket.events),
    )


def _moment(language: str, kind: str, letters: Letters, *, days: int) -> str:
    words = letters.words(letters.language_for(kind, language))
    return words.moment(NOW + timedelta(days=days), zone_of(_PLACES.get(language, ("", "UTC"))[1]))


def _case(step: CaseStep, kind: str, ticket: Ticket, letters: Letters, *, expected: bool) -> dict[str, Any]:
    words = letters.words(letters.language_for(kind, ticket.language))
    case = Case("CP-204", step, NOW, date(2026, 12, 1) if expected else None, 1)
    return compose.case_words(case, words, ticket, NOW + timedelta(days=7) if not expected else None)


def _page(title: str, specimens: tuple[Specimen, ...]) -> str:
    head = f"# {title}\n\nWritten by `triaged rules letters` on invented tickets; not to be edited.\n"
    return head + "".join(map(_section, specimens))


def _section(one: Specimen) -> str:
    text = layout.wrapped(one.body, flowed=False).rstrip()
    return f"\n## {one.kind}: {one.when}\n\n```text\nSubject: {one.subject}\n\n{text}\n```\n"
