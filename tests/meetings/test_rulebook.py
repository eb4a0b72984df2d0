"""What the rulebook says of screen-sharing sessions: its letters must be there, its own tests may ask for it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from triaged.config import shipped
from triaged.letters import kinds
from triaged.promises.screen_sharing import MeetingSpec, ScreenSharingSpec, is_link
from triaged.rulebook import loading
from triaged.walk import rulebook_folder, trials
from triaged.walk.rulebook_folder import ROOMS, load_folder

TEXTS = rulebook_folder.read_folder(shipped.rules())


def test_what_ships_has_terms_in_every_language_of_its_letters_and_a_digest_of_each_text() -> None:
    rulebook = load_folder(shipped.rules())
    offered = rulebook.promises.screen_sharing
    assert set(offered.texts) == set(rulebook.letters.templates)
    assert len({offered.terms(language).digest for language in offered.texts}) == len(offered.texts)
    assert offered.terms("sv").language == "en"
    assert (offered.minutes, [one.length for one in offered.reminders]) == (
        40,
        [timedelta(days=1), timedelta(hours=1)],
    )


def test_who_offers_sessions_without_their_letters_is_told_which_are_missing() -> None:
    english = next(name for name in TEXTS if name.endswith("50-letters.en.yaml"))
    others = {name: text for name, text in TEXTS.items() if not re.search(r"5[1-4]-letters", name)}
    cut = re.sub(
        r"\n      meeting_offer:.*?(?=\n      meeting_invitation:)", "", others[english], flags=re.DOTALL
    )
    rulebook, complaints = loading.load(others | {english: cut}, ROOMS)
    (told,) = [str(one) for one in complaints if not one.warning]
    assert rulebook is None
    assert told.endswith("needs the letters meeting_offer") and "70-screen-sharing.yaml:6:1" in told


def test_a_language_of_letters_without_terms_is_a_warning() -> None:
    name = next(one for one in TEXTS if one.endswith("70-screen-sharing.yaml"))
    without = re.sub(r"\n      ja: \|\n(        .*\n)+", "\n", TEXTS[name])
    rulebook, complaints = loading.load(TEXTS | {name: without}, ROOMS)
    assert rulebook is not None
    assert ["no terms in 'ja'" in str(one) for one in complaints] == [True]


def test_a_rulebook_without_the_section_needs_none_of_the_letters_and_offers_none() -> None:
    texts = {name: text for name, text in TEXTS.items() if "70-screen-sharing" not in name}
    for name, text in texts.items():
        if "letters" in name:
            texts[name] = re.sub(r"\n      meeting_[a-z]+:.*?(?=\n {0,6}[a-z])", "", text, flags=re.DOTALL)
    rulebook, complaints = loading.load(texts, ROOMS)
    assert rulebook is not None, complaints
    assert rulebook.promises.screen_sharing is None
    assert not rulebook.letters.names & set(kinds.of_meetings())


@pytest.mark.parametrize(
    ("given", "wanted", "why"),
    [
        ("account: {plan: premium}", "true", ""),
        ("account: {plan: PREMIUM}", "true", ""),
        ("account: {plan: premium}", "false", "wanted false, got true"),
        ("account: {plan: free}", "true", "(the account's plan is 'free', not enterprise or premium)"),
        ("account: {}", "true", "(the account's plan is not known, not enterprise or premium)"),
    ],
)
def test_the_rulebooks_tests_say_why_a_session_may_not_be_offered(given: str, wanted: str, why: str) -> None:
    test = (
        "tests:\n  - {name: x, mail: {from: a@oakbridge.example}, given: {sender: {trusted: true}, "
        f"{given}}}, expect: {{screen_sharing: {wanted}}}}}\n"
    )
    rulebook, complaints = loading.load(TEXTS | {"rules/99.yaml": test}, ROOMS)
    assert rulebook is not None, complaints
    (trial,) = trials.run(rulebook, [one for one in rulebook.tests if one.name == "x"])
    assert why in "; ".join(map(str, trial.surprises))
    assert bool(trial.surprises) is bool(why)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://meet.example/x?pwd=1", True), ("http://meet.example/x", False), ("https://meet.example/a b", False),
        ("javascript:alert(1)", False), ("https://x\r\nBcc: a@b.example", False), ("https://", False), ("HTTPS://x.example/y", False),
    ],
)  # fmt: skip
def test_links_are_whole_and_encrypted(text: str, good: bool) -> None:
    assert is_link(text) is good


@pytest.mark.parametrize("template", ["{host:>9999999}", "{random:{nothing}}", "{number!r}", "{host:{0}}"])
def test_a_template_of_links_holds_names_alone(template: str) -> None:
    with pytest.raises(ValidationError, match="stands alone in its braces"):
        MeetingSpec(template=f"https://meet.example/{template}")


TERMS = {
    "version": "2026-11",
    "texts": {"en": "We look at your screen.", "de": "Wir sehen Ihren Bildschirm."},
}


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"terms": TERMS | {"texts": {"de": "Wir sehen Ihren Bildschirm."}}}, r"no English terms \(texts: en\)"),
        ({"meeting": {"template": "https://meet.example/{"}}, "is no template: .*; write braces twice where they are meant"),
        ({"meeting": {"template": "https://meet.example/{randon}"}}, "unknown placeholder '{randon}'; did you mean 'random'"),
        ({"meeting": {"template": "https://meet.example/{zzzzzz}"}}, "unknown placeholder '{zzzzzz}'; known are "),
        ({"meeting": {"template": "http://meet.example/{random}"}}, "is not a link; it begins with https:// and has no blanks"),
        ({"meeting": {}}, "write either template or command"),
        ({"meeting": {"template": "https://m.example/{random}", "command": ["/bin/true"]}}, "write either template or command"),
        ({"meeting": {"command": ["/bin/true"], "timeout": "61s"}}, "timeout is from 1s to 60s"),
        ({"minutes": 30, "warn_before_end": "30m"}, "warn_before_end 30m is not within the 30 minutes"),
        ({"notice": "60d"}, "notice 60d and ahead 60d leave no time to be offered"),
        ({"notice": "61d"}, "notice 61d and ahead 60d leave no time to be offered"),
        ({}, ""),
        ({"meeting": {"template": "https://meet.example/{random}{digits}{{x}}"}}, ""),
        ({"meeting": {"command": ["/bin/true"], "timeout": "60s"}}, ""),
        ({"meeting": {"command": ["/bin/true"], "timeout": "1s"}}, ""),
        ({"minutes": 30, "warn_before_end": "29m"}, ""),
        ({"notice": "59d"}, ""),
    ],
    ids=str,
)  # fmt: skip
def test_what_of_sessions_makes_no_sense_is_told_with_the_remedy(section: dict[str, Any], told: str) -> None:
    given = {"terms": TERMS, **section}
    if not told:
        assert ScreenSharingSpec.model_validate(given).terms.version == "2026-11"
        return
    with pytest.raises(ValidationError, match=told):
        ScreenSharingSpec.model_validate(given)
