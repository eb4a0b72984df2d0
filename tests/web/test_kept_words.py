"""What somebody typed outlives the end of his session and of his form's token, files and all (P13), and no one else gets it."""

from __future__ import annotations

from tests.web.desk import ANNA, BO, PNG, Desk

NEW, FIELDS = (
    "/tickets/new",
    {"subject": "Half a request", "description": "It took me long", "zoid": "6003", "do": "send"},
)


def test_p13_a_request_sent_after_the_session_stands_there_again_with_all_its_files(quiet: Desk) -> None:
    """Those kept from a first try, too, though the form brings only their names."""
    anna = quiet.signed_in(ANNA)
    first = anna.post(anna.get(NEW), NEW, FIELDS, files=[("shot.png", PNG), ("bad.png", b"<html>")])
    assert first.status_code == 400 and "0:shot.png" in first.text
    quiet.clock.move(hours=13)
    late = anna.post(first, NEW, {**FIELDS, "kept": "0:shot.png"}, files=[("more.txt", b"more")])
    assert "/sign-in?next=%2Ftickets%2Fnew" in str(late.url) and "is kept" in late.text
    landed = anna.post(anna.get(quiet.link(ANNA, NEW)), "/sign-in/link/")
    assert landed.url.path == NEW
    for typed in ("Half a request", "It took me long", "6003", "0:shot.png", "1:more.txt"):
        assert typed in landed.text, typed


def test_p13_a_form_opened_before_signing_in_anew_in_another_tab_keeps_its_text(quiet: Desk) -> None:
    anna = quiet.signed_in(ANNA)
    tab = anna.get(NEW)
    quiet.clock.move(hours=13)
    anna.post(anna.get(quiet.link(ANNA)), "/sign-in/link/")
    landed = anna.post(tab, NEW, FIELDS, files=[("shot.png", PNG)])
    assert (landed.status_code, landed.url.path) == (200, NEW) and "It took me long" in landed.text
    assert "0:shot.png" in landed.text and not quiet.store.waiting_mail()  # nothing was sent by it
    sent = anna.post(landed, NEW, {**FIELDS, "kept": "0:shot.png"})
    assert sent.url.path == "/tickets" and quiet.store.waiting_mail() == 1


def test_what_one_typed_is_never_kept_for_another_who_signs_in_on_the_same_browser(quiet: Desk) -> None:
    shared = quiet.signed_in(ANNA)
    tab = shared.get(NEW)
    shared.post(shared.get("/choices"), "/sign-out")
    shared.post(shared.get(quiet.link(BO)), "/sign-in/link/")
    assert shared.post(tab, NEW, FIELDS).status_code == 403
    assert "It took me long" not in shared.get(NEW).text
    assert (
        quiet.store.draft(ANNA, "new", "request") is None and quiet.store.draft(BO, "new", "request") is None
    )


def test_a_form_of_a_former_session_does_nothing_that_is_no_text(quiet: Desk) -> None:
    """Its token keeps words; it signs nobody out, ends nothing, and is too old after some days."""
    anna = quiet.signed_in(ANNA)
    tab = anna.get(NEW)
    anna.post(anna.get("/choices"), "/sign-out")
    anna.post(anna.get(quiet.link(ANNA)), "/sign-in/link/")
    assert anna.post(tab, "/sign-out").status_code == 403
    assert anna.post(tab, "/choices", {"language": "ja"}).status_code == 403
    quiet.clock.move(days=4)
    anna.post(anna.get(quiet.link(ANNA)), "/sign-in/link/")
    assert anna.post(tab, NEW, FIELDS).status_code == 403


def test_a_draft_typed_on_after_the_session_is_kept_and_said_to_be_only_then(quiet: Desk) -> None:
    """The script reads `kept=0` in the address it is sent to."""
    anna = quiet.signed_in(ANNA)
    from tests.web.desk import form

    hidden = form(anna.get(NEW).text, NEW)[1]
    quiet.clock.move(hours=13)
    kept = anna.http.post(f"{NEW}/draft", data={**hidden, **FIELDS}, follow_redirects=False)
    assert kept.headers["location"].endswith("kept=1")
    assert quiet.store.draft(ANNA, "new", "request") is not None
    quiet.store.end_sessions_of(ANNA, "ended by ada", quiet.clock())
    lost = anna.http.post(f"{NEW}/draft", data={**hidden, **FIELDS}, follow_redirects=False)
    assert lost.headers["location"].endswith("kept=0")
