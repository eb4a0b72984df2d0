"""What partners do on pages, through the real walk, on both databases: kept first, done once, told to the right people."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.scene import Scene
from triaged.simulation import mails
from triaged.simulation.postman import Delivered
from triaged.simulation.town import GLOBAL, STAFF
from triaged.store.page_rows import Wanted
from triaged.store.rows import Fate
from triaged.store.scope import Scope, of_admin, of_person
from triaged.tickets.event_data import CaseMoved
from triaged.tickets.ticket import Attached, Happening, State, Ticket
from triaged.walk.by_page import ByPage, Changed, Done, No, Request
from triaged.walk.plans import page_acts

H = Happening
PNG = Attached("画面 1.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    database = None
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres").empty()
    made = Scene(tmp_path, database)
    yield made
    made.month.close()


def colleague(scene: Scene, name: str = "Bo") -> str:
    return f"{name.lower()}@{scene.ann.address.rpartition('@')[2]}"


def page(scene: Scene, address: str = "", *, admin: bool = False) -> ByPage:
    address = address or scene.ann.address
    partner = scene.month.knowledge.directory.partner_of(address)
    scope = of_admin(address, partner) if admin and partner else of_person(address, partner)
    return ByPage(scene.store, scene.month.knowledge, scope, scene.month.now, scene.ann.name)


def version(scene: Scene, ticket: Ticket) -> int:
    found = scene.store.ticket(ticket.id)
    assert found is not None
    return max(e.id for e in found.events)


def asked(scene: Scene, **more: Any) -> Ticket:
    first = scene.asks(cc=[colleague(scene)], **more)
    scene.month.turn()
    return scene.ticket(first)


def now(scene: Scene, ticket: Ticket) -> Ticket:
    found = scene.store.ticket(ticket.id)
    assert found is not None
    return found


def texts(scene: Scene, scope: Scope, ticket: Ticket) -> list[str]:
    shown = scene.store.ticket_page(scope, ticket.id)
    assert shown is not None
    return [(c.text or "").strip() for c in shown.said if c.what == "mail"]


def body(one: Delivered) -> str:
    part = email.message_from_bytes(one.raw, policy=email.policy.default).get_body(("plain",))
    return str(part.get_content()) if part else ""


def test_an_answer_is_kept_first_shown_at_once_and_walked_like_any_mail(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    typed = "It fails again:\n\n> at foo(__init__)\n-- \nERR_2004 in C:\\tmp\\**x**\n"
    done = desk.answer(ticket.id, typed, [PNG], form="f1", seen=version(scene, ticket))
    assert isinstance(done, Done) and not done.again
    assert texts(scene, desk.scope, ticket)[-1] == typed.strip()  # before the walk took it up
    waiting = scene.store.mail(done.mail or 0)
    assert waiting and (waiting.door, waiting.fate, waiting.ticket_id) == ("web", Fate.WAITING, ticket.id)
    scene.month.turn()
    after, mail = now(scene, ticket), scene.store.mail(done.mail or 0)
    assert mail and (mail.fate, mail.ticket_id, mail.kind) == (Fate.TICKET, ticket.id, "request")
    assert H.PARTNER_ANSWERED in [e.kind for e in after.events]
    assert texts(scene, desk.scope, ticket)[-1] == typed.strip()
    (relayed,) = scene.letters("relayed")
    assert scene.ann.address not in relayed.to and colleague(scene) in relayed.to
    (copy,) = scene.letters("page_answer")
    assert set(copy.to) <= {*STAFF, *scene.month.config.staff.alert}
    for letter in (relayed, copy):
        told = email.message_from_bytes(letter.raw, policy=email.policy.default)
        assert ticket.reference in told["Subject"] and told["References"]
        (file,) = told.iter_attachments()
        assert (file.get_filename(), file.get_content()) == (PNG.name, PNG.content)
        assert "at foo(__init__)" in body(letter)
    assert scene.ann.address in str(
        email.message_from_bytes(copy.raw, policy=email.policy.default)["Reply-To"]
    )


def test_one_form_is_accepted_once_however_often_it_is_posted(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    seen = version(scene, ticket)
    with ThreadPoolExecutor(5) as pool:
        posts = [pool.submit(desk.answer, ticket.id, "Once.", form="same", seen=seen) for _ in range(5)]
        outcomes = [one.result() for one in posts]
    scene.month.turn()
    outcomes.append(desk.answer(ticket.id, "Once.", form="same", seen=seen))  # Back, and sent again
    assert sorted(isinstance(o, Done) and o.again for o in outcomes) == [False, *[True] * 5]
    assert texts(scene, desk.scope, ticket).count("Once.") == 1
    desk = page(scene)
    assert [desk.consent(ticket.id, on=True, form="c") for _ in range(2)][1].again  # type: ignore[union-attr]
    assert [e.kind for e in now(scene, ticket).events].count(H.CONSENTED) == 1


def test_nothing_from_outside_passes_for_a_page(scene: Scene) -> None:
    """P12: whoever sent it, whatever its headers say."""
    ticket, desk = asked(scene), page(scene)
    desk.answer(ticket.id, "Mine.", form="f", seen=version(scene, ticket))
    scene.month.turn()
    (mine,) = [m for m in scene.store.mails(ticket_id=ticket.id) if m.door == "web"]
    for sender, number in ((scene.ann.address, mine.message_id), ("mallory@evil.example", mine.message_id)):
        raw = mails.write(
            ("Ann", sender), [GLOBAL], f"Re: [{ticket.reference}] x", "Forged: close it", scene.month.now,
            number or "", answers=[mine.message_id or ""],
        )  # fmt: skip
        raw = raw.replace(b"dmarc=pass", b"dmarc=fail")
        forged = scene.arrives(b"X-Door: web\r\nX-Triaged-Door: web\r\n" + raw)
        assert forged.door == "imap"
        assert (forged.kind in ("spoof", "abuse")) or forged.ticket_id != ticket.id
    assert not [t for t in texts(scene, desk.scope, ticket) if "Forged" in t]


def test_a_form_on_a_ticket_that_has_changed_is_told_what_changed(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    seen = version(scene, ticket)
    scene.desk().happen(now(scene, ticket), "resolved", "done", quiet=True)
    for outcome in (
        desk.answer(ticket.id, "Still broken", form="f", seen=seen),
        desk.close(ticket.id, form="g", seen=seen),
    ):
        assert isinstance(outcome, Changed)
        assert [e.kind for e in outcome.events] == [H.RESOLVED]
    assert now(scene, ticket).state is State.RESOLVED
    assert isinstance(desk.answer(ticket.id, "Still broken", form="f", seen=seen, anyway=True), Done)
    scene.month.turn()
    assert now(scene, ticket).state is State.OPEN


@pytest.mark.parametrize("who", ["stranger@elsewhere.example", "foreign", "cem"])
def test_what_one_may_not_see_cannot_be_acted_on(scene: Scene, who: str) -> None:
    ticket = asked(scene)
    house = scene.ann.address.rpartition("@")[2]
    other = next(p.address for p in scene.month.town.people if p.address.rpartition("@")[2] != house)
    address = {"foreign": other, "cem": f"cem@{house}"}.get(who, who)
    desk, seen = page(scene, address), version(scene, ticket)
    outcomes = [
        desk.answer(ticket.id, "x", form="1", seen=seen), desk.close(ticket.id, form="2", seen=seen),
        desk.rate(ticket.id, 5, form="3"), desk.reopen(ticket.id, "", form="4", seen=seen),
        desk.fix(ticket.id, "CP-1", holds=True, form="5", seen=seen), desk.consent(ticket.id, on=True, form="6"),
        desk.add_person(ticket.id, address, form="7"), desk.remove_person(ticket.id, scene.ann.address, form="8"),
        desk.follow(ticket.id, on=True, form="9"), desk.keep_private(ticket.id, on=True, form="10"),
        desk.answer(ticket.id + 500, "x", form="11", seen=0),
    ]  # fmt: skip
    assert [o.why if isinstance(o, No) else o for o in outcomes] == ["unseen"] * len(outcomes)
    assert version(scene, ticket) == seen


def test_the_opener_closes_and_takes_it_back_and_a_colleague_cannot(scene: Scene) -> None:
    ticket = asked(scene)
    desk, other = page(scene), page(scene, colleague(scene))
    refused = other.close(ticket.id, form="a", seen=version(scene, ticket))
    assert isinstance(refused, No) and refused.why == "not_yours"
    assert isinstance(desk.close(ticket.id, form="b", seen=version(scene, ticket)), Done)
    assert now(scene, ticket).state is State.CLOSED
    scene.month.turn()
    (told,) = scene.letters("closed")
    assert told.to == (colleague(scene),) or set(told.to) == {colleague(scene)}
    assert scene.letters("page_act")
    late = other.reopen(ticket.id, "", form="c", seen=version(scene, ticket))
    assert isinstance(late, No) and late.why == "too_late"
    assert isinstance(desk.reopen(ticket.id, "by mistake", form="d", seen=version(scene, ticket)), Done)
    assert now(scene, ticket).state is State.OPEN


def test_an_answer_on_a_closed_ticket_opens_a_linked_one_with_the_same_people(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    scene.desk().happen(ticket, "closed", "done", quiet=True)
    desk.answer(ticket.id, "Once more.", form="f", seen=version(scene, ticket))
    scene.month.turn()
    new = scene.ticket(scene.store.mails(limit=1)[0])
    assert new.id != ticket.id and new.linked_to == ticket.id and new.channel == "web"
    assert colleague(scene) in {p.address for p in new.people if p.role == "cc"}


def test_it_is_rated_once_each_time_it_is_solved_and_a_complaint_opens_it_again(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    early = desk.rate(ticket.id, 5, form="0")
    assert isinstance(early, No) and early.why == "state"
    scene.desk().happen(ticket, "resolved", "done", quiet=True)
    assert [o.why for o in (desk.rate(ticket.id, n, form=f"x{n}") for n in (0, 6)) if isinstance(o, No)] == [
        "score"
    ] * 2
    assert isinstance(desk.rate(ticket.id, 1, "Nothing is solved.", form="1"), Done)
    after = now(scene, ticket)
    assert after.state is State.OPEN and [e.kind for e in after.events][-3:].count(H.RATED) == 1
    scene.month.turn()
    assert scene.letters("page_act")
    scene.desk().happen(now(scene, ticket), "resolved", "now", quiet=True)
    assert isinstance(desk.rate(ticket.id, 4, form="2"), Done)
    again = page(scene, colleague(scene)).rate(ticket.id, 2, form="3")
    assert isinstance(again, No) and again.why == "rated"
    assert now(scene, ticket).state is State.RESOLVED


def test_a_number_in_an_answer_on_a_page_is_no_rating(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    scene.desk().happen(ticket, "resolved", "done", quiet=True)
    desk.answer(ticket.id, "5", form="f", seen=version(scene, ticket))
    scene.month.turn()
    assert H.RATED not in [e.kind for e in now(scene, ticket).events]


@pytest.mark.parametrize(("holds", "step"), [(True, "resolved"), (False, "in_progress")])
def test_the_partner_says_whether_the_fix_holds(scene: Scene, holds: bool, step: str) -> None:
    ticket, desk = asked(scene), page(scene)
    scene.desk().raise_case(ticket, "a bug", None, "")
    case = next(CaseMoved.of(e).case for e in now(scene, ticket).events if e.kind is H.CASE_MOVED)
    early = desk.fix(ticket.id, case, holds=holds, form="0", seen=version(scene, ticket))
    assert isinstance(early, No) and early.why == "no_case"
    scene.desk().move_case(now(scene, ticket), case, "confirming_fix", "", None, "")
    assert isinstance(
        desk.fix(ticket.id, case, holds=holds, comment="see", form="1", seen=version(scene, ticket)), Done
    )
    after = now(scene, ticket)
    assert [CaseMoved.of(e).step for e in after.events if e.kind is H.CASE_MOVED][-1] == step
    assert after.engineering is not holds


def test_colleagues_join_and_leave_and_nobody_else(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    new = colleague(scene, "Dee")
    foreign = next(
        p.address for p in scene.month.town.people if not p.address.endswith(new.rpartition("@")[2])
    )
    for address in (foreign, GLOBAL, STAFF[0], "x", "", f"{new}\r\nBcc: x@y.example"):
        refused = desk.add_person(ticket.id, address, form=f"n{address}")
        assert isinstance(refused, No) and refused.why == "not_a_colleague"
    assert isinstance(desk.add_person(ticket.id, new, "Dee", form="1"), Done)
    assert scene.store.ticket_page(page(scene, new).scope, ticket.id) is not None
    other = page(scene, colleague(scene)).remove_person(ticket.id, new, form="2")
    assert isinstance(other, No) and other.why == "not_yours"
    assert isinstance(page(scene, new).remove_person(ticket.id, new, form="3"), Done)  # by himself
    assert scene.store.ticket_page(page(scene, new).scope, ticket.id) is None
    last = desk.remove_person(ticket.id, scene.ann.address, form="4")
    assert isinstance(last, No) and last.why == "needed"
    assert now(scene, ticket).updated_at == ticket.updated_at


def test_who_follows_no_more_sees_it_and_gets_nothing(scene: Scene) -> None:
    ticket, bo = asked(scene), page(scene, colleague(scene))
    assert isinstance(bo.follow(ticket.id, on=False, form="1"), Done)
    assert scene.store.ticket_page(bo.scope, ticket.id) is not None
    before = len(scene.letters())
    scene.desk().progress(now(scene, ticket), "We look into it.")
    scene.month.turn()
    assert [one for one in scene.letters()[before:] if bo.scope.address in one.to] == []
    alone = page(scene).follow(ticket.id, on=False, form="2")
    assert isinstance(alone, No) and alone.why == "needed"
    assert isinstance(bo.follow(ticket.id, on=True, form="3"), Done)


def test_what_is_private_exists_for_no_admin_who_is_not_on_it(scene: Scene) -> None:
    ticket, boss = asked(scene), page(scene, colleague(scene, "Boss"), admin=True)
    wanted = Wanted(now=scene.month.now)
    assert [r.id for r in scene.store.page(boss.scope, wanted).rows] == [ticket.id]
    refused = page(scene, colleague(scene)).keep_private(ticket.id, on=True, form="1")
    assert isinstance(refused, No) and refused.why == "not_yours"
    assert isinstance(page(scene).keep_private(ticket.id, on=True, form="2"), Done)
    assert scene.store.page(boss.scope, wanted).rows == ()
    assert isinstance(boss.answer(ticket.id, "x", form="3", seen=0), No)


def test_what_goes_on_from_a_private_ticket_stays_private(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    desk.keep_private(ticket.id, on=True, form="1")
    scene.desk().happen(now(scene, ticket), "closed", "done", quiet=True)
    desk.answer(ticket.id, "Once more.", form="2", seen=version(scene, ticket))
    scene.month.turn()
    new = scene.ticket(scene.store.mails(limit=1)[0])
    assert new.id != ticket.id and new.private


def test_an_admin_answers_on_a_ticket_of_his_house_and_joins_it(scene: Scene) -> None:
    ticket, boss = asked(scene), page(scene, colleague(scene, "Boss"), admin=True)
    assert isinstance(boss.answer(ticket.id, "Please hurry.", form="1", seen=version(scene, ticket)), Done)
    scene.month.turn()
    assert boss.scope.address in {p.address for p in now(scene, ticket).people}
    (relayed,) = scene.letters("relayed")
    assert set(relayed.to) == {scene.ann.address, colleague(scene)}


def test_consent_says_who_and_when(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    desk.consent(ticket.id, on=True, form="1")
    desk.consent(ticket.id, on=False, form="2")
    told = page_acts.consents(now(scene, ticket))
    assert told == {scene.ann.address: (False, scene.month.now)}
    refused = desk.consent(ticket.id, on=False, form="3")
    assert isinstance(refused, No) and refused.why == "already"


def test_a_new_request_is_such_a_mail_and_misses_nothing(scene: Scene) -> None:
    c, desk = scene.customer, page(scene)
    request = Request(
        "Reports are slow", "Since Monday, 30 seconds each.\n\nERR_2004", c.superadmin, "Zoho CRM", c.zoid, c.zuid,
        "technical support", "no",
    )  # fmt: skip
    assert request.missing() == ()
    done = desk.request(request, [PNG], form="1")
    assert isinstance(done, Done) and done.mail
    assert desk.request(request, form="1") == Done(mail=done.mail, again=True)
    scene.month.turn()
    mail = scene.store.mail(done.mail)
    assert mail is not None and mail.ticket_id is not None
    ticket = scene.ticket(mail)
    assert (ticket.channel, ticket.trusted, ticket.subject, ticket.service) == (
        "web",
        True,
        "Reports are slow",
        "Zoho CRM",
    )
    assert (ticket.missing, ticket.no_identifier, ticket.superadmin_email) == ((), False, c.superadmin)
    assert scene.letters("acknowledgment")
    shown = scene.store.ticket_page(desk.scope, ticket.id)
    assert shown and shown.said[0].files[0].name == PNG.name
    assert scene.store.file_of(desk.scope, "mail", done.mail, 0) == PNG
    for scope, index in ((desk.scope, 1), (desk.scope, -1), (page(scene, colleague(scene)).scope, 0)):
        assert scene.store.file_of(scope, "mail", done.mail, index) is None


@pytest.mark.parametrize(
    ("subject", "description", "why"),
    [("", "x", "empty"), ("x", " \n", "empty"), ("x", "y" * 30_000, "too_long")],
)
def test_a_request_that_says_nothing_is_refused(
    scene: Scene, subject: str, description: str, why: str
) -> None:
    refused = page(scene).request(Request(subject, description), form="1")
    assert isinstance(refused, No) and refused.why == why


def test_a_header_in_a_subject_stays_words(scene: Scene) -> None:
    done = page(scene).request(Request("x\r\nBcc: evil@evil.example\r\n\r\nBody", "d\x00\ud800"), form="1")
    assert isinstance(done, Done)
    mail = scene.store.mail(done.mail or 0)
    assert mail and b"\nBcc:" not in (mail.raw or b"")


def test_staff_who_answer_the_copy_reach_the_partner_and_stop_the_clock(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    desk.answer(ticket.id, "Any news?", form="1", seen=version(scene, ticket))
    scene.month.turn()
    (copy,) = scene.letters("page_answer")
    told = email.message_from_bytes(copy.raw, policy=email.policy.default)
    raw = mails.write(
        ("Cy Moor", STAFF[0]), [scene.ann.address], f"Re: {told['Subject']}", "Try it again.", scene.month.now,
        scene.id(STAFF[0]), cc=[GLOBAL], answers=[told["Message-ID"]],
    )  # fmt: skip
    scene.arrives(raw)
    assert H.STAFF_ANSWERED in [e.kind for e in now(scene, ticket).events]
    assert texts(scene, desk.scope, ticket)[-1] == "Try it again."


def test_what_staff_say_among_themselves_is_on_no_partners_page(scene: Scene) -> None:
    first = scene.asks()
    raw = mails.write(
        ("Cy Moor", STAFF[0]), [GLOBAL], f"Re: {first.subject}", "Between us: SECRET", scene.month.now,
        scene.id(STAFF[0]), answers=[first.message_id],
    )  # fmt: skip
    scene.arrives(raw)
    ticket = scene.ticket(first)
    assert not [t for t in texts(scene, page(scene).scope, ticket) if "SECRET" in t]
    assert scene.store.page(page(scene).scope, Wanted(now=scene.month.now, text="secret")).rows == ()


def test_time_over_which_a_ticket_can_be_opened_again_ends(scene: Scene) -> None:
    ticket, desk = asked(scene), page(scene)
    scene.desk().happen(ticket, "resolved", "done", quiet=True)
    scene.month.now += timedelta(days=30)
    late = page(scene).reopen(ticket.id, "", form="1", seen=version(scene, ticket))
    assert isinstance(late, No) and late.why == "too_late"
    assert desk.scope.address
