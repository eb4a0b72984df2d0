"""What is made of a server's words: listings with holes, errors, tokens refused, waits that end at once."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from imapclient.exceptions import IMAPClientError, LoginError

from triaged.config.credentials import Secret
from triaged.config.servers import Imap
from triaged.errors import Faulty, Permanent, Temporary
from triaged.intake import fetch, imap
from triaged.intake.fetch import BYTES_A_BATCH, MAILS_A_BATCH, MOST_REFUSALS, UIDS_A_SEARCH, Listed

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
ITEMS = ["RFC822.SIZE", "INTERNALDATE"]


# -- listings ------------------------------------------------------------------------------------------


class Server:
    """Tells of mails what `told` says; of those in `alone` only if they are asked for by themselves."""

    def __init__(
        self, told: dict[int, dict[bytes, Any]], there: Sequence[int] = (), alone: Sequence[int] = ()
    ) -> None:
        self.told, self.there, self.alone = told, set(there) | told.keys(), alone
        self.asked: list[Any] = []
        self.says: Exception | None = None

    def fetch(self, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
        assert items == ITEMS
        self.asked.append(uids)
        if self.says:
            raise self.says
        return {
            uid: self.told[uid]
            for uid in uids
            if uid in self.told and (uids == [uid] or uid not in self.alone)
        }

    def noop(self) -> None:
        self.asked.append("NOOP")

    def search(self, criteria: list[str]) -> list[int]:
        self.asked.append(criteria)
        return [uid for uid in self.there if str(uid) in criteria[1].split(",")]


def known(size: int | None = 7, at: datetime | None = NOON) -> dict[bytes, Any]:
    return {b"INTERNALDATE": at} | ({} if size is None else {b"RFC822.SIZE": size})


def listing(server: Server, uids: Sequence[int]) -> list[Listed]:
    return fetch.listing(server, uids)  # type: ignore[arg-type]


def test_what_is_told_at_once_is_asked_for_once() -> None:
    server = Server({2: known(9), 1: known(7, None)})
    assert listing(server, [1, 2]) == [Listed(1, 7, None), Listed(2, 9, NOON)]
    assert server.asked == [[1, 2]]


def test_what_is_not_told_is_asked_for_alone_and_left_out_where_it_is_gone() -> None:
    server = Server({1: known(), 3: known(5), 4: known(None)}, there=[5], alone=[3])
    assert listing(server, [1, 2, 3, 4, 5]) == [
        Listed(1, 7, NOON),
        Listed(3, 5, NOON),
        Listed(4, None, NOON),
        Listed(5, None, None),
    ]
    assert server.asked == [[1, 2, 3, 4, 5], [2], [3], [4], [5], "NOOP", ["UID", "2,4,5"]]


@pytest.mark.parametrize("known_one", [None, MOST_REFUSALS, MOST_REFUSALS + 1])
def test_a_server_that_tells_of_none_is_asked_for_so_many_alone(known_one: int | None) -> None:
    uids = list(range(1, MOST_REFUSALS + 4))
    told = {known_one: known()} if known_one else {}
    server = Server(told, there=uids, alone=uids)
    found = listing(server, uids)
    goes_on = known_one == MOST_REFUSALS
    assert found == [
        Listed(uid, 7, NOON) if goes_on and uid == known_one else Listed(uid, None, None) for uid in uids
    ]
    assert server.asked[1:-2] == [[uid] for uid in (uids if goes_on else uids[:MOST_REFUSALS])]


@pytest.mark.parametrize(
    "error", [IMAPClientError("NO"), ValueError("NO"), KeyError("NO"), IndexError("NO"), AssertionError("NO")]
)
def test_what_is_said_instead_of_an_answer_is_given_back(error: Exception) -> None:
    server = Server({1: known()})
    server.says = error
    told, words = fetch.ask(server, [1], ITEMS)  # type: ignore[arg-type]
    assert (told, words) == ({}, imap.said(error)) and "NO" in words


@pytest.mark.parametrize("error", [imaplib.IMAP4.abort("BYE"), OSError("gone"), ZeroDivisionError("ours")])
def test_a_connection_that_is_gone_and_faults_of_ours_are_raised(error: Exception) -> None:
    server = Server({1: known()})
    server.says = error
    with pytest.raises(type(error)):
        fetch.ask(server, [1], ITEMS)  # type: ignore[arg-type]


def test_of_no_mails_nothing_is_asked() -> None:
    server = Server({1: known()})
    assert fetch.ask(server, [], ITEMS) == ({}, "")  # type: ignore[arg-type]
    assert fetch.still_there(server, []) == set()  # type: ignore[arg-type]
    assert server.asked == []


def test_batches_are_full_at_their_bounds_and_unknown_sizes_go_alone() -> None:
    def sizes(*given: int | None, most: int = MAILS_A_BATCH) -> list[int]:
        listed = [Listed(uid, size, None) for uid, size in enumerate(given)]
        return [len(batch) for batch in fetch.batches(listed, most)]

    half = BYTES_A_BATCH // 2
    assert sizes() == []
    assert sizes(half, half) == [2] and sizes(half, half + 1) == [1, 1]
    assert sizes(1, half, half, 1) == [2, 2]
    assert sizes(*[0] * (2 * MAILS_A_BATCH + 1)) == [MAILS_A_BATCH, MAILS_A_BATCH, 1]
    assert sizes(1, None, 0, 1) == [1, 2, 1]
    assert sizes(1, 1, 1, most=2) == [2, 1]


@pytest.mark.parametrize(
    ("last", "next_uid", "exists", "asked"),
    [
        (4, 10, 3, ["5:*"]),
        (0, 5 * UIDS_A_SEARCH, UIDS_A_SEARCH, ["1:*"]),
        (0, UIDS_A_SEARCH + 1, UIDS_A_SEARCH + 1, ["1:*"]),
        (0, UIDS_A_SEARCH + 2, UIDS_A_SEARCH + 1, [f"1:{UIDS_A_SEARCH}", f"{UIDS_A_SEARCH + 1}:*"]),
    ],
)
def test_a_search_is_split_where_its_answer_could_grow_too_long(
    last: int, next_uid: int, exists: int, asked: list[str]
) -> None:
    told: list[str] = []

    def search(criteria: list[str]) -> list[int]:
        told.append(criteria[1])
        return [9, 4, 9, 5]

    client: Any = SimpleNamespace(search=search)
    found = fetch.uids_after(client, last, next_uid, exists)
    assert (told, found) == (asked, [5, 9] if last == 4 else [4, 5, 9])


# -- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("a\r\nb\nc"), "ValueError: a  b c"),
        (OSError(""), "OSError: "),
        (ValueError("x" * 288), "ValueError: " + "x" * 288),
        (ValueError("x" * 289), "ValueError: " + "x" * 288),
    ],
)
def test_an_error_is_said_in_one_bounded_line(error: Exception, said: str) -> None:
    assert imap.said(error) == said


@pytest.mark.parametrize(("one", "other"), [(False, False), (False, True), (True, False), (True, True)])
def test_a_wait_ends_with_either_of_two_events(one: bool, other: bool) -> None:
    events = [SimpleNamespace(is_set=lambda value=value: value) for value in (one, other)]
    assert imap.Either(*events).is_set() is (one or other)


# -- logging in ----------------------------------------------------------------------------------------


class Doorman:
    """A server that lets in who has the right secret."""

    def __init__(self, right: str, *capabilities: str) -> None:
        self.right, self.capabilities = right, capabilities
        self.told: list[tuple[str, str, str]] = []

    def has_capability(self, name: str) -> bool:
        return name in self.capabilities

    def __getattr__(self, how: str) -> Callable[[str, str], None]:
        def login(user: str, secret: str) -> None:
            self.told.append((how, user, secret))
            if secret != self.right:
                raise LoginError(b"[AUTHENTICATIONFAILED] no")

        return login


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Imap]:
    (tmp_path / "secret").write_text("pw")
    (tmp_path / "secret").chmod(0o600)
    return lambda user="help": Imap(host="imap.desk.example", user=user, password_file=tmp_path / "secret")


@pytest.mark.parametrize(
    ("user", "secret", "capabilities", "how"),
    [
        ("help", Secret("pw"), ("AUTH=XOAUTH2", "AUTH=OAUTHBEARER"), "login"),
        ("hélp", Secret("pw"), (), "plain_login"),
        ("help", Secret("pässword"), (), "plain_login"),
        ("help", Secret("t", token=True), ("AUTH=XOAUTH2", "AUTH=OAUTHBEARER"), "oauth2_login"),
        ("help", Secret("t", token=True), ("AUTH=OAUTHBEARER",), "oauthbearer_login"),
        ("help", Secret("t", token=True), (), "oauth2_login"),
    ],
)
def test_a_secret_is_presented_as_the_server_takes_it(
    config: Any, user: str, secret: Secret, capabilities: tuple[str, ...], how: str
) -> None:
    door, asked = Doorman(secret.value, *capabilities), list[bool]()

    def given(_: object, anew: bool) -> Secret:
        asked.append(anew)
        return secret

    imap._log_in(door, config(user), given)  # type: ignore[arg-type]
    assert (door.told, asked) == ([(how, user, secret.value)], [False])


def test_a_token_that_is_refused_is_had_anew_once(config: Any) -> None:
    door, asked = Doorman("fresh"), list[bool]()

    def given(_: object, anew: bool) -> Secret:
        asked.append(anew)
        return Secret("fresh" if anew else "stale", token=True)

    imap._log_in(door, config(), given)  # type: ignore[arg-type]
    assert asked == [False, True]
    assert [secret for _, _, secret in door.told] == ["stale", "fresh"]


@pytest.mark.parametrize(
    ("token", "anew", "tries", "why"),
    [
        (False, "better", ["stale"], ""),
        (True, "stale", ["stale"], ""),
        (True, "worse", ["stale", "worse"], ""),
        (True, Faulty("nobody signed in"), ["stale"], "; nobody signed in"),
        (True, Temporary("away"), ["stale"], "; away"),
    ],
)
def test_a_login_that_is_refused_for_good_says_by_whom_and_why(
    config: Any, token: bool, anew: str | Exception, tries: list[str], why: str
) -> None:
    door = Doorman("right")

    def given(_: object, again: bool) -> Secret:
        if again and isinstance(anew, Exception):
            raise anew
        return Secret(str(anew) if again else "stale", token=token)

    with pytest.raises(LoginError) as raised:
        imap._log_in(door, config(), given)  # type: ignore[arg-type]
    assert str(raised.value) == f"imap.desk.example refuses the login of help: [AUTHENTICATIONFAILED] no{why}"
    assert [secret for _, _, secret in door.told] == tries


def test_starttls_that_is_not_offered_is_refused(config: Any) -> None:
    with pytest.raises(Permanent) as raised:
        imap._start_tls(Doorman(""), config())  # type: ignore[arg-type]
    assert str(raised.value) == "imap.desk.example offers no STARTTLS; the password is not sent in the clear"


# -- the end, and waiting ------------------------------------------------------------------------------


class Line:
    """A connection whose commands fail or not, and whose IDLE answers what it is given to say."""

    def __init__(self, *answers: list[Any], fails: Sequence[str] = (), exists: Sequence[bool] = ()) -> None:
        self.answers, self.fails, self.exists = list(answers), fails, list(exists)
        self.told: list[str] = []
        self.seconds: list[float] = []

    def idle_check(self, seconds: float) -> list[Any]:
        self.seconds.append(seconds)
        return self.answers.pop(0)

    def announced(self) -> bool:
        self.told.append("announced")
        return self.exists.pop(0)

    def __getattr__(self, name: str) -> Callable[[], None]:
        def command() -> None:
            self.told.append(name)
            if name in self.fails:
                raise OSError(name)

        return command


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        ((), ["logout"]),
        (("logout",), ["logout", "shutdown"]),
        (("logout", "shutdown"), ["logout", "shutdown"]),
    ],
)
def test_who_parts_hangs_up_where_goodbye_fails(fails: tuple[str, ...], told: list[str]) -> None:
    line = Line(fails=fails)
    imap.part(line)  # type: ignore[arg-type]
    assert line.told == told


NEVER = SimpleNamespace(is_set=lambda: False)
EXISTS, OTHER = (3, b"EXISTS"), (3, b"EXPUNGE")


@pytest.mark.parametrize(
    ("exists", "answers", "came", "told"),
    [
        ([True], [], True, ["noop", "announced"]),
        ([False, False], [[EXISTS]], True, ["noop", "announced", "idle", "idle_done", "announced"]),
        ([False, True], [[]], True, ["noop", "announced", "idle", "idle_done", "announced"]),
        ([False, False], [[]], False, ["noop", "announced", "idle", "idle_done", "announced"]),
    ],
)
def test_a_wait_asks_before_and_after_it_whether_mail_came(
    exists: list[bool], answers: list[Any], came: bool, told: list[str]
) -> None:
    line = Line(*answers, exists=exists)
    assert imap.wait_for_mail(line, 30, NEVER, lambda: None) is came  # type: ignore[arg-type]
    assert line.told == told


@pytest.mark.parametrize(
    ("answers", "stops_at", "came", "ticks"),
    [
        ([[OTHER], [(b"OK", b"Still here"), EXISTS]], 99, True, 2),
        ([[(b"BYE",)], [OTHER], []], 99, False, 3),
        ([[OTHER], [OTHER], [OTHER]], 2, False, 2),
        ([], 0, False, 0),
    ],
)
def test_a_wait_goes_on_until_mail_a_stop_or_an_answer_of_nothing_at_once(
    answers: list[Any], stops_at: int, came: bool, ticks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "time", SimpleNamespace(monotonic=lambda: 100.0))
    line, ticked = Line(*answers), list[int]()
    stop = SimpleNamespace(is_set=lambda: len(ticked) >= stops_at)
    assert imap._listen(line, 130.0, stop, lambda: ticked.append(1)) is came  # type: ignore[arg-type]
    assert (len(ticked), line.seconds) == (ticks, [imap._SLICE_SECONDS] * ticks)


@pytest.mark.parametrize(("lasts", "slices"), [(0.4, 1), (0.5, 5)])
def test_an_empty_answer_before_half_of_its_time_is_the_end_of_the_server(
    lasts: float, slices: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(imap, "_SLICE_SECONDS", 1.0)
    monkeypatch.setattr(imap, "time", SimpleNamespace(monotonic=lambda: now[0]))
    line = Line()

    def idle_check(seconds: float) -> list[Any]:
        line.seconds.append(seconds)
        now[0] += lasts * seconds
        return []

    line.idle_check = idle_check  # type: ignore[method-assign]
    stop = SimpleNamespace(is_set=lambda: len(line.seconds) >= 5)
    assert imap._listen(line, 102.0, stop, lambda: None) is False  # type: ignore[arg-type]
    assert line.seconds == [1.0, 1.0, 1.0, 0.5, 0.25][:slices]
