"""Forms that would act if a check were missing: whole, with the poster's own good token; afterwards the store is as it was.

And what one may not see costs the same work as what is not there, line by line and statement by statement. The daemon
has stopped by then, so that nothing else moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from tests.web.desk import ANNA, BEN, BO, CARL, DEE, PNG, Browser, Desk
from tests.web.test_access import PEOPLE, TABLE, address_of
from tests.web.tracing import difference, traced
from triaged.store import tables
from triaged.store.columns import to_micros
from triaged.tickets.ticket import Ticket
from triaged.web import keys
from triaged.web.desk.orders import ACTS

pytestmark = pytest.mark.usefixtures("jobs_only_asked_for")

ON_BOTH = pytest.mark.parametrize(
    "desk", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True, scope="module"
)
NOT_OF_TICKETS = {"session", "sign_in_ask", "sign_in_pass"}  # who comes and goes is no act on a ticket


@pytest.fixture(scope="module")
def scene(desk: Desk) -> dict[str, Any]:
    """Anna's: one that is worked on, with a fix to confirm and files both ways; one that is resolved."""
    html = '<p>see <img src="cid:one"></p>'
    live = desk.opened("Alive", cc=BO, html=html, files=[("shot.png", "image/png", PNG)])
    over = desk.opened(
        "Solved long ago, about invoices", "Invoices vanish.\n\nSuperAdmin: it@alder.example\n"
    )
    spare = desk.opened("Another one about labels", "Labels are cut.\n\nSuperAdmin: it@alder.example\n")
    live, case = desk.by().raise_case(live, "lab", None, "A report")
    live = desk.by().move_case(live, case, "confirming_fix", "fixed", None, "")
    desk.by().happen(over, "resolved", "done")
    desk.until_walked()
    if desk.daemon:
        desk.daemon.stop("nothing may move by itself")
        desk.daemon = None
    letter = next(
        row.id for row in desk.store.letters(limit=200) if row.ticket_id == live.id and ANNA in row.to
    )
    return {"live": live, "over": over, "spare": spare, "case": case, "letter": letter,
            "mail": desk.store.mails_on(live.id)[0].id}  # fmt: skip


@pytest.fixture(scope="module")
def browsers(desk: Desk, scene: dict[str, Any]) -> Iterator[dict[str, Browser]]:
    yield {who: desk.signed_in(address) if address else desk.browser() for who, address in PEOPLE.items()}


def filled(desk: Desk, scene: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    """Every form that changes something: the table's path, the address, the fields."""
    live, over, spare = (desk.again(scene[name]) for name in ("live", "over", "spare"))
    at, solved = "/tickets/{reference}", f"/tickets/{over.reference}"
    here = f"/tickets/{live.reference}"
    own = [
        ("consent", here, {"on": "yes"}), ("follow", here, {"on": "no"}), ("private", here, {"on": "yes"}),
        ("people/add", here, {"address": DEE}), ("people/remove", here, {"address": BO}), ("draft", here, {"text": "half"}),
        ("fix", here, {"case": scene["case"], "holds": "no", "comment": "broken"}),
        ("answer", here, {"text": "in your name", "do": "send", "anyway": "1"}),
        ("feedback", solved, {"score": "5", "comment": "good"}), ("reopen", solved, {"reason": "not solved"}),
        ("close", f"/tickets/{spare.reference}", {}),
    ]  # fmt: skip
    made = [(f"{at}/{end}", f"{place}/{end}", data) for end, place, data in own]
    queue = f"/queue/{live.reference}"
    of = {"of": live.reference}
    made += [
        (
            "/queue/{reference}/answer",
            f"{queue}/answer",
            {**of, "text": "from support", "do": "send", "sure": "1"},
        ),
        ("/queue/{reference}/draft", f"{queue}/draft", {**of, "text": "half", "which": "reply"}),
        ("/queue/{reference}/here", f"{queue}/here", of),
    ]
    made += [
        ("/queue/{reference}/do/{act}", f"{queue}/do/{name}", {**of, **_order(name, spare)}) for name in ACTS
    ]
    mark = f"{spare.reference}@{to_micros(spare.updated_at)}"
    return [
        *made,
        ("/queue/bulk", "/queue/bulk", {"chosen": mark, "do": "close", "sure": "quiet", "back": "/queue"}),
        ("/open", "/open", {"caller": f"Anna <{ANNA}>", "subject": "called", "text": "It is slow.", "mailbox": "global"}),
        ("/ledger/{number}/replay", f"/ledger/{scene['mail']}/replay", {"reason": "again"}),
        ("/outbox/{number}/retry", f"/outbox/{scene['letter']}/retry", {"reason": "again"}),
        ("/outbox/{number}/cancel", f"/outbox/{scene['letter']}/cancel", {"reason": "no"}),
        ("/addresses/clear", "/addresses/clear", {"address": ANNA}),
        ("/privacy/look", "/privacy/look", {"address": BO}),
        ("/privacy/erase", "/privacy/erase", {"address": DEE, "again": DEE}),
        ("/sessions/end", "/sessions/end", {"address": ANNA}),
        ("/try", "/try", {"mail": "From: a@b.example\n\nhello", "mailbox": "global"}),
        ("/rules/test", "/rules/test", {}),
        ("/tickets/new", "/tickets/new", {"subject": "s", "description": "d", "do": "send"}),
        ("/tickets/new/draft", "/tickets/new/draft", {"subject": "half"}),
    ]  # fmt: skip


def _order(act: str, other: Ticket) -> dict[str, str]:
    """What an act of staff needs."""
    given = {
        "severity": {"severity": "S1", "reason": "grave"}, "assign": {"person": BEN}, "note": {"text": "a note"},
        "account": {"account": "alder"}, "escalate": {"tier": "2"}, "update": {"text": "We look into it."},
        "case": {"step": "submitted", "report": "r"}, "merge": {"into": other.reference, "sure": "1"},
        "split": {"subject": "the other", "sure": "1"}, "snooze": {"until": "2027-01-04", "reason": "away"},
        "relate": {"other": other.reference, "how": "duplicate"}, "take-back": {"key": "x"},
    }  # fmt: skip
    return given.get(act, {"reason": "because"})


def kept(desk: Desk) -> dict[str, list[Any]]:
    """The whole store but for who is signed in."""
    found: dict[str, list[Any]] = {}
    with desk.store._engines.reader.connect() as connection:
        for name, table in sorted(tables.metadata.tables.items()):
            if name not in NOT_OF_TICKETS:
                found[name] = sorted(map(repr, connection.execute(select(table)).all()))
    return found


def token_of(desk: Desk, browser: Browser) -> str:
    """The token of this browser's forms, as its pages would show it."""
    had = {one.name: one.value for one in browser.http.cookies.jar}
    if not had:
        browser.get("/sign-in")
        had = {one.name: one.value for one in browser.http.cookies.jar}
    key = had.get("pages_session") or had["pages_browser"]
    return keys.form_token(keys.hashed(key), desk.pages.house.secret)


def posted(desk: Desk, browser: Browser, place: str, data: dict[str, str], seen: int) -> httpx2.Response:
    desk.pages.house.buckets = type(desk.pages.house.buckets)()
    token = token_of(desk, browser)
    return browser.http.post(
        place, data={"csrf": token, "form": keys.new(), "seen": str(seen), **data}, follow_redirects=False
    )


def version(desk: Desk, place: str, scene: dict[str, Any]) -> int:
    ticket = next(
        (t for t in (scene["live"], scene["over"], scene["spare"]) if t.reference in place), scene["live"]
    )
    return max(one.id for one in desk.again(ticket).events)


@ON_BOTH
def test_no_form_of_anybody_who_may_not_moves_anything(
    desk: Desk, scene: dict[str, Any], browsers: dict[str, Browser]
) -> None:
    forms = filled(desk, scene)
    wanted = {
        path for method, path in TABLE if method == "POST" and not path.startswith(("/sign-", "/choices"))
    }
    elsewhere = wanted - {
        path for path, _, _ in forms
    }  # filled in test_rulebook, test_model_page, test_screen_sharing
    assert all(
        path.startswith(("/rules/", "/model/", "/jobs/", "/ledger/")) or "/session/" in path
        for path in elsewhere
    )
    forms += [(path, address_of(desk, path, desk.again(scene["live"])), {}) for path in sorted(elsewhere)]
    before = kept(desk)
    for path, place, data in forms:
        seen = version(desk, place, scene)
        for who in sorted(set(PEOPLE) - TABLE["POST", path]):
            answer = posted(desk, browsers[who], place, data, seen)
            expected = 303 if who == "nobody" else 404
            assert answer.status_code == expected, (who, place, answer.status_code)
            if who == "nobody":
                assert answer.headers["location"] == "/sign-in?next=%2F&kept=0", place
    after = kept(desk)
    assert {name for name in before if before[name] != after[name]} == set()


@ON_BOTH
def test_ids_of_others_do_nothing_within_a_form_either(
    desk: Desk, scene: dict[str, Any], browsers: dict[str, Browser]
) -> None:
    """Anna's own form with a foreign case, person, merge target, or ticket number in it."""
    foreign = desk.store.ticket_by_reference(scene["spare"].reference)
    assert foreign
    here = f"/tickets/{scene['live'].reference}"
    seen = version(desk, here, scene)
    before = kept(desk)
    for place, data in (
        (f"{here}/people/add", {"address": CARL}), (f"{here}/people/add", {"address": "partner-support@desk.example"}),
        (f"{here}/people/remove", {"address": CARL}), (f"{here}/fix", {"case": "CP-999", "holds": "yes"}),
        (f"{here}/fix", {"case": "", "holds": "yes"}), (f"{here}/feedback", {"score": "5"}),
        (f"{here}/reopen", {"reason": "x"}),
    ):  # fmt: skip
        answer = posted(desk, browsers["opener"], place, data, seen)
        assert answer.status_code == 400, (place, data, answer.status_code)
    for who, end in (("cc", "close"), ("cc", "private"), ("admin of partner", "private")):
        assert posted(desk, browsers[who], f"{here}/{end}", {"on": "yes"}, seen).status_code == 400, (
            who,
            end,
        )
    after = kept(desk)
    assert {name for name in before if before[name] != after[name]} <= {"form"}


def plain(done: list[Any]) -> list[Any]:
    """Without what depends on the length of a form alone."""
    return [one for one in done if not (isinstance(one, tuple) and one[0] == "web/forms.py")]


@ON_BOTH
def test_a_foreign_id_costs_the_same_work_as_one_that_is_not_there(
    desk: Desk, scene: dict[str, Any], browsers: dict[str, Browser]
) -> None:
    carl = browsers["other partner"]
    mine = {
        scene["live"].reference: "PS-9999",
        scene["over"].reference: "PS-9998",
        scene["spare"].reference: "PS-9997",
    }
    tried = [("GET", f"/tickets/{scene['live'].reference}{end}", {}) for end in ("", "/feedback")]
    tried += [
        ("POST", place, data) for path, place, data in filled(desk, scene) if path.startswith("/tickets/{")
    ]
    pairs = []
    for method, place, data in tried:
        reference = place.split("/")[2]
        pairs.append((method, place, place.replace(reference, mine[reference]), data))
    for what, number in (("mail", scene["mail"]), ("letter", scene["letter"])):
        pairs += [
            ("GET", f"/{end}/{what}/{number}/0", f"/{end}/{what}/9999/0", {}) for end in ("files", "pictures")
        ]
    pairs += [("GET", f"/mails/{scene['mail']}{end}", f"/mails/9999{end}", {}) for end in ("", "/original")]
    for method, foreign, absent, data in pairs:
        (one, its), (other, others) = (
            traced(desk, carl, place, data if method == "POST" else None) for place in (foreign, absent)
        )
        assert one == other == 404, (foreign, one, other)
        assert [x for x in its if isinstance(x, str)], foreign
        assert difference(plain(its), plain(others)) == [], foreign


@ON_BOTH
def test_of_those_who_may_the_same_forms_do_act(
    desk: Desk, scene: dict[str, Any], browsers: dict[str, Browser]
) -> None:
    """The forms are good ones: last, since they change everything."""
    reads = {"/queue/{reference}/here", "/try", "/rules/test"}
    harmless = {
        "/addresses/clear",
        "/outbox/{number}/retry",
        "/outbox/{number}/cancel",
    }  # nothing is wrong with it
    passed = {"/queue/{reference}/do/take-back", "/queue/{reference}/do/unmerge"}  # nothing to be taken back
    last = ("/merge", "/privacy/erase", "/sessions/end", "do/close", "do/resolve")
    stuck: set[str] = set()
    order = sorted(
        filled(desk, scene),
        key=lambda one: next((n for n, end in enumerate(last, 1) if one[1].endswith(end)), 0),
    )
    for path, place, data in order:
        if path in harmless or any(place.endswith(one.rpartition("/")[2]) for one in passed):
            continue
        if path == "/queue/bulk":
            spare = desk.again(scene["spare"])
            desk.by().happen(spare, "reopened", "for bulk")
            data = {**data, "chosen": f"{spare.reference}@{to_micros(desk.again(spare).updated_at)}"}
        who = "opener" if path.startswith("/tickets") else "admin"
        before = kept(desk)
        answer = posted(desk, browsers[who], place, data, version(desk, place, scene))
        if answer.status_code == 400 and path.startswith("/queue/"):
            act = place.rpartition("/")[2]
            stuck |= (
                set() if act.startswith("session-") else {act}
            )  # a good form, and the ticket in no state for it
            continue
        assert answer.status_code in (200, 303), (place, answer.status_code, answer.text[:3000])
        if path not in reads and path != "/sessions/end":
            assert kept(desk) != before, place
    assert stuck <= {
        "account",
        "close",
        "resolve",
        "reviewed",
        "reopen",
        "case",
        "merge",
        "split",
        "identify",
        "update",
    }
