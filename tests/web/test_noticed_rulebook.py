"""What of a lead's draft nobody would have noticed: given up, taken back to what is in force, faulty, overtaken, too much at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.store.samples import arrival, open_tickets
from tests.web.desk import ADA, ANNA, LEE, Browser, Desk, form, opened_desk, small_rules
from tests.web.test_rulebook import MAIL, OURS, TILLS, edit, packed, put, standing, uploaded
from triaged.rulebook.loading import version_of
from triaged.store.rows import Fate, Finished

DRAFT = "/rules/draft"
FAULTY = "rulez: []\n"


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Desk]:
    """Pages without a daemon over a small rulebook, for this file."""
    folder = tmp_path_factory.mktemp("calm-rules")
    small_rules(folder)
    (folder / "triaged.db").write_bytes(empty_database.read_bytes())
    with opened_desk(folder, f"sqlite:///{folder}/triaged.db", daemon=False) as made:
        yield made


@pytest.fixture
def lee(calm: Desk) -> Browser:
    """A lead without a draft."""
    calm.pages.house.buckets = type(calm.pages.house.buckets)()
    for one in calm.store.all_draft_files():
        calm.store.drop_draft_files([one.mark])
    return calm.signed_in(LEE)


def drafts(desk: Desk, address: str = LEE) -> dict[str, str | None]:
    return {one.name: one.text for one in desk.store.draft_files(address)}


def test_a_file_given_up_is_gone_from_ones_own_draft_and_from_no_other(calm: Desk, lee: Browser) -> None:
    ada = calm.signed_in(ADA)
    edit(ada, TILLS, OURS)
    edit(lee, TILLS, OURS)
    edit(lee, "61-more.yaml", OURS.replace("tills", "more"))
    theirs = calm.store.draft_files(ADA)[0].mark
    refused = edit(lee, TILLS, "", do="revert", mark=theirs)
    assert refused.status_code == 200 and drafts(calm, ADA) == {TILLS: OURS} and len(drafts(calm)) == 2
    done = edit(lee, TILLS, "", do="revert")
    assert "said=reverted" in str(done.url)
    assert list(drafts(calm)) == ["61-more.yaml"] and drafts(calm, ADA) == {TILLS: OURS}


def test_a_file_as_it_is_in_force_is_no_change(calm: Desk, lee: Browser) -> None:
    name = "60-answers.yaml"
    text = standing(calm)[name]
    page = lee.get(f"{DRAFT}/file?name={name}")
    assert "said=saved" in str(edit(lee, name, text).url) and drafts(calm) == {}
    edit(lee, name, text + "# more\n")
    assert drafts(calm) == {name: text + "# more\n"}
    assert edit(lee, name, text, page).status_code == 409 and len(drafts(calm)) == 1  # another window
    assert "said=saved" in str(edit(lee, name, text).url) and drafts(calm) == {}


@pytest.mark.parametrize(
    ("name", "text", "do", "kept", "lands"),
    [
        (TILLS, OURS, "save", {TILLS: OURS}, f"{DRAFT}/file"),
        (TILLS, OURS, "remove", {}, DRAFT),
        ("no rulebook.txt", OURS, "save", {}, DRAFT),
    ],
)
def test_p13_of_what_was_sent_after_the_session_only_a_file_to_be_saved_is_kept(
    calm: Desk, lee: Browser, name: str, text: str, do: str, kept: dict[str, str], lands: str
) -> None:
    hidden = form(lee.get(f"{DRAFT}/file?name={TILLS}").text, f"{DRAFT}/file")[1]
    calm.clock.move(hours=200)
    sent = {**hidden, "name": name, "text": text, "do": do}
    late = lee.http.post(f"{DRAFT}/file", files={key: (None, value) for key, value in sent.items()})
    assert late.url.path == "/sign-in" and late.url.params["next"].partition("?")[0] == lands
    assert drafts(calm) == kept


def test_a_faulty_draft_is_not_tested_nor_tried_on_stored_mail(calm: Desk, lee: Browser) -> None:
    ticket = of_a_mail(calm)
    edit(lee, TILLS, FAULTY)
    csrf = form(lee.get(DRAFT).text, "/sign-out")[1]["csrf"]
    for what in ("test", "backtest"):
        answer = lee.http.post(f"{DRAFT}/{what}", data={"csrf": csrf, "since": "30d"})
        assert answer.status_code == 400 and "It has faults; they come first." in answer.text, what
    assert calm.store.last_job("backtest") is None
    for word, told in ((ticket, "unknown key"), ("PS-999999", "PS-999999: no such ticket, or no mail")):
        answer = lee.http.post(f"{DRAFT}/ticket", data={"csrf": csrf, "reference": word})
        assert answer.status_code == 400 and told in answer.text


def of_a_mail(desk: Desk) -> str:
    """The reference of a ticket that a kept mail has opened."""
    store, now = desk.store, desk.clock()
    (kept,) = store.keep([arrival(9)], now=now)
    store.claim_mail(9, now, "one", timedelta(minutes=5))
    (ticket,) = open_tickets(store)
    with store.transaction() as tx:
        done = Finished(
            mail_id=kept.id,
            fate=Fate.TICKET,
            kind="request",
            why="new",
            ticket_id=ticket.id,
            sender=ANNA,
            reading={},
        )
        tx.finish_mail(done, "one", now)
    return ticket.reference


def test_a_put_on_a_rulebook_that_others_changed_meanwhile_is_refused_with_its_reason_kept(
    calm: Desk, lee: Browser
) -> None:
    before = standing(calm)
    edit(lee, TILLS, OURS)
    page = lee.get(DRAFT)
    more = calm.folder / "rules" / "61-more.yaml"
    more.write_text(OURS.replace("tills", "more"), "utf-8")
    try:
        late = put(lee, "shops call us", page)
        assert late.status_code == 409 and "shops call us" in late.text
        assert f"is at {version_of(standing(calm))} now" in late.text
        assert set(standing(calm)) == {*before, more.name} and drafts(calm) == {TILLS: OURS}
    finally:
        more.unlink()


@pytest.mark.parametrize("number", ["999", "0", "x"])
def test_a_version_that_never_was_is_not_found(calm: Desk, lee: Browser, number: str) -> None:
    assert lee.get(f"/rules/history/{number}").status_code == 404


def locked() -> bytes:
    """Two files, of which the first says that it is locked by a password."""
    made = bytearray(packed("61-a.yaml", "62-b.yaml"))
    made[made.index(b"PK\x03\x04") + 6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


A = b"lists: {a: [b]}\n"
MANY = [(f"{n}.yaml", A.replace(b"a", b"a%d" % n)) for n in range(10, 111)]
LARGE = [(f"{n}.yaml", b"#" * 900_000) for n in range(10, 19)]
TWO = [(f"{one}.zip", packed(*(f"{one}{n}.yaml" for n in range(5)), content=b"#" * 900_000)) for one in "12"]


@pytest.mark.parametrize(
    ("files", "refused", "told"),
    [
        ([("a.zip", locked())], 1, "it is locked by a password"),
        (MANY, 1, "a rulebook has at most 100 files"),
        (LARGE, 1, "all files together are larger than 8,000,000 bytes"),
        (TWO, 2, "all files together are larger than 8,000,000 bytes"),
    ],
    ids=["locked", "many", "large", "large in two"],
)
def test_p18_what_is_locked_or_too_much_is_named_and_nothing_is_taken(
    calm: Desk, lee: Browser, files: list[tuple[str, bytes]], refused: int, told: str
) -> None:
    answer = uploaded(lee, files)
    assert answer.status_code == 400 and answer.text.count(told) == refused, answer.text[:3000]
    assert drafts(calm) == {}


def test_as_many_files_as_a_rulebook_may_have_are_taken(calm: Desk, lee: Browser) -> None:
    assert uploaded(lee, MANY[:-1]).status_code == 200
    assert len(drafts(calm)) == 100


# -- a mail that is tried -----------------------------------------------------------------------------


def test_a_mail_is_not_tried_beside_an_upload_that_was_not_taken_whole(calm: Desk, lee: Browser) -> None:
    answer = lee.post(lee.get("/try"), "/try", {"mail": MAIL}, files=[("a.zip", locked())])
    assert answer.status_code == 400 and "a.zip/61-a.yaml: it is locked by a password" in answer.text
    assert "the tills are down" in answer.text


def test_a_mail_of_the_ledger_stands_in_the_field_and_one_that_is_none_is_not_found(
    calm: Desk, lee: Browser
) -> None:
    (mail,) = calm.store.keep([arrival(2)], now=calm.clock())
    assert "Records vanish when I save. 2" in lee.get(f"/try?mail={mail.id}").text
    for number in ("99999", "x", "-1", "9" * 20):
        assert lee.get(f"/try?mail={number}").status_code == 404, number
