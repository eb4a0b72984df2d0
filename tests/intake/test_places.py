"""A mailbox's folders are found wherever its server keeps them, and told of where they are not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.intake.scene import mail, mailbox, subjects
from tests.servers.dovecot import Dovecot
from triaged.intake import imap, places
from triaged.intake.after import Mover
from triaged.intake.mailbox import Incomplete, MailboxLoop
from triaged.store import Store

Loops = Callable[..., MailboxLoop]
OLD = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE NAMESPACE SPECIAL-USE"


@pytest.fixture(scope="module")
def below_inbox() -> Iterator[Dovecot]:
    """Every folder below `INBOX.`, Sent under a name of its own."""
    server = Dovecot(prefix="INBOX.", separator=".", special_use={"Sent Items": "Sent"}).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def poor() -> Iterator[Dovecot]:
    """Neither MOVE nor UIDPLUS."""
    server = Dovecot(capability=OLD).start()
    yield server
    server.stop()


def test_sent_is_found_by_its_mark_and_new_folders_go_below_the_prefix(
    below_inbox: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    below_inbox.append(user, mail(0), mail(1))
    loop = make_loop(below_inbox, sent_folder="Sent")
    assert loop.poll_once() == 2
    below_inbox.append(user, mail(2), folder="INBOX.Sent Items")
    assert loop.poll_once() == 1
    assert {(row.folder, row.sent_folder) for row in store.mails()} == {
        ("INBOX", False),
        ("INBOX.Sent Items", True),
    }
    assert len(below_inbox.contents(user, "INBOX.Triaged")) == 2
    assert store.mailbox_states()[0].failures == 0


@pytest.mark.parametrize(
    ("called", "there"),
    [
        ("Support", "INBOX.Support"),
        ("INBOX.Support", "INBOX.Support"),
        ("Support/EU", "INBOX.Support.EU"),
        ("INBOX/Support/EU", "INBOX.Support.EU"),
        ("Störung/Büro", "INBOX.Störung.Büro"),
        ("inbox", "INBOX"),
    ],
)
def test_a_name_is_read_below_the_prefix_and_with_the_servers_delimiter(
    called: str, there: str, below_inbox: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    below_inbox.append(user, mail(0), folder=there)
    loop = make_loop(below_inbox, folder=called, after={"move_to": "Done/Triaged"})
    assert loop.poll_once() == 1
    assert [row.folder for row in store.mails()] == [there]
    assert len(below_inbox.contents(user, "INBOX.Done.Triaged")) == 1


def test_a_folder_that_stands_under_the_exact_name_is_taken_before_a_marked_one(
    dovecot: Dovecot, make_loop: Loops, user: str, tmp_path: Any
) -> None:
    dovecot.append(user, mail(0), folder="Sent")
    client = imap.connect(mailbox(dovecot, user, tmp_path / "secret").imap)  # type: ignore[arg-type]
    found = places.find(client, mailbox(dovecot, user, tmp_path / "secret", sent_folder="Sent").imap)  # type: ignore[arg-type]
    imap.part(client)
    assert (found.inbox, found.sent, found.move_to, found.faults) == ("INBOX", "Sent", "Triaged", ())


@pytest.mark.parametrize("key", ["folder", "sent_folder"])
def test_what_cannot_be_found_is_a_fault_with_its_remedy(
    key: str, dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    dovecot.append(user, mail(0), folder="Suport")
    dovecot.append(user, mail(1))
    with pytest.raises(Exception, match=f"no folder 'Support'; did you mean 'Suport'.; .*change {key}"):
        make_loop(dovecot, **{key: "Support"}).poll_once()
    (state,) = store.mailbox_states()
    assert (state.failures, f"change {key}" in str(state.error)) == (1, True)
    # Without Sent the inbox is read all the same
    assert len(store.mails()) == (1 if key == "sent_folder" else 0)


def test_a_folder_where_nothing_may_be_made_is_a_fault_and_loses_nothing(
    below_inbox: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    below_inbox.append(user, mail(0))
    monkeypatch.setattr(places._Server, "new", lambda _self, name: name)  # as it was: outside every namespace
    with pytest.raises(Incomplete, match=r"kept mail cannot be moved to Triaged: .*create the folder"):
        make_loop(below_inbox).poll_once()
    assert (subjects(store), len(below_inbox.contents(user))) == (["Case 0"], 1)


def deleted(server: Dovecot, user: str) -> list[int]:
    """What is marked \\Deleted in the inbox."""
    client = server.client(user)
    client.select_folder("INBOX", readonly=True)
    found = client.search("DELETED")
    client.logout()
    return sorted(found)


def marks(server: Dovecot, user: str, *uids: int) -> None:
    """A person deletes mails in a mail program, which does not expunge yet."""
    client = server.client(user)
    client.select_folder("INBOX")
    client.delete_messages(list(uids))
    client.logout()


def test_a_server_without_move_and_uidplus_keeps_one_copy_and_no_original(
    poor: Dovecot, make_loop: Loops, user: str
) -> None:
    poor.append(user, mail(0), mail(1))
    loop = make_loop(poor)
    assert (loop.poll_once(), loop.poll_once()) == (2, 0)
    assert (poor.contents(user), len(poor.contents(user, "Triaged"))) == ({}, 2)


def test_what_people_deleted_is_never_expunged_and_ours_goes_when_it_can(
    poor: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    poor.append(user, mail(0), mail(1))
    marks(poor, user, 1)
    loop = make_loop(poor)
    assert loop.poll_once() == 2
    assert deleted(poor, user) == [1, 2]  # ours waits, as somebody else's mail would go with it
    assert len(poor.contents(user, "Triaged")) == 1
    poor.append(user, mail(2))
    assert loop.poll_once() == 1
    assert deleted(poor, user) == [1, 2, 3]
    client = poor.client(user)
    client.select_folder("INBOX")
    client.remove_flags([1], ["\\Deleted"])
    client.logout()
    poor.append(user, mail(3))
    loop.close()
    assert loop.poll_once() == 1
    assert (poor.contents(user), len(poor.contents(user, "Triaged"))) == ({}, 4)


@pytest.mark.parametrize("step", ["copy", "delete_messages", "expunge"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_between_the_steps_of_a_move_leaves_no_second_copy(
    step: str, before: bool, poor: Dovecot, make_loop: Loops, store: Store, user: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    class Cut(BaseException):
        pass

    poor.append(user, mail(0), mail(1), mail(1))  # two of them alike but for their place
    plain = getattr(imap.Client, step)

    def die(*arguments: Any, **more: Any) -> Any:
        if not before:
            plain(*arguments, **more)
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(imap.Client, step, die)
        with pytest.raises(Cut):
            make_loop(poor).poll_once()
    loop = make_loop(poor)
    assert (loop.poll_once(), loop.poll_once()) == (0, 0)
    assert poor.contents(user) == {}
    assert len(poor.contents(user, "Triaged")) == 3


def test_moves_of_a_folder_that_was_made_anew_are_forgotten(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dovecot.append(user, mail(0), folder="Support")
    with monkeypatch.context() as patch:
        patch.setattr(Mover, "settle", lambda *_, again: [])
        assert make_loop(dovecot, folder="Support").poll_once() == 1
    (row,) = store.mails()
    assert store.unmoved("global", "Support", row.uidvalidity or 0) == [1]
    client = dovecot.client(user)
    client.delete_folder("Support")
    client.logout()
    time.sleep(1.1)  # Dovecot makes UIDVALIDITY from the second
    dovecot.append(user, mail(1), folder="Support")
    assert make_loop(dovecot, folder="Support").poll_once() == 1
    assert store.unmoved("global", "Support", row.uidvalidity or 0) == []
    assert len(dovecot.contents(user, "Triaged")) == 1
