"""Alerts: each once, over restarts and daemons, in quiet hours later, and that all is well again to those who knew."""

from __future__ import annotations

import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import DRIP, ELSEWHERE, Post, Receiver, configured
from tests.cli.conftest import Run, desk, filled, run  # noqa: F401
from tests.said import figure, listening
from triaged.alerts import receivers
from triaged.config.alerts import Alert
from triaged.config.config import Config
from triaged.errors import Faulty, Temporary
from triaged.store.rows import Arrival
from triaged.store.service_rows import AlertState

MINUTES = range(1, 5)


def test_a_mailbox_that_fails_for_five_minutes_is_told_once_and_once_that_it_is_read_again(
    post: Post, receiver: Receiver
) -> None:
    post.polls(True)
    for _ in range(9):
        post.polls(False)
        post.turn(owner="one")
        assert receiver.told == []
        post.later(seconds=33)
    post.polls(False)
    for n in range(4):  # restarts, other daemons
        post.turn(owner=f"daemon {n}")
        post.later(minutes=2)
    assert receiver.titles == ["Mailbox europe cannot be read"]
    assert "TimeoutError: no answer" in receiver.told[0]["body"] and receiver.told[0]["over"] is False
    post.polls(True)
    for _ in range(3):
        post.turn(owner="yet another")
        post.later(minutes=1)
    assert receiver.titles[1:] == ["Mailbox europe is read again"] and receiver.told[1]["over"] is True


def test_a_hiccup_is_told_to_nobody(post: Post, receiver: Receiver) -> None:
    for _ in range(10):
        post.polls(False)
        post.turn()
        post.later(minutes=4)
        post.polls(True)
        post.turn()
        post.later(minutes=1)
    assert receiver.told == [] and post.store.troubles() == [] and post.store.alerts() == []


def test_the_same_trouble_another_day_is_told_again(post: Post, receiver: Receiver) -> None:
    for _ in range(2):
        post.polls(False)
        post.turn()
        post.later(minutes=6)
        post.turn()
        post.polls(True)
        post.turn()
        post.later(days=1)
        post.polls(True)
    assert receiver.titles == ["Mailbox europe cannot be read", "Mailbox europe is read again"] * 2


def test_two_daemons_on_one_database_tell_once(post: Post, receiver: Receiver) -> None:
    post.polls(False)
    first, second = post.daemon("one"), post.daemon("two")
    for _ in range(20):
        first.look_and_tell()
        second.look_and_tell()
        post.later(minutes=1)
    assert receiver.titles == ["Mailbox europe cannot be read"]


def test_a_receiver_that_is_away_is_asked_ever_later_and_hears_it_all_the_same(
    post: Post, receiver: Receiver
) -> None:
    receiver.status = 503
    fail(post)
    with listening() as said:
        for _ in range(60):
            post.turn()
            post.later(minutes=1)
    waits = [one["again_in"] for one in said.of("alert.retry")]
    assert receiver.told == [] and waits[0] < 30 and max(waits) > 400 and 5 < len(waits) < 20
    receiver.status = 200
    for _ in range(15):
        post.turn("after a restart")
        post.later(minutes=1)
    assert receiver.titles == ["Mailbox europe cannot be read"]


def fail(post: Post) -> None:
    """europe cannot be read, and that is to be told."""
    post.polls(False)
    post.turn()
    post.later(minutes=6)


def test_what_nobody_could_be_told_in_time_is_given_up_and_told_in_log_and_metric(
    post: Post, receiver: Receiver
) -> None:
    receiver.status = 404
    fail(post)
    with listening() as said:
        for _ in range(30):
            post.turn()
            post.later(hours=1)
    [failed] = said.of("alert.failed")
    assert "404" in failed["error"] and "s3cret" not in str(said.events)
    assert [one.state for one in post.store.alerts()] == [AlertState.FAILED]
    told = post.metrics.text()
    assert figure(told, "triaged_alert_outcomes_total", receiver="desk", outcome="failed") == 1


@pytest.mark.parametrize("status", [ELSEWHERE, DRIP])
def test_a_redirect_or_a_drip_does_not_count_as_told(
    post: Post, receiver: Receiver, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "SECONDS", 1.0)
    receiver.status = status
    fail(post)
    post.turn()
    assert receiver.got == []
    [one] = post.store.alerts()
    assert one.state is AlertState.WAITING and one.error


def test_over_before_it_was_told_is_told_to_nobody(post: Post, receiver: Receiver) -> None:
    receiver.status = 503
    fail(post)
    post.turn()
    post.polls(True)
    post.later(minutes=30)
    post.polls(True)
    receiver.status = 200
    post.turn()
    post.later(hours=1)
    post.polls(True)
    post.turn()
    assert receiver.told == []
    assert [one.state for one in post.store.alerts()] == [AlertState.WITHDRAWN]


def test_quiet_hours_hold_all_but_what_is_excepted_and_their_end_tells_what_still_is_so(
    post: Post, receiver: Receiver
) -> None:
    quiet = {"from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin", "except_for": ["quarantine"]}
    post.config = configured(post.folder, {"to_file": str(post.folder / "desk"), "quiet_hours": quiet})
    post.now = post.now.replace(hour=22)  # 23:00 there
    fail(post)
    post.turn()
    quarantined(post)
    post.turn()
    assert receiver.titles == ["1 mail in quarantine"]
    post.now = post.now.replace(hour=5, minute=59) + timedelta(days=1)
    post.turn()
    assert len(receiver.told) == 1
    post.later(minutes=2)
    post.turn()
    assert receiver.titles[1:] == ["Mailbox europe cannot be read"]


def quarantined(post: Post, number: int = 1) -> None:
    raws = [f"Subject: {n} of {post.now}\r\n\r\nx".encode() for n in range(number)]
    kept = post.store.keep(
        [Arrival(raw, "europe", "smtp", None, None, None, post.now, "", ()) for raw in raws], now=post.now
    )
    claimed = post.store.claim_mail(50, post.now, "walk", timedelta(minutes=1))
    assert {one.id for one in claimed} >= {one.id for one in kept}
    for one in claimed:
        post.store.fail_mail(one.id, "walk", "poison", post.now)


def test_what_grows_is_told_again_but_not_more_often_than_hourly(post: Post, receiver: Receiver) -> None:
    quarantined(post)
    post.turn()
    for _ in range(6):
        post.later(minutes=9)
        quarantined(post)
        post.turn()
    assert receiver.titles == ["1 mail in quarantine"]
    post.later(minutes=10)
    quarantined(post)
    post.turn()
    assert receiver.titles[1:] == ["8 mails in quarantine"]


def test_each_receiver_hears_only_what_it_wants(post: Post, receiver: Receiver, other: Receiver) -> None:
    (post.folder / "other").write_text(other.url)
    post.config = configured(
        post.folder,
        {"to_file": str(post.folder / "desk"), "for": ["quarantine"]},
        {"to_file": str(post.folder / "other"), "for": ["mailbox_unreadable"], "all_is_well": False},
    )
    quarantined(post)
    fail(post)
    post.turn()
    post.polls(True)
    post.turn()
    assert receiver.titles == ["1 mail in quarantine"]
    assert other.titles == ["Mailbox europe cannot be read"]


def test_a_dead_receiver_holds_up_no_other(post: Post, receiver: Receiver, other: Receiver) -> None:
    (post.folder / "other").write_text(other.url)
    receiver.status = 500
    post.config = configured(
        post.folder, {"to_file": str(post.folder / "desk")}, {"to_file": str(post.folder / "other")}
    )
    fail(post)
    post.turn()
    assert receiver.told == [] and other.titles == ["Mailbox europe cannot be read"]


def test_a_directory_that_is_old_and_a_grant_that_is_over_are_told(post: Post, receiver: Receiver) -> None:
    post.store.note("directory.old", "9 days", post.now)
    post.turn()
    assert receiver.titles == ["The directory is 9 days old"]
    post.store.note("directory.old", None, post.now)
    post.turn()
    assert receiver.titles[1:] == ["The directory is fresh again"]


def test_several_addresses_of_a_receiver_are_each_told_once(
    post: Post, receiver: Receiver, other: Receiver
) -> None:
    (post.folder / "desk").write_text(f"{receiver.url}\n{other.url}\n")
    other.status = 500
    fail(post)
    daemon = post.daemon()
    daemon.look_and_tell()
    other.status = 200
    post.later(minutes=2)
    daemon.look_and_tell()
    assert (len(receiver.told), len(other.told)) == (1, 1)
    assert receiver.heads[0]["Idempotency-Key"].startswith("triaged-")


# -- addresses ----------------------------------------------------------------------------------------


def one(folder: Path, text: str) -> Alert:
    (folder / "address").write_text(text)
    return Alert.model_validate({"to_file": str(folder / "address")})


def test_apprise_tells_by_its_services_without_following_redirects(
    tmp_path: Path, receiver: Receiver
) -> None:
    pytest.importorskip("apprise")
    alert = one(tmp_path, f"json://127.0.0.1:{receiver.port}/x")
    [address] = receivers.addresses(alert)
    receivers.hand_over(alert, address, {"title": "t", "body": "b", "severity": "S1", "over": False})
    assert receiver.told[0]["title"] == "t"
    receiver.status = ELSEWHERE
    with pytest.raises(Temporary, match="json: the service did not take it"):
        receivers.hand_over(alert, address, {"title": "t", "body": "b", "severity": None, "over": True})
    assert receiver.got == []


@pytest.mark.parametrize(
    ("severity", "over", "kind"),
    [("S1", False, "failure"), ("S2", False, "warning"), (None, False, "warning"), ("S1", True, "success")],
)
def test_services_are_told_how_bad_it_is(
    tmp_path: Path, receiver: Receiver, severity: str | None, over: bool, kind: str
) -> None:
    pytest.importorskip("apprise")
    alert = one(tmp_path, f"json://127.0.0.1:{receiver.port}/x")
    [address] = receivers.addresses(alert)
    receivers.hand_over(alert, address, {"title": "t", "body": "", "severity": severity, "over": over})
    [told] = receiver.told
    # Where there are no words but the title, that is the text too: services refuse an empty one
    assert (told["title"], told["message"], told["type"]) == ("t", "t", kind)


def test_apprise_that_never_ends_is_ended(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("apprise")
    alert = one(tmp_path, f"json://127.0.0.1:{receiver.port}/x?rto=60")
    [address] = receivers.addresses(alert)
    receiver.status = DRIP
    monkeypatch.setattr(receivers, "SECONDS", 4.0)
    with pytest.raises(Temporary, match="no answer within 4 s"):
        receivers.hand_over(alert, address, {"title": "t", "body": "b", "severity": None, "over": False})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("# nothing\n", "there is no address"),
        ("hook.example/s3cret", "it is no address"),
        ("http://hook.example/s3cret", "sends it in the clear"),
        ("https:///s3cret", "names no host"),
        ("slack://s3cret", r"address 1 \(slack://…\) is none that Apprise takes"),
        ("nosuchservice://s3cret", "is none that Apprise takes"),
        ("https://ok.example/x\nhttp://[s3cret", "address 2: it is no address"),
    ],
)
def test_a_bad_address_is_told_without_itself(tmp_path: Path, text: str, why: str, caplog: Any) -> None:
    pytest.importorskip("apprise")
    import re

    with caplog.at_level(logging.DEBUG):
        told = receivers.check(one(tmp_path, text))
    assert len(told) == 1 and re.search(why, told[0])
    assert "s3cret" not in f"{told} {caplog.text}"


def test_a_receiver_of_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match=r"alerts nowhere: .*cannot be read: No such file"):
        receivers.addresses(Alert.model_validate({"to_file": str(tmp_path / "nowhere")}))


def test_without_apprise_a_service_is_refused_with_the_remedy_and_a_webhook_works(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apprise.py").write_text("raise ImportError")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert receivers.check(one(tmp_path, "slack://a/b/c")) == [
        "alerts: Apprise is not installed: pip install 'triaged[alerts]'"
    ]
    alert = one(tmp_path, receiver.url)
    assert receivers.check(alert) == []
    receivers.hand_over(alert, receivers.addresses(alert)[0], {"title": "t", "body": "b"})
    assert receiver.titles == ["t"]


# -- commands -----------------------------------------------------------------------------------------


def with_alerts(folder: Path, text: str) -> None:
    config = folder / "config.yaml"
    config.write_text(config.read_text() + text)


def test_alerts_test_tells_each_receiver_and_says_which_failed(
    run: Run,  # noqa: F811
    desk: Path,  # noqa: F811
    receiver: Receiver,
    other: Receiver,
) -> None:
    (desk / "one").write_text(receiver.url)
    (desk / "two").write_text(other.url)
    with_alerts(desk, "alerts: [{to_file: one}, {to_file: two, name: second}]\n")
    done = run("alerts", "test")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == ["one: address 1 (http): told", "second: address 1 (http): told"]
    assert receiver.titles == ["a test"] and "Nothing is wrong" in receiver.told[0]["body"]
    other.status = 410
    failed = run("alerts", "test", "second")
    assert failed.status == 1 and failed.err == "alerts second: the webhook answers 410\n"
    assert len(receiver.told) == 1
    assert run("alerts", "test", "nobody").status == 1
    assert run("check").status == 0


def test_check_fails_on_a_bad_address(run: Run, desk: Path) -> None:  # noqa: F811
    (desk / "one").write_text("ftp//nonsense-s3cret")
    with_alerts(desk, "alerts: [{to_file: one}]\n")
    done = run("check")
    assert done.status == 1 and "alerts one: address 1: it is no address" in done.err
    assert "s3cret" not in done.err + done.out


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("{}", "give one of to_file, to_env, to_credential"),
        ("{to_file: a, for: [new_s2]}", "did you mean 'new_s1'"),
        ("{to_file: a, for: []}", "for is empty"),
        ("{to_file: a, severities: [S5]}", "'S5'"),
        ("{to_file: a, tiers: [4]}", "4 is none of 1, 2, 3"),
        ("{to_file: a, quiet_hours: {from: '22:00', to: '25:00'}}", "no time of day"),
        ("{to_file: a, quiet_hours: {from: '22:00', to: '22:00'}}", "the same"),
        ("{to_file: a, url: 'slack://x'}", "unknown key 'url'"),
        ("{to_file: a}, {to_file: b/a}", "two alerts have the name a"),
    ],
)
def test_alerts_are_read_strictly(run: Run, desk: Path, written: str, complaint: str) -> None:  # noqa: F811
    with_alerts(desk, f"alerts: [{written}]\n")
    done = run("check")
    assert done.status == 1 and complaint in done.err


def test_quiet_hours_heed_the_zone_and_its_changes_of_the_clock() -> None:
    from datetime import UTC, datetime

    from triaged.config.alerts import QuietHours

    night = QuietHours.model_validate({"from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin"})
    autumn = datetime(2026, 10, 24, 22, tzinfo=UTC)  # the night in which clocks go back
    assert night.over_at(autumn) == datetime(2026, 10, 25, 6, tzinfo=UTC)
    assert night.over_at(datetime(2026, 10, 25, 6, tzinfo=UTC)) is None
    noon = QuietHours.model_validate({"from": "12:00", "to": "13:00"})
    assert noon.over_at(datetime(2026, 1, 1, 12, 30, tzinfo=UTC)) == datetime(2026, 1, 1, 13, tzinfo=UTC)
    assert noon.over_at(datetime(2026, 1, 1, 11, 59, tzinfo=UTC)) is None


def test_a_config_of_alerts_has_names_to_tell_them_apart(tmp_path: Path) -> None:
    config: Config = configured(tmp_path, {"to_credential": "On-Call"}, {"to_env": "HOOK", "name": "hook"})
    assert [receiver.label for receiver in config.alerts] == ["on-call", "hook"]
