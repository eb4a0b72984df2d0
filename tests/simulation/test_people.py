"""How the simulated people behave: in shares, over thousands of throws, with a stage that only remembers."""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from triaged.meetings.meeting import Meeting, MeetingState
from triaged.simulation import texts, town
from triaged.simulation.life import MOST_ROUNDS, SHARE_OF_REQUESTS, Life, Story, Truth
from triaged.simulation.postman import Delivered
from triaged.simulation.sessions import SHARE, Sessions
from triaged.simulation.town import GLOBAL, STAFF, Correspondent
from triaged.store.rows import Arrival

MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MANY = 1500


@dataclass
class Stage:
    """Remembers what arrives and what staff do; `lives` lets come what is planned."""

    now: datetime = MONDAY
    arrived: list[tuple[datetime, Arrival, Truth]] = field(default_factory=list)
    orders: list[tuple[datetime, str, tuple[Any, ...], Story]] = field(default_factory=list)
    planned: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    refuses: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        self._order = itertools.count()

    def plan(self, at: datetime, happening: Callable[[], None]) -> None:
        heapq.heappush(self.planned, (at.astimezone(UTC), next(self._order), happening))

    def arrive(self, arrival: Arrival, truth: Truth) -> None:
        self.arrived.append((self.now, arrival, truth))

    def at_desk(self, story: Story, work: Callable[[Any, Any], object]) -> bool:
        self.asked += 1
        if not self.refuses:
            work(Desk(self, story), None)
        return not self.refuses

    def lives(self) -> None:
        while self.planned:
            at, _, happening = heapq.heappop(self.planned)
            self.now = max(self.now, at)
            happening()

    def what(self) -> Counter[str]:
        return Counter(truth.what for _, _, truth in self.arrived)


class Desk:
    """Every order of staff, by its name."""

    def __init__(self, stage: Stage, story: Story) -> None:
        self.stage, self.story = stage, story

    def __getattr__(self, order: str) -> Callable[..., None]:
        def done(_ticket: Any, *given: Any, **_more: Any) -> None:
            self.stage.orders.append((self.stage.now, order, given, self.story))

        return done


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def life(stage: Stage) -> Life:
    return Life(stage, town.build(Random(1)), Random(2), mail_per_day=1000)


def share(part: float, of: int = MANY) -> Any:
    """Within four deviations of so many throws."""
    return pytest.approx(part, abs=4 * (max(part, 0.01) * (1 - part) / of) ** 0.5)


def who(life: Life, *, away: bool = False, gone: bool = False, language: str = "en") -> Correspondent:
    return next(p for p in life.town.people if (p.away, p.gone, p.language) == (away, gone, language))


def story_of(life: Life, person: Correspondent) -> Story:
    """A request of this person, known by its mail."""
    story = Story(person, life.town.of(person)[0], "Zoho CRM", "One report is slow", ["<begun@x.example>"])
    life.stories["<begun@x.example>"] = story
    return story


def letter(kind: str, *to: str, sender: str = GLOBAL, answers: str = "<begun@x.example>") -> Delivered:
    raw = b"Message-ID: <ours@desk.example>\r\nSubject: ours\r\n\r\nours\r\n"
    return Delivered(MONDAY, to, "<ours@desk.example>", kind, "ours [PS-7]", sender, (answers,), raw)


def test_requests_come_by_the_day_of_the_week_and_in_the_writers_own_day(life: Life, stage: Stage) -> None:
    weeks, days, hours = 30, Counter[bool](), []
    life._request = lambda person: hours.append(  # type: ignore[method-assign]
        (stage.now.astimezone(ZoneInfo(person.zone)), person)
    )
    for number in range(7 * weeks):
        day = (MONDAY + timedelta(days=number)).date()
        before = len(stage.planned)
        life.day(day)
        days[day.weekday() >= 5] += len(stage.planned) - before
    planned = len(stage.planned)
    stage.lives()
    usual = 1000 * SHARE_OF_REQUESTS
    assert days[False] / (5 * weeks) == pytest.approx(usual * 1.28, rel=0.02)
    assert days[True] / (2 * weeks) == pytest.approx(usual * 0.3, rel=0.04)
    gone = sum(person.gone for _, person in hours)
    assert gone / planned == share(0.02, planned)
    assert not any(person.away for _, person in hours)
    at = [one.hour + one.minute / 60 for one, _ in hours]
    in_three = sum(10 <= one < 16 for one in at) / planned
    assert in_three == share(0.9 * 0.683 + 0.1 * 0.25, planned)
    assert sum(at) / planned == pytest.approx(0.9 * 13 + 0.1 * 12, abs=0.1)
    assert min(at) < 1 and max(at) > 23, "one in ten writes whenever"


def test_few_requests_a_day_are_few(stage: Stage) -> None:
    life = Life(stage, town.build(Random(1)), Random(2), mail_per_day=10)
    for _ in range(1000):
        life.day(MONDAY.date())
    assert len(stage.planned) / 1000 == pytest.approx(10 * SHARE_OF_REQUESTS * 1.28, rel=0.05)


@pytest.fixture(scope="module")
def requested() -> Stage:
    """Thousands of requests of one person, and what staff do about them; the partner answers nothing but staff."""
    stage = Stage()
    life = Life(stage, town.build(Random(1)), Random(2), mail_per_day=1000)
    for _ in range(MANY):
        life._request(who(life))
    stage.lives()
    return stage


@pytest.fixture
def requests(requested: Stage) -> list[tuple[Arrival, Truth]]:
    return [(arrival, truth) for _, arrival, truth in requested.arrived if truth.what == "request"]


def body(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=policy.default).get_content()).replace("\r\n", "\n")


def test_a_request_names_its_customer_and_half_of_them_everything_asked_for(
    requested: Stage, requests: list[tuple[Arrival, Truth]]
) -> None:
    given, others, copied = Counter[tuple[bool, ...]](), 0, 0
    for arrival, truth in requests:
        story = truth.story
        said, customer = body(arrival.raw), story.customer
        assert story.subject.endswith(f" ({customer.key})") and said.endswith(f"\n\n{story.person.name}\n")
        lines = said.split("\n\n")[-2].split("\n")
        given[
            tuple(
                label.format(
                    service=story.service,
                    superadmin=customer.superadmin,
                    zoid=customer.zoid,
                    zuid=customer.zuid,
                )
                in lines
                for label in texts.LABELS["en"]
            )
        ] += 1
        others += not customer.subscriptions.startswith(f"{story.service}=")
        copied += b"\r\nCc: " in arrival.raw
    assert {one: n / MANY for one, n in given.items()} == {
        (True, True, True, True): share(0.55),
        (False, True, True, False): share(0.23),
        (False, True, False, False): share(0.22),
    }
    assert others / MANY == share(0.15 * 5 / 6)
    assert 0.02 < copied / MANY < 0.6
    assert requested.what()["same again"] / MANY == share(0.03)
    assert {arrival.mailbox for _, arrival, truth in requested.arrived if truth.what == "same again"} == {
        "europe"
    }


def test_a_colleague_in_copy_is_of_the_same_house_and_somebody_else(
    requests: list[tuple[Arrival, Truth]],
) -> None:
    copies = {
        (truth.sender, str(message_from_bytes(arrival.raw, policy=policy.default)["Cc"]))
        for arrival, truth in requests
        if b"\r\nCc: " in arrival.raw
    }
    assert copies
    for sender, copy in copies:
        assert copy != sender and copy.rpartition("@")[2] == sender.rpartition("@")[2] and "," not in copy


def test_staff_take_most_requests_soon_and_forget_some(
    requested: Stage, requests: list[tuple[Arrival, Truth]]
) -> None:
    first: dict[int, timedelta] = {}
    for at, _, truth in requested.arrived:
        if truth.what == "staff answer":
            first.setdefault(id(truth.story), at - MONDAY)
    untold = sum(id(truth.story) not in first for _, truth in requests)
    assert untold / MANY == share(0.07)
    waits = sorted(first.values())
    assert waits[len(waits) // 4] < timedelta(minutes=35) < waits[len(waits) // 2] < timedelta(minutes=80)
    assert sum(wait > 4 * HOUR for wait in waits) / MANY == pytest.approx(0.206, abs=0.04)
    orders = Counter(
        (order, given[:1] if order == "happen" else ()) for _, order, given, _ in requested.orders
    )
    taken = round(MANY * 0.93)
    for wanted, part in {
        ("happen", ("identified",)): 0.4,
        ("happen", ("assigned",)): 0.05,
        ("correct", ()): 0.04,
        ("progress", ()): 0.05,
        ("move_case", ()): 3 * 0.03,
        ("snooze", ()): 0.06,
        ("split", ()): 0.06,
        ("answer", ()): 0.1,
        ("take_back", ()): 0.1 * 0.5,
    }.items():
        assert orders[wanted] / taken == share(part, taken), wanted


def test_a_case_is_handed_over_is_worked_on_and_waits_for_the_partners_word(
    requested: Stage, requests: list[tuple[Arrival, Truth]]
) -> None:
    cases: dict[str, list[tuple[datetime, str]]] = {}
    for at, order, given, _ in requested.orders:
        if order == "move_case":
            cases.setdefault(given[0], []).append((at, given[1]))
    assert len(cases) > 30
    for name, steps in cases.items():
        assert re.fullmatch(r"CP-\d{4,}", name)
        assert [step for _, step in steps] == ["submitted", "in_progress", "confirming_fix"]
    waits = sorted((steps[1][0] - steps[0][0]) / HOUR for steps in cases.values())
    assert 10 < waits[len(waits) // 2] < 40


def test_what_has_no_ticket_yet_is_tried_three_more_times_two_hours_apart(life: Life, stage: Stage) -> None:
    stage.refuses = True
    life._resolve(story_of(life, who(life)))
    assert stage.asked == 1
    stage.lives()
    assert (stage.asked, stage.now) == (4, MONDAY + 6 * HOUR)


def test_two_requests_of_one_person_are_joined_now_and_then_and_some_are_two_after_all(
    requested: Stage, requests: list[tuple[Arrival, Truth]]
) -> None:
    joined = [story for _, order, _, story in requested.orders if order == "merge"]
    assert len(joined) / MANY == share(0.93 * 0.08)
    again = sum(order == "unmerge" for _, order, _, _ in requested.orders)
    assert again / len(joined) == share(0.5, len(joined))


@pytest.mark.parametrize(
    ("kind", "case", "answers"),
    [
        ("acknowledgment", "", {}),
        ("missing_information", "", {"answer": 0.5}),
        ("waiting_reminder", "", {"answer": 0.4}),
        ("resolved", "", {"rating": 0.3, "thanks": 0.2, "answer": 0.08}),
        ("resolved_for_silence", "", {"rating": 0.3, "thanks": 0.2, "answer": 0.08}),
        ("case_update", "confirming_fix", {"thanks": 0.5, "answer": 0.2}),
        ("case_update", "in_progress", {}),
    ],
)
def test_a_partner_answers_a_letter_as_often_as_partners_do_and_in_the_daytime(
    life: Life, stage: Stage, kind: str, case: str, answers: dict[str, float]
) -> None:
    person = who(life)
    story = story_of(life, person)
    story.case, story.rounds = case, MOST_ROUNDS
    life._staff_goes_on = lambda _: None  # type: ignore[method-assign]
    for _ in range(MANY):
        stage.now = MONDAY
        life.read(letter(kind, person.address))
    stage.lives()
    told = stage.what()
    assert {one: told[one] / MANY for one in told if one != "own letter"} == {
        one: share(part) for one, part in answers.items()
    }
    assert told["own letter"] / MANY == share(0.03)
    for at, arrival, truth in stage.arrived:
        if truth.what == "own letter":
            assert (arrival.sent_folder, arrival.folder, at) == (True, "Sent", MONDAY + timedelta(minutes=1))
            continue
        local = at.astimezone(ZoneInfo(person.zone))
        assert 8 <= local.hour < 18 and local.weekday() < 5
        mail = message_from_bytes(arrival.raw, policy=policy.default)
        assert (mail["Subject"], mail["From"].addresses[0].addr_spec) == (
            f"Re: {story.subject}",
            person.address,
        )
        assert mail["In-Reply-To"] in mail["References"]
    said = {body(arrival.raw).strip() for _, arrival, truth in stage.arrived if truth.what == "answer"}
    wanted = {
        "waiting_reminder": set(texts.DETAILS),
        "resolved": {texts.STILL_BROKEN},
        "resolved_for_silence": {texts.STILL_BROKEN},
        "case_update": {texts.FIX_FAILS} if answers else set(),
        "missing_information": {
            texts.IDENTIFIERS.format(
                superadmin=story.customer.superadmin, zoid=story.customer.zoid, zuid=story.customer.zuid
            ).strip()
        },
    }
    assert said == wanted.get(kind, set())


def test_a_letter_in_copy_or_about_nothing_of_theirs_is_not_answered(life: Life, stage: Stage) -> None:
    person = who(life)
    story_of(life, next(p for p in life.writers if p is not person))
    for _ in range(100):
        life.read(letter("resolved", person.address))
        life.read(letter("resolved", person.address, answers="<of-nobody@x.example>"))
        life.read(letter("resolved", "somebody@elsewhere.example"))
    stage.lives()
    assert set(stage.what()) == {"own letter"}


def test_who_is_gone_bounces_and_who_is_away_says_so_most_times(life: Life, stage: Stage) -> None:
    gone, away = who(life, gone=True), who(life, away=True)
    for _ in range(MANY):
        stage.now = MONDAY
        life.read(letter("acknowledgment", gone.address, away.address))
    stage.lives()
    told = stage.what()
    assert told["bounce"] == MANY and told["absence"] / MANY == share(0.7)
    notes = [arrival.raw for _, arrival, truth in stage.arrived if truth.what == "absence"]
    marked = sum(raw.startswith(b"Auto-Submitted: auto-replied\r\n") for raw in notes)
    assert marked / len(notes) == share(0.8, len(notes))
    bounce = next(arrival for _, arrival, truth in stage.arrived if truth.what == "bounce")
    assert bounce.envelope_from == "" and f"rfc822; {gone.address}".encode() in bounce.raw


@pytest.mark.parametrize(
    ("sender", "mailbox"), [(GLOBAL, "global"), ("partner-support@eu.zohocorp.com", "europe")]
)
def test_a_copy_of_our_own_letter_lies_in_the_mailbox_it_was_sent_from(
    life: Life, stage: Stage, sender: str, mailbox: str
) -> None:
    for _ in range(200):
        life.read(letter("acknowledgment", "x@elsewhere.example", sender=sender))
    stage.lives()
    assert stage.arrived and {arrival.mailbox for _, arrival, _ in stage.arrived} == {mailbox}


def test_staff_answer_by_the_sent_folder_or_with_a_copy_and_what_follows(life: Life, stage: Stage) -> None:
    story = story_of(life, who(life))
    after = Counter[str]()
    life._details = lambda _: after.update(["details"])  # type: ignore[method-assign]
    life._resolve = lambda _: after.update(["resolved"])  # type: ignore[method-assign]
    for _ in range(MANY):
        life._staff_answers(story)
    stage.lives()
    told = stage.what()
    assert told["staff answer"] == MANY and told["staff talk"] / MANY == share(0.08)
    assert after["details"] / MANY == share(0.6) and after["resolved"] / MANY == share(0.2)
    sent = 0
    for _, arrival, truth in stage.arrived:
        mail = message_from_bytes(arrival.raw, policy=policy.default)
        to = [one.addr_spec for one in mail["To"].addresses]
        assert to == ([STAFF[1]] if truth.what == "staff talk" else [story.person.address])
        assert bool(mail["Cc"]) is not arrival.sent_folder
        if truth.what == "staff answer":
            sent += arrival.sent_folder
            assert truth.sender == (story.person.support if arrival.sent_folder else STAFF[0])
            assert mail["From"].addresses[0].addr_spec == truth.sender
        else:
            assert (mail["Cc"].addresses[0].addr_spec, truth.sender) == (story.person.support, STAFF[0])
    assert sent / MANY == share(0.6)


def test_staff_answer_an_answer_four_times_in_ten_until_the_third(life: Life, stage: Stage) -> None:
    did = Counter[tuple[int, str]]()
    story = story_of(life, who(life))
    life._staff_answers = lambda _: did.update([(story.rounds, "answers")])  # type: ignore[method-assign]
    life._resolve = lambda _: did.update([(story.rounds, "resolves")])  # type: ignore[method-assign]
    for rounds in range(MOST_ROUNDS):
        for _ in range(MANY):
            story.rounds = rounds
            life._staff_goes_on(story)
            stage.lives()
    assert {who: n / MANY for who, n in did.items()} == {
        (1, "answers"): share(0.4),
        (1, "resolves"): share(0.6),
        (2, "answers"): share(0.4),
        (2, "resolves"): share(0.6),
        (3, "resolves"): 1.0,
    }


def test_a_session_is_offered_to_a_third_of_those_acknowledged_within_a_day(stage: Stage) -> None:
    sessions = Sessions(stage, Random(3))  # type: ignore[arg-type]
    for _ in range(MANY):
        sessions.read(letter("acknowledgment"))
        sessions.read(letter("resolved"))
        sessions.read(replace(letter("acknowledgment"), subject="of no ticket"))
    waits = [(at - MONDAY) / HOUR for at, _, _ in stage.planned]
    assert len(waits) / MANY == share(SHARE)
    assert 0.5 <= min(waits) < 0.7 and 19.5 < max(waits) <= 20


def test_two_in_three_accept_an_offer_and_some_decline(stage: Stage) -> None:
    sessions, did = Sessions(stage, Random(3)), Counter[str]()  # type: ignore[arg-type]
    sessions._accept = lambda reference: did.update([f"{reference} accepted"])  # type: ignore[method-assign]
    sessions._decline = lambda reference: did.update([f"{reference} declined"])  # type: ignore[method-assign]
    for _ in range(MANY):
        sessions.read(letter("meeting_offer"))
    waits = [(at - MONDAY) / HOUR for at, _, _ in stage.planned]
    stage.lives()
    assert {what: n / MANY for what, n in did.items()} == {
        "PS-7 accepted": share(0.65),
        "PS-7 declined": share(0.15),
    }
    assert 0.2 <= min(waits) < 0.4 and 17.5 < max(waits) <= 18


STARTS = MONDAY + 40 * HOUR
BOOKED = Meeting(
    1,
    MeetingState.ACCEPTED,
    MONDAY,
    MONDAY,
    "uid",
    (STARTS,),
    30,
    "ben@desk.example",
    starts=STARTS,
    appointment=1,
)


@pytest.fixture
def sessions(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """Of a ticket on which one is booked; what is done is remembered by `stage.orders`."""
    sessions = Sessions(stage, Random(3))  # type: ignore[arg-type]
    monkeypatch.setattr(sessions, "_ticket", lambda reference: reference)
    monkeypatch.setattr("triaged.simulation.sessions.current", lambda _: BOOKED)
    return sessions


def does(sessions: Sessions, stage: Stage, *orders: str) -> list[tuple[str, float]]:
    """Let these be remembered instead of done: (order, hours from now); what it returns fills while time passes."""
    done: list[tuple[str, float]] = []
    for order in orders:

        def one(*_given: Any, order: str = order, **more: Any) -> None:
            said = " ".join([order, *(f"{name}={value}" for name, value in more.items())])
            done.append((said, (stage.now - MONDAY) / HOUR))

        setattr(sessions, order, one)
    return done


def test_a_colleague_joins_before_it_begins_some_leave_and_some_come_back(
    sessions: Sessions, stage: Stage
) -> None:
    done, joins = does(sessions, stage, "_guest"), Counter[int]()
    for _ in range(MANY):
        stage.now = MONDAY
        sessions._come_and_go("PS-7", STARTS)
        stage.lives()
        joins[len(done)] += 1
        at = [hours for _, hours in done]
        assert [said for said, _ in done] == ["_guest joins=True", "_guest joins=False", "_guest joins=True"][
            : len(done)
        ]
        assert at == sorted(at) and all(hour < 40 for hour in at)
        assert not at or at[0] < 20
        assert len(at) < 2 or at[1] < at[0] + (40 - at[0]) / 2
        done.clear()
    assert {n: times / MANY for n, times in joins.items()} == {
        0: share(0.5),
        1: share(0.15),
        2: share(0.2),
        3: share(0.15),
    }


@pytest.mark.parametrize("state", MeetingState)
def test_of_what_is_booked_some_is_cancelled_or_moved_and_most_begins_at_its_time(
    sessions: Sessions, stage: Stage, state: MeetingState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triaged.simulation.sessions.current", lambda _: replace(BOOKED, state=state))
    done = does(sessions, stage, "_cancel", "_move", "_begin")
    for _ in range(MANY):
        sessions._and_then("PS-7")
    stage.lives()
    told = Counter(order for order, _ in done)
    if state not in (MeetingState.ACCEPTED, MeetingState.MOVED):
        assert not told
        return
    assert {order: n / MANY for order, n in told.items()} == {
        "_cancel": share(0.15),
        "_move": share(0.25),
        "_begin": share(0.45),
    }
    minutes = sorted((at - 40) * 60 for order, at in done if order == "_begin")
    assert -14 <= minutes[0] < -13 and 9 < minutes[-1] <= 10
    before = sorted(at for order, at in done if order != "_begin")
    assert before[0] < 1 and 39 < before[-1] < 40


def test_one_line_in_ten_is_made_anew_and_half_are_summed_up_or_held_by_hand(
    sessions: Sessions, stage: Stage
) -> None:
    begin, done = sessions._begin, does(sessions, stage, "_do", "_begin")
    for _ in range(MANY):
        begin("PS-7")
    stage.lives()
    told = Counter((order, round(hours * 60)) for order, hours in done)
    assert {one: n / MANY for one, n in told.items()} == {
        ("_do", 0): 1.0,
        ("_begin", 5): share(0.1),
        ("_do", 60): share(0.5),
        ("_do", 25): share(0.5 * 0.3),
    }


def test_who_declined_is_offered_one_again_an_hour_later(sessions: Sessions, stage: Stage) -> None:
    done = does(sessions, stage, "_do", "_offer")
    sessions._decline("PS-7")
    stage.lives()
    assert done == [("_do", 0.0), ("_offer", 1.0)]


def test_how_to_come_in_is_left_open_one_time_in_five(sessions: Sessions) -> None:
    links = [sessions._access().link for _ in range(MANY)]
    assert links.count("") / MANY == share(0.2)
    assert all(re.fullmatch(r"https://meet\.desk\.example/\d{9}", link) for link in links if link)
    assert len(set(links)) > MANY / 2
