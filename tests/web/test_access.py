"""Who may see what: every page of the table x every kind of person x own, organisation's, others' ticket (P1, P9, P11, P24).

A page without its line here fails, and so does a line whose page is gone. What one may not see is 404 or the sign-in page.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.web.desk import ADA, ANNA, BEN, BO, CARL, DEE, LEE, LENA, PNG, Browser, Desk, form
from triaged.tickets.ticket import Ticket
from triaged.web import keys
from triaged.web.app import PAGES

pytestmark = pytest.mark.usefixtures("jobs_only_asked_for")

PEOPLE = {
    "nobody": "", "opener": ANNA, "cc": BO, "colleague": DEE, "admin of partner": LENA, "other partner": CARL,
    "agent": BEN, "lead": LEE, "admin": ADA,
}  # fmt: skip
PARTNERS = frozenset({"opener", "cc", "colleague", "admin of partner", "other partner"})
STAFF = frozenset({"agent", "lead", "admin"})
LEADS = frozenset({"lead", "admin"})
ALL = frozenset(PEOPLE)
SEES = frozenset({"opener", "cc", "admin of partner"})  # Anna's ticket, of partners
# page: who gets it (of a ticket: whose eyes see that ticket)
TABLE: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/"): ALL,
    ("GET", "/choices"): ALL,
    ("POST", "/choices"): ALL,
    ("GET", "/sign-in"): ALL,
    ("POST", "/sign-in"): ALL,
    ("POST", "/sign-in/again"): ALL,
    ("GET", "/sign-in/code"): ALL,
    ("POST", "/sign-in/code"): ALL,
    ("GET", "/sign-in/link/{token}"): ALL,
    ("POST", "/sign-in/link/{token}"): ALL,
    ("GET", "/sign-in/staff"): ALL,
    ("GET", "/sign-in/staff/back"): ALL,
    ("POST", "/sign-out"): ALL - {"nobody"},
    ("GET", "/tickets"): PARTNERS,
    ("GET", "/tickets/new"): PARTNERS,
    ("POST", "/tickets/new"): PARTNERS,
    ("POST", "/tickets/new/draft"): PARTNERS,
    **{("GET", f"/tickets/{{reference}}{end}"): SEES for end in ("", "/feedback")},
    **{
        ("POST", f"/tickets/{{reference}}/{end}"): SEES
        for end in (
            "answer", "draft", "close", "reopen", "feedback", "fix", "people/add", "people/remove", "follow", "private",
            "consent",
        )
    },
    ("GET", "/tickets/{reference}/session"): SEES,
    **{
        ("POST", f"/tickets/{{reference}}/session/{end}"): SEES
        for end in ("accept", "decline", "move", "cancel", "code")
    },
    ("GET", "/queue"): STAFF,
    ("GET", "/queue/news"): STAFF,
    ("GET", "/queue/next"): STAFF,
    ("POST", "/queue/bulk"): STAFF,
    ("GET", "/queue/{reference}"): STAFF,
    **{("POST", f"/queue/{{reference}}/{end}"): STAFF for end in ("here", "answer", "draft", "do/{act}", "session/code")},
    ("GET", "/screen-sharing"): STAFF,
    ("GET", "/open"): STAFF,
    ("POST", "/open"): STAFF,
    ("GET", "/try"): STAFF,
    ("POST", "/try"): STAFF,
    **{("GET", path): STAFF for path in ("/ledger", "/ledger/{number}", "/outbox", "/outbox/{number}", "/addresses")},
    ("POST", "/ledger/{number}/replay"): STAFF,
    ("POST", "/outbox/{number}/retry"): STAFF,
    ("POST", "/outbox/{number}/cancel"): STAFF,
    ("POST", "/addresses/clear"): STAFF,
    ("GET", "/reports"): STAFF,
    ("GET", "/reports.csv"): STAFF,
    ("GET", "/rules"): LEADS,
    ("GET", "/rules.csv"): LEADS,
    ("POST", "/rules/test"): LEADS,
    **{
        ("GET", f"/rules/{path}"): LEADS
        for path in ("draft", "draft/file", "draft/rules.zip", "completion", "history", "history/{number}")
    },
    **{
        ("POST", f"/rules/draft/{path}"): LEADS
        for path in ("file", "upload", "discard", "test", "backtest", "ticket", "put")
    },
    ("POST", "/rules/history/{number}/back"): LEADS,
    ("GET", "/jobs/{number}"): LEADS,
    ("POST", "/jobs/{number}/cancel"): LEADS,
    ("GET", "/model"): LEADS,
    **{("POST", f"/model/{path}"): LEADS for path in ("watch", "train", "compare", "promote")},
    ("POST", "/ledger/{number}/drop"): STAFF,
    ("GET", "/sessions"): frozenset({"admin"}),
    ("POST", "/sessions/end"): frozenset({"admin"}),
    ("GET", "/privacy"): frozenset({"admin"}),
    ("POST", "/privacy/look"): frozenset({"admin"}),
    ("POST", "/privacy/erase"): frozenset({"admin"}),
    **{("GET", f"/mails/{{number}}{end}"): SEES | STAFF for end in ("", "/original")},
    ("GET", "/files/{what}/{number}/{index}"): SEES | STAFF,
    ("GET", "/pictures/{what}/{number}/{index}"): SEES | STAFF,
}  # fmt: skip


def test_every_page_has_its_line_and_every_line_its_page() -> None:
    assert {(page.method, page.path) for page in PAGES} == set(TABLE)


@pytest.fixture(scope="module")
def ticket(desk: Desk) -> Ticket:
    page = '<p>see <img src="cid:one"></p>'
    found = desk.opened(cc=BO, html=page, files=[("shot.png", "image/png", PNG)])
    desk.mail("a private word", "please look: lena costs us too much", by=BEN, to=LEE, answers="")
    return found


@pytest.fixture(scope="module")
def browsers(desk: Desk) -> Iterator[dict[str, Browser]]:
    yield {who: desk.signed_in(address) if address else desk.browser() for who, address in PEOPLE.items()}


def address_of(desk: Desk, path: str, ticket: Ticket) -> str:
    if path.startswith("/jobs/"):
        made = desk.store.begin_job("compare", LEE, {}, desk.clock())
        number = made or getattr(desk.store.last_job("compare"), "id", 0)
        return path.replace("{number}", str(number))
    if path.startswith("/rules/history/"):
        return path.replace("{number}", str(desk.store.versions()[0].id))
    mail = desk.store.mails_on(ticket.id)[0].id
    path = (
        path.replace("{reference}", ticket.reference).replace("{what}", "mail").replace("{number}", str(mail))
    )
    return path.replace("{index}", "0").replace("{token}", keys.new()).replace("{act}", "note")


def asked(desk: Desk, browser: Browser, method: str, path: str) -> httpx2.Response:
    desk.pages.house.buckets = type(desk.pages.house.buckets)()
    if method == "GET":
        return browser.http.get(path, follow_redirects=False)
    token = form(browser.get("/choices").text, "/choices")[1]["csrf"]
    if path == "/sign-out":
        token = "not now"  # the session is needed for what follows
    return browser.http.post(
        path, data={"csrf": token, "form": keys.new(), "seen": "0"}, follow_redirects=False
    )


@pytest.mark.parametrize(("method", "path"), sorted(TABLE), ids=lambda one: one)
def test_the_table_of_access_holds(
    desk: Desk, ticket: Ticket, browsers: dict[str, Browser], method: str, path: str
) -> None:
    """P1: every route for every kind of person."""
    if path.startswith("/sign-in/staff"):
        pytest.skip("only where staff sign in at their own house: tests/web/test_oidc.py")
    place = address_of(desk, path, ticket)
    for who, browser in browsers.items():
        answer = asked(desk, browser, method, place)
        sent_away = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
        if who in TABLE[method, path]:
            assert (not sent_away and answer.status_code != 404) or "/pictures" in path, (
                who,
                answer.status_code,
            )
        elif who == "nobody":
            assert sent_away, (who, answer.status_code, answer.headers)
        else:
            assert answer.status_code == 404, (who, answer.status_code)


def test_what_one_may_not_see_and_what_is_not_there_answer_alike(
    desk: Desk, ticket: Ticket, browsers: dict[str, Browser]
) -> None:
    answers = [
        browsers["other partner"].get(f"/tickets/{one}")
        for one in (ticket.reference, "PS-999999", "nonsense")
    ]
    shown = {one.text.replace(str(one.url.path), "") for one in answers}
    assert {one.status_code for one in answers} == {404} and len(shown) == 1


def test_ids_counted_up_lead_to_nothing_of_others(desk: Desk, browsers: dict[str, Browser]) -> None:
    """P1, P9: every file, picture, mail and letter number, by somebody of another partner."""
    desk.opened("Carl's own", by=CARL)
    own = {m.id for m in desk.store.mails(sender=CARL)}
    for number in range(1, 40):
        desk.pages.house.buckets = type(desk.pages.house.buckets)()
        for place in (
            f"/mails/{number}",
            f"/mails/{number}/original",
            f"/files/mail/{number}/0",
            f"/files/letter/{number}/0",
        ):
            status = browsers["other partner"].get(place).status_code
            assert status == 404 or (number in own and "mail" in place), place


STAFF_WORDS = (
    "severity_because", "classifier", "rulebook", "assigned_to", "needs review", "uncertain", "tier 2", "triaged",
    "SECRET-NOTE", "SECRET-REVIEW", "large-account", "threshold", "ix_", "Traceback",
)  # fmt: skip


def test_no_staff_word_in_any_partner_pages_bytes(
    desk: Desk, ticket: Ticket, browsers: dict[str, Browser]
) -> None:
    desk.by().happen(ticket, "staff_noted", "SECRET-NOTE: they always shout")
    desk.by().correct(ticket, "S2", "SECRET-REVIEW of ours")
    desk.by().happen(desk.again(ticket), "escalated", "SECRET-NOTE tier 2", tier=2)
    mail = desk.store.mails_on(ticket.id)[0].id
    at = f"/tickets/{ticket.reference}"
    for who in sorted(SEES):
        for place in (
            "/tickets",
            at,
            f"{at}/feedback",
            "/tickets/new",
            f"/mails/{mail}",
            f"/mails/{mail}/original",
            "/choices",
        ):
            page = browsers[who].get(place)
            main = page.text.replace("pages_", "").lower()
            found = [word for word in STAFF_WORDS if word.lower() in main]
            assert page.status_code == 200 and not found, (who, place, found)


def test_p11_a_private_ticket_is_nothing_to_the_admin_and_a_colleague_who_left_sees_it_no_more(
    desk: Desk, browsers: dict[str, Browser]
) -> None:
    one = desk.opened("About our admin", cc=BO)
    at = f"/tickets/{one.reference}"
    assert browsers["admin of partner"].get(at).status_code == 200
    browsers["opener"].post(browsers["opener"].get(at), f"{at}/private", {})
    assert browsers["admin of partner"].get(at).status_code == 404
    assert one.reference not in browsers["admin of partner"].get("/tickets").text
    assert browsers["cc"].get(at).status_code == 200
    browsers["opener"].post(browsers["opener"].get(at), f"{at}/people/remove", {"address": BO})
    assert browsers["cc"].get(at).status_code == 404


def test_p10_a_merged_tickets_address_leads_to_its_heir(desk: Desk, browsers: dict[str, Browser]) -> None:
    kept, gone = desk.opened("First of two"), desk.opened("Second of two")
    desk.by().merge(gone, kept, "the same")
    landed = browsers["opener"].get(f"/tickets/{gone.reference}")
    assert landed.url.path == f"/tickets/{kept.reference}" and gone.reference in landed.text
    assert browsers["other partner"].get(f"/tickets/{gone.reference}").status_code == 404
