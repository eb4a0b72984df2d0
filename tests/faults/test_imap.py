"""A mail server that behaves badly in ways that stand nowhere else (tests/intake has the others)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.town import ANNA, Town
from tests.e2e.town import mail as partner_mail
from tests.intake.scene import Running, eventually, mail, subjects, utc_now
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy
from triaged.intake.mailbox import MailboxLoop
from triaged.store import Store

Loops = Callable[..., MailboxLoop]


class _At:
    """A server behind a proxy, as far as a loop cares."""

    def __init__(self, dovecot: Dovecot, proxy: Proxy) -> None:
        self.port, self.password, self.tls_port = proxy.port, dovecot.password, dovecot.tls_port


def test_a_connection_cut_in_every_command_loses_and_doubles_nothing(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    """Ever further into what the server says: greeting, login, LIST, SELECT, SEARCH, FETCH, MOVE."""
    proxy = Proxy(dovecot.port)
    cut = 0
    for number, count in enumerate([*range(1, 2400, 100), None]):
        dovecot.append(user, mail(number))
        proxy.cut_after(count)
        loop = make_loop(_At(dovecot, proxy), owner="here")
        try:
            loop.poll_once()
        except Exception:
            cut += 1
        loop.close()
    proxy.close()
    make_loop(dovecot, owner="here").poll_once()
    assert cut >= 10
    assert subjects(store) == [f"Case {n}" for n in range(25)]
    assert not dovecot.contents(user) and len(dovecot.contents(user, "Triaged")) == 25


def test_a_server_that_drips_is_slow_and_nothing_else(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    proxy = Proxy(dovecot.port, delay=0.001)
    proxy.drip = 9
    dovecot.append(user, *(mail(n) for n in range(4)))
    make_loop(_At(dovecot, proxy)).poll_once()
    proxy.close()
    assert subjects(store) == [f"Case {n}" for n in range(4)]


@pytest.mark.parametrize("server", ["announces nothing", "answers nothing once it idles"])
def test_an_idle_that_never_wakes_costs_a_poll_and_no_mail(
    server: str, dovecot: Dovecot, run: Callable[..., Running], store: Store, user: str
) -> None:
    proxy = Proxy(dovecot.port)
    run(_At(dovecot, proxy), poll_seconds=2, timeout_seconds=3)
    eventually(lambda: [one for one in store.mailbox_states() if one.good_at])
    if server == "announces nothing":
        proxy.swallow = re.compile(rb"(?:\* (?:\d+ (?:EXISTS|RECENT)|OK [^\r]*)\r\n)+")
    else:
        proxy.swallow = re.compile(rb"(?s).*")
    dovecot.append(user, mail(1))
    eventually(lambda: proxy.swallowed, 30)
    if server == "answers nothing once it idles":
        eventually(lambda: proxy.connections > 1, 30)  # the one that hung is given up
        proxy.swallow = None
    eventually(lambda: subjects(store) == ["Case 1"], 30)
    assert (proxy.connections == 1) == (server == "announces nothing")
    proxy.close()


def test_a_login_that_is_refused_for_hours_and_then_accepted_needs_nobody(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, tmp_path: Path
) -> None:
    dovecot.append(user, mail(0))
    loop = make_loop(dovecot)
    secret: Path = (
        loop.imap.credential.path if hasattr(loop.imap.credential, "path") else tmp_path / "secret0"
    )
    right = secret.read_text("utf-8")
    secret.write_text("wrong", "utf-8")
    for _ in range(3):
        with pytest.raises(Exception, match=r"refuses the login of .+: .*[Aa]uthentication failed"):
            loop.poll_once()
    assert store.mailbox_states()[0].failures == 3
    secret.write_text(right, "utf-8")
    assert loop.poll_once() == 1
    assert store.mailbox_states()[0].failures == 0


def test_an_inbox_renamed_away_is_told_and_what_lies_there_is_read_when_it_is_back(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str
) -> None:
    client = dovecot.client(user)
    client.create_folder("Partners")
    client.logout()
    dovecot.append(user, mail(0), folder="Partners")
    loop = make_loop(dovecot, folder="Partners")
    assert loop.poll_once() == 1
    _rename(dovecot, user, "Partners", "Elsewhere")
    eventually(lambda: "Partners" in _refused(loop))  # Dovecot first ends the session in which it was renamed
    dovecot.append(user, mail(1), folder="Elsewhere")
    _rename(dovecot, user, "Elsewhere", "Partners")
    eventually(lambda: _polled(loop) is not None)
    assert subjects(store) == ["Case 0", "Case 1"]


def _rename(dovecot: Dovecot, user: str, old: str, new: str) -> None:
    client = dovecot.client(user)
    client.rename_folder(old, new)
    client.logout()


def _refused(loop: MailboxLoop) -> str:
    try:
        loop.poll_once()
    except Exception as error:
        return str(error)
    return ""


def _polled(loop: MailboxLoop) -> Any:
    try:
        return loop.poll_once()
    except Exception:
        return None


def test_years_of_old_mail_at_first_contact_bring_no_letter_and_today_s_does(town: Town) -> None:
    """Failure F6: thousands of customers were mailed. Kept, ticketed, and silent."""
    old = [partner_mail(ANNA, f"Old {n}", f"Org ID: 60031122399\nThe export {n} fails.") for n in range(600)]
    town.dovecot.deliver_many(town.users["europe"], old, utc_now().replace(year=2024))
    with town.daemon():
        eventually(lambda: len(town.mails()) == 600, 120)
        town.arrives(partner_mail(ANNA, "Today", "Org ID: 60031122399\nThe import fails."))
        town.letter_to(ANNA, "Today")
        town.settled(601, 240)
    assert len(town.letters(ANNA)) == 1
    assert {m.fate for m in town.mails()} <= {"ticket"}


@pytest.mark.parametrize("days", [3, -3])
def test_a_mail_servers_wrong_clock_dates_no_mail_to_the_future_and_makes_no_history_of_today(
    dovecot: Dovecot, make_loop: Loops, store: Store, user: str, days: int
) -> None:
    loop = make_loop(dovecot)
    loop.poll_once()
    from datetime import timedelta

    dovecot.append(user, mail(0), at=utc_now() + timedelta(days=days))
    assert loop.poll_once() == 1
    (kept,) = store.mails()
    assert kept.received_at <= utc_now()
    assert kept.fate == "waiting"
