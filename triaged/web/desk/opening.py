"""A ticket for a call or a chat: what was heard is taken down, and judged and acknowledged like any mail."""

from __future__ import annotations

from email.utils import parseaddr

from starlette.responses import Response

from triaged.errors import Faulty
from triaged.walk.by_call import open_for_call
from triaged.walk.page_mail import Channel, Written
from triaged.web.desk.page import page
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit, go

_FIELDS = ("channel", "caller", "subject", "text", "mailbox")


def form(visit: Visit, error: str = "") -> Response:
    """The form, with what was typed."""
    typed = {name: visit.form.get(name)[:20_000] for name in _FIELDS}
    boxes = [box.name for box in visit.house.config.mailboxes]
    return page(visit, "open.html", status=400 if error else 200, error=error, typed=typed, mailboxes=boxes)


def take_down(visit: Visit) -> Response:
    """Open it and go there."""
    given = visit.form
    name, address = parseaddr(given.get("caller").strip())
    channel: Channel = "chat" if given.get("channel") == "chat" else "phone"
    with visit.house.store.transaction() as tx:
        if tx.take_form(visit.form.key, visit.now, None).again:
            return go("/queue?view=everything&sort=created")
    written = Written(
        address.lower(), name, given.get("subject").strip()[:300], given.get("text")[:20_000], (), channel
    )
    try:
        ticket = open_for_call(
            visit.house.store, visit.house.knowledge, written, visit.who.address, visit.now,
            mailbox=given.get("mailbox")[:100],
        )  # fmt: skip
    except Faulty as fault:
        return form(visit, "; ".join(fault.lines))
    return go(f"/queue/{ticket.reference}?said=opened")


PAGES = (get("/open", May.STAFF, form), post("/open", May.STAFF, take_down))
