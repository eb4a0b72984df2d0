"""The ledger of received mail with the quarantine, the outbox, and addresses that letters do not reach: look, try again,
drop with a reason, as the commands do. What is done stands in the ticket's story where there is one, and in the log.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from triaged import maillog
from triaged.store.rows import Fate, LedgerMail, LetterRow, LetterState
from triaged.walk.by_hand import ByHand
from triaged.web.desk.page import hand, page
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit, go, number

_ROWS = 50


def mails(visit: Visit) -> Response:
    """Mails, newest first: each with its one fate."""
    fate = visit.query("fate")
    fate = fate if fate in list(Fate) else ""
    boxes = [box.name for box in visit.house.config.mailboxes]
    mailbox = visit.query("mailbox") if visit.query("mailbox") in boxes else None
    sender = visit.query("from").strip()
    rows = visit.house.store.mails(
        fate=fate or None,
        mailbox=mailbox,
        sender=sender or None,
        before_id=number(visit.query("before")) or None,
        limit=_ROWS + 1,
    )
    asked = {"fate": fate, "mailbox": mailbox or "", "from": sender}
    more = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    return page(
        visit, "ledger.html", rows=rows[:_ROWS], asked=asked, more=more, fates=list(Fate), mailboxes=boxes,
        said=visit.query("said"),
    )  # fmt: skip


def mail(visit: Visit) -> Response:
    """One mail: where it lay on the server, when it came, what became of it and why."""
    row = _mail(visit)
    return page(visit, "ledger_mail.html", row=row, said=visit.query("said"))


def replay(visit: Visit) -> Response:
    """Walk it again from its raw bytes; one on a ticket stays on it."""
    row = _mail(visit)
    if visit.house.store.replay([row.id], visit.now):
        _told(visit, row.ticket_id, f"mail {row.id} is walked again", visit.form.get("reason"))
    return go(f"/ledger/{row.id}?said=replayed")


def drop(visit: Visit) -> Response:
    """A quarantined mail that nobody needs: skipped, with a reason."""
    row, reason = _mail(visit), visit.form.get("reason").strip()[:1000]
    if not reason:
        return go(f"/ledger/{row.id}?said=reason")
    done = visit.house.store.drop([row.id], visit.who.address, reason, visit.now)
    if done:
        _told(visit, row.ticket_id, f"mail {row.id} is dropped", reason)
    return go(f"/ledger/{row.id}?said={'dropped' if done else 'not'}")


def letters(visit: Visit) -> Response:
    """Letters and their fate, newest first."""
    state = visit.query("state")
    state = state if state in list(LetterState) else ""
    address = visit.query("to").strip().lower()
    rows = visit.house.store.letters(
        state=state or None,
        address=address or None,
        before_id=number(visit.query("before")) or None,
        limit=_ROWS + 1,
    )
    more = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    return page(
        visit, "outbox.html", rows=rows[:_ROWS], asked={"state": state, "to": address}, more=more,
        states=list(LetterState), said=visit.query("said"),
    )  # fmt: skip


def letter(visit: Visit) -> Response:
    """One letter as it leaves. One that signs somebody in is shown without its words: they are a key."""
    row = _letter(visit)
    raw = "" if row.kind == "sign_in" else (row.raw or b"").decode("utf-8", "replace").replace("\r\n", "\n")
    return page(visit, "outbox_letter.html", row=row, raw=raw, said=visit.query("said"))


def retry(visit: Visit) -> Response:
    """Send it again, with its old Message-ID."""
    row = _letter(visit)
    done = visit.house.store.retry([row.id], visit.now)
    if done:
        _told(visit, row.ticket_id, f"letter {row.id} is sent again", visit.form.get("reason"))
    return go(f"/outbox/{row.id}?said={'retried' if done else 'not'}")


def cancel(visit: Visit) -> Response:
    """Withdraw it before it leaves, with a reason."""
    row, reason = _letter(visit), visit.form.get("reason").strip()[:1000]
    if not reason:
        return go(f"/outbox/{row.id}?said=reason")
    done = visit.house.store.cancel([row.id], reason, visit.now, visit.who.address)
    return go(f"/outbox/{row.id}?said={'cancelled' if done else 'not'}")


def addresses(visit: Visit) -> Response:
    """Whom our letters do not reach."""
    return page(visit, "addresses.html", rows=visit.house.store.failed_addresses(), said=visit.query("said"))


def clear(visit: Visit) -> Response:
    """Letters go there again."""
    address = visit.form.get("address").strip().lower()[:320]
    done = visit.house.store.clear_address(address)
    if done:
        maillog.done_by_page(visit.who.address, f"address {address} gets letters again")
    return go(f"/addresses?said={'cleared' if done else 'not'}")


def _told(visit: Visit, ticket_id: int | None, what: str, reason: str) -> None:
    """In the log, and in the story of the ticket that it is of."""
    maillog.done_by_page(visit.who.address, what)
    ticket = visit.house.store.ticket(ticket_id) if ticket_id else None
    if ticket is not None:
        by: ByHand = hand(visit, guarded=False)
        words = f"{what}: {reason.strip()[:1000]}" if reason.strip() else what
        by.happen(ticket, "staff_noted", words)


def _mail(visit: Visit) -> LedgerMail:
    row = visit.house.store.mail(number(visit.request.path_params["number"]))
    if row is None:
        raise HTTPException(404)
    return row


def _letter(visit: Visit) -> LetterRow:
    row = visit.house.store.letter(number(visit.request.path_params["number"]))
    if row is None:
        raise HTTPException(404)
    return row


PAGES = (
    get("/ledger", May.STAFF, mails),
    get("/ledger/{number}", May.STAFF, mail),
    post("/ledger/{number}/replay", May.STAFF, replay),
    post("/ledger/{number}/drop", May.STAFF, drop),
    get("/outbox", May.STAFF, letters),
    get("/outbox/{number}", May.STAFF, letter),
    post("/outbox/{number}/retry", May.STAFF, retry),
    post("/outbox/{number}/cancel", May.STAFF, cancel),
    get("/addresses", May.STAFF, addresses),
    post("/addresses/clear", May.STAFF, clear),
)
