"""A letter asserts only what an event or a fact of the ticket bears out: each sentence with its condition, in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tickets.world import at, event, hours, letters, promises, ticket, writer
from triaged.followups import due, still_wanted
from triaged.letters import bearing, compose
from triaged.reading.values import Identifiers
from triaged.tickets import cases
from triaged.tickets.cases import CaseStep
from triaged.tickets.states import FOREIGN, Moved
from triaged.tickets.ticket import Due, Event, Happening, Person, State, Ticket

H = Happening
FRIDAY = at("2026-11-20 16:00+01:00")
EVERY = ("en", "ja", "de", "fr", "es")
ASKED = {"no_identifier": True, "provisional": True, "missing": ("superadmin_email", "zoid", "zuid")}
KNOWN = {"account_key": "alder", "account_name": "Alder Works"}
LARGE = {
    **KNOWN, "severity": "S1", "level": "large-account", "large_user": True, "licences": 250,
    "superadmin_email": "it@alder.example", "service": "Zoho CRM",
}  # fmt: skip
UNKNOWN_ACCOUNT = {
    "en": "which customer account", "ja": "どのお客様のアカウント", "de": "um welches Kundenkonto",
    "fr": "de quel compte client", "es": "de qué cuenta de cliente",
}  # fmt: skip
AT_WORK = {
    "en": "still working", "ja": "引き続き対応中", "de": "arbeiten weiter", "fr": "travaillons toujours", "es": "Seguimos trabajando",
}  # fmt: skip
MISSED = {
    "en": "have not kept the time", "ja": "間に合いませんでした", "de": "nicht eingehalten", "fr": "n'avons pas tenu", "es": "no hemos cumplido",
}  # fmt: skip
PAUSED = {"en": "paused", "ja": "一時停止", "de": "ruht", "fr": "suspendus", "es": "suspendido"}
PRIORITY = {"en": "priority customer", "ja": "優先", "de": "Prioritätskunde", "fr": "client prioritaire", "es": "cliente prioritario"}  # fmt: skip
STARTS = {
    "en": "response time starts", "ja": "起算", "de": "Antwortzeit beginnt", "fr": "délai de réponse commence", "es": "plazo de respuesta empieza",
}  # fmt: skip


def after(n: float, happening: Happening, /, actor: str = "anna@oakbridge.example", **data) -> Event:
    return Event(FRIDAY + hours(n), happening, actor, "test", data)


def written(kind: str, t: Ticket, now=FRIDAY, extra=None, **more) -> str:
    letter = writer(now).to_partner(kind, "k", t, extra, addressed=(("anna@oakbridge.example",), ()), **more)
    assert letter is not None
    return letter.body.partition("-" * 30)[0]  # of a bilingual letter the first language


@pytest.mark.parametrize("language", EVERY)
class TestInEveryLanguage:
    def test_nobody_has_begun_when_a_mail_has_just_come(self, language):
        body = written("missing_information", ticket(FRIDAY, severity="S1", language=language, **ASKED))
        for begun in ("begun", "始めて", "angefangen", "commencé", "empezado"):
            assert begun not in body

    def test_an_account_that_was_found_is_never_said_to_be_unknown(self, language):
        phrase = UNKNOWN_ACCOUNT[language]
        for kind in ("missing_information", "missing_information_reminder"):
            assert phrase in written(kind, ticket(FRIDAY, language=language, **ASKED)), kind
            found = ticket(FRIDAY, language=language, **ASKED, **KNOWN)
            assert phrase not in written(kind, found) and "Alder Works" in written(kind, found), kind
            for hidden in ({"tags": (FOREIGN,)}, {"trusted": False}):
                told = written(kind, replace(found, **hidden))
                assert phrase not in told and "Alder" not in told, (kind, hidden)

    def test_thanks_for_details_name_an_account_only_where_one_was_found(self, language):
        confirmed = written("details_received", ticket(FRIDAY, language=language, **KNOWN))
        nothing = written(
            "details_received", ticket(FRIDAY, language=language), given=Identifiers(zoid=("60031122334",))
        )
        assert confirmed != nothing and "60031122334" in nothing
        by_domain = replace(
            ticket(FRIDAY, language=language, **KNOWN),
            events=(event(FRIDAY, H.JUDGED, account={"matched_by": "domain"}),),
        )
        sentence = written("details_received", by_domain).partition("S3")[0]
        assert sentence not in (confirmed.partition("S3")[0], nothing.partition("S3")[0])
        assert "Alder Works" in sentence

    def test_work_is_told_only_where_somebody_of_ours_touched_it(self, language):
        phrase = AT_WORK[language]
        fresh = ticket(FRIDAY, severity="S1", language=language)
        assert phrase not in written("progress_update", fresh)
        for touch in (
            after(1, H.STAFF_ANSWERED), after(1, H.IDENTIFIED), after(1, H.ASSIGNED, to="ben@staff.example"),
            after(1, H.STAFF_NOTED, actor="cli:ben"), after(1, H.SEVERITY_CORRECTED),
        ):  # fmt: skip
            assert phrase in written("progress_update", replace(fresh, events=(*fresh.events, touch)))
        for other in (
            after(1, H.PARTNER_ANSWERED), after(1, H.AUTOMATIC_MAIL), after(1, H.ESCALATED, tier=2),
            after(1, H.STAFF_NOTED, actor="ben@staff.example"),  # of mail that may be forged
        ):  # fmt: skip
            assert phrase not in written("progress_update", replace(fresh, events=(*fresh.events, other)))
        reopened = (after(1, H.STAFF_ANSWERED), after(2, H.RESOLVED), after(3, H.REOPENED))
        assert phrase not in written("progress_update", replace(fresh, events=(*fresh.events, *reopened)))

    def test_a_missed_time_is_owned_up_to(self, language):
        t = ticket(FRIDAY, after(0.1, H.STAFF_ANSWERED), severity="S1", language=language, state=State.OPEN)
        assert MISSED[language] not in written("progress_update", t, FRIDAY + hours(3.9))
        late = written("progress_update", t, FRIDAY + hours(4.1))
        assert MISSED[language] in late and "20" in late
        solved = replace(t, events=(*t.events, after(3, H.RESOLVED)), state=State.RESOLVED)
        assert MISSED[language] not in written("progress_update", solved, FRIDAY + hours(5))

    def test_a_limit_that_is_still_ahead_stands_beside_the_missed_time(self, language):
        t = ticket(FRIDAY, language=language, **LARGE)
        inside, beyond = written("acknowledgment", t, FRIDAY + hours(2)), written("acknowledgment", t, FRIDAY + hours(4))  # fmt: skip
        assert MISSED[language] in inside and ("19:00" in inside or "19 h 00" in inside)
        assert MISSED[language] in beyond and "19:00" not in beyond and "19 h 00" not in beyond

    def test_clocks_are_said_to_stand_still_only_while_they_do(self, language):
        waits = ticket(
            FRIDAY,
            after(0.1, H.STAFF_ANSWERED),
            after(0.2, H.WAITING),
            state=State.WAITING,
            language=language,
        )
        assert PAUSED[language] in written("waiting_reminder", waits, FRIDAY + hours(50))
        promised_nothing = replace(waits, service_level="gold", events=(after(0.2, H.WAITING),))
        assert PAUSED[language] not in written("waiting_reminder", promised_nothing, FRIDAY + hours(50))

    def test_the_response_time_starts_with_the_reply_only_where_it_waits_for_it(self, language):
        assert STARTS[language] in written("missing_information", ticket(FRIDAY, language=language, **ASKED))
        urgent = ticket(FRIDAY, severity="S1", language=language, **ASKED)
        assert STARTS[language] not in written("missing_information", urgent)
        assert STARTS[language] not in written("missing_information", replace(urgent, service_level="gold"))

    def test_the_mark_stands_for_the_treatment(self, language):
        phrase = PRIORITY[language]
        treated = ticket(FRIDAY, language=language, **LARGE)
        assert phrase in written("acknowledgment", treated)
        told = replace(treated, events=(*treated.events, after(0, H.JUDGED, tags=["priority-customer"])))
        assert phrase in written("acknowledgment", told)
        for other in (
            {"events": (*treated.events, after(0, H.JUDGED, tags=[]))},  # an excluded service
            {"service_level": "standard", "service": "Zoho Campaigns"},
            {"trusted": False},
            {"large_user": False},
        ):
            assert phrase not in written("acknowledgment", replace(treated, **other)), other

    def test_staffs_reason_never_reaches_the_partner(self, language):
        t = ticket(FRIDAY, after(1, H.RESOLVED), state=State.RESOLVED, language=language)
        body = written("resolved", t)
        if language != "en":
            assert "resolved" not in body
        assert "\n\n\n" not in body

    def test_a_last_reminder_says_what_comes_after_it_only_if_something_does(self, language):
        t = ticket(FRIDAY, language=language, **ASKED)
        last = {"number": 3, "last": True}
        more = written("missing_information_reminder", t, extra={**last, "ends": "x"})
        assert len(more) > len(written("missing_information_reminder", t, extra=last))
        assert len(written("missing_information_reminder", t, extra=last)) > len(
            written("missing_information_reminder", t)
        )

    def test_the_expected_date_of_a_case_is_told_only_while_it_can_be_expected(self, language):
        t = ticket(FRIDAY, language=language)
        ahead, passed = at("2026-12-01 00:00").date(), at("2026-11-19 00:00").date()
        for step, day, told in (
            (CaseStep.IN_PROGRESS, ahead, True), (CaseStep.IN_PROGRESS, passed, False), (CaseStep.RESOLVED, ahead, False),
            (CaseStep.CONFIRMING, ahead, False),
        ):  # fmt: skip
            moved = cases.move_case(t, "CP-204", step, FRIDAY, "cli:ben", "x", expected=day)
            assert isinstance(moved, Moved)
            case = cases.cases(moved.ticket)[0]
            letter = compose.on_case_moved(writer(FRIDAY), moved.ticket, case)
            assert letter is not None
            assert (letters().words(language).day(day) in letter.body) is told, (step, day)

    def test_no_person_is_promised_to_answer_where_the_notice_itself_is_the_answer(self, language):
        label = letters().words(language).commitments["first_response"]
        assert label in written("acknowledgment", ticket(FRIDAY, language=language))
        assert label not in written("acknowledgment", ticket(FRIDAY, language=language, level="plan"))


def test_after_thanks_nobody_is_reminded_that_the_account_is_unknown():
    thanks = after(1, H.PARTNER_ANSWERED, thanks=True)
    t = ticket(FRIDAY, thanks, **ASKED)
    steps = {f"{d.kind}:{d.step}" for d in due.plan(t, promises(), FRIDAY + hours(1))}
    assert "missing_information:tell-staff" in steps and "missing_information:remind-1" not in steps
    queued = still_wanted.judge("missing_information_reminder", "missing_information:remind-1", t, promises(), at("2026-11-24 10:00"))  # fmt: skip
    assert queued.withdraw == "the partner's last word was thanks"
    acted = due.act(Due(42, "missing_information", "tell-staff", FRIDAY), t, writer(FRIDAY + hours(200)))
    assert "last word was thanks" in acted.letters[0].body and "used up" not in acted.letters[0].body
    again = replace(t, events=(*t.events, after(2, H.PARTNER_ANSWERED)))
    steps = {f"{d.kind}:{d.step}" for d in due.plan(again, promises(), FRIDAY + hours(2))}
    assert "missing_information:remind-1" in steps


def test_after_thanks_nobody_hears_that_there_is_no_news():
    t = ticket(FRIDAY, severity="S1")
    steps = {d.step for d in due.plan(t, promises(), FRIDAY + hours(1)) if d.kind == "next_update"}
    assert "still-working@0" in steps
    thanked = replace(t, events=(*t.events, after(0.5, H.PARTNER_ANSWERED, thanks=True)))
    steps = {d.step for d in due.plan(thanked, promises(), FRIDAY + hours(1)) if d.kind == "next_update"}
    assert "still-working@0" not in steps


@pytest.mark.parametrize(
    ("assigned", "events", "name"),
    [
        ("ben.carter@staff.example", (), "Ben Carter"),
        ("b7@staff.example", (after(1, H.ASSIGNED, to="b7@staff.example", name="Ben Carter"),), "Ben Carter"),
        (
            "b7@staff.example",
            (after(1, H.STAFF_ANSWERED, actor="b7@staff.example", name="Ben C."),),
            "Ben C.",
        ),
        ("b7@staff.example", (after(1, H.STAFF_ANSWERED, actor="cy@staff.example", name="Cy"),), ""),
        ("support.team@staff.example", (), ""),
        ("tier2@staff.example", (), ""),
        (None, (after(1, H.STAFF_ANSWERED, actor="b7@staff.example", name="Ben"),), ""),
    ],
)
def test_the_person_who_has_the_ticket_is_named_where_the_name_is_known(assigned, events, name):
    t = ticket(FRIDAY, *events, assigned_to=assigned)
    assert bearing.person(t) == name
    body = written("waiting_reminder", t)
    assert (f"Your contact: {name}\nPartner Support" in body) is bool(name)
    assert "contact" not in written("waiting_reminder", replace(t, trusted=False))


def test_a_japanese_letter_opens_with_company_and_name_and_closes_politely():
    judged = after(0, H.JUDGED, company="かえで商事")
    t = ticket(FRIDAY, judged, language="ja", people=(Person("sato@kaede.example", "佐藤 美咲"),))
    body = written("acknowledgment", t)
    assert "かえで商事\n佐藤 美咲 様\n\nいつもお世話になっております。Partner Supportでございます。\n" in body
    assert body.endswith("何卒よろしくお願い申し上げます。\n\nPartner Support\n")
    assert "かえで" not in written("acknowledgment", replace(t, trusted=False))


def test_staff_are_told_of_the_mark_by_the_same_rule():
    excluded = ticket(FRIDAY, after(0, H.JUDGED, tags=[]), **(LARGE | {"service": "Zoho Campaigns"}))
    letter = compose.new_s1(writer(FRIDAY), excluded)
    assert letter is not None and "priority customer" not in letter.body
    assert "large user account" not in letter.subject
