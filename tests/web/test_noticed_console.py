"""The event of the console, caused and asserted by name: admins grep for it."""

from __future__ import annotations

from tests.said import listening
from tests.web.desk import ADA, BO, Desk


def test_what_is_done_at_the_console_and_is_of_no_ticket_is_told_with_who(lone: Desk) -> None:
    ada, bo = lone.signed_in(ADA), lone.signed_in(BO)
    with listening() as said:
        page = ada.get("/sessions")
        assert said.of("page.done") == []  # looking does nothing
        ada.post(page, "/sessions/end", {"address": BO})
        assert said.of("page.done") == [{"who": ADA, "what": f"1 sessions of {BO} ended"}]
    assert "/sign-in" in str(bo.get("/tickets").url)
