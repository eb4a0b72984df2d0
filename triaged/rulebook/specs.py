"""The rulebook's own sections as pydantic models: what may be written, of which shape. PURE.

Conditions (`when`, `conditions`, `lists`) are plain data here and checked by compiling.py, which knows the
facts; sections of other rooms (calendars, letters, …) are checked by the models those rooms give.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict, create_model, model_validator

from triaged.reading.identifiers.kinds import IDENTIFIERS, ON_DEMAND
from triaged.spec.durations import Duration
from triaged.spec.sections import Section
from triaged.vocabulary import Severity

NAME = r"^[a-z0-9][a-z0-9-]{0,59}$"
TOLD = r"^(alert|tier-[123]|[^@\s]{1,64}@[^@\s.]{1,63}(\.[^@\s.]{1,63}){1,8})$"

if TYPE_CHECKING:
    _OnDemand = str
else:  # an identifier that letters ask for where a rule says so
    _OnDemand = Literal[ON_DEMAND]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError(
            f"{value!r} is not a valid name; write lower-case words joined by hyphens, like my-rule"
        )
    return value


def _told(value: str) -> str:
    if not re.fullmatch(TOLD, value):
        raise ValueError(f"{value!r} is neither alert, tier-1, tier-2, tier-3 nor a mail address")
    return value


Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": NAME})]
Told = Annotated[str, AfterValidator(_told), Field(json_schema_extra={"pattern": TOLD})]
Level = Annotated[Severity, Strict(False)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], BeforeValidator(_listed, json_schema_input_type=str | list[str])]


class SeverityAction(Section):
    """Sets the severity, or bounds it: `at_least: S2` makes it S2 or more severe, `at_most: S3` S3 or milder."""

    set: Level | None = None
    at_least: Level | None = None
    at_most: Level | None = None

    @model_validator(mode="after")
    def _one_sense(self) -> SeverityAction:
        if (self.set is None) == (self.at_least is None and self.at_most is None):
            raise ValueError("write a severity, {at_least: …} or {at_most: …}")
        if self.at_least and self.at_most and self.at_least < self.at_most:
            raise ValueError(f"at_least {self.at_least} and at_most {self.at_most} rule each other out")
        return self


def _severity_action(value: Any) -> Any:
    return {"set": value} if isinstance(value, str) else value


class ThenSpec(Section):
    """What a rule does when it hits."""

    severity: Annotated[
        SeverityAction | None,
        BeforeValidator(_severity_action, json_schema_input_type=Level | SeverityAction),
        Field(
            description="S1 to S4, or {at_least: S2}, or {at_most: S3}", examples=["S1", {"at_least": "S2"}]
        ),
    ] = None
    tags: Annotated[list[Name], Field(description="Tags the ticket gets")] = []
    service_level: Annotated[str | None, Field(description="Name of a policy of service_levels")] = None
    queue: Annotated[str | None, Field(description="Queue the ticket goes to, one of queues")] = None
    letter: Annotated[
        str | None, Field(description="Letter that acknowledges the mail instead of the usual one")
    ] = None
    hold_letters: Annotated[
        Literal["all"] | list[str],
        Field(description="Kinds of letters to hold back, or all", examples=["all"]),
    ] = []
    notify: Annotated[
        list[Told],
        Field(
            description="Who is told: alert, tier-1, tier-2, tier-3 or a mail address", examples=[["alert"]]
        ),
    ] = []
    review: Annotated[
        bool | Text, Field(description="Ask staff to look; a text is the reason they are told")
    ] = False
    ask: Annotated[
        list[_OnDemand],
        BeforeValidator(_listed, json_schema_input_type=_OnDemand | list[_OnDemand]),
        Field(
            description="Identifiers that letters ask for, where neither mail nor directory gives them, "
            "beside SuperAdmin address, ZOID and service",
            examples=["zuid"],
        ),
    ] = []

    @property
    def does_something(self) -> bool:
        """Whether any action is given."""
        return bool(self.model_dump(exclude_defaults=True))


class RuleSpec(Section):
    """One rule: when its condition holds, its actions apply."""

    name: Name
    why: Annotated[str, Field(description="Why the rule exists, for whoever reads it next year")] = ""
    when: Annotated[dict[str, Any], Field(description="The condition; left out: every mail")] = {}
    then: ThenSpec = ThenSpec()
    stop: Annotated[bool, Field(description="No later rule is looked at when this one hits")] = False
    enabled: Annotated[bool, Field(description="false switches the rule off without losing it")] = True

    @model_validator(mode="after")
    def _acts(self) -> RuleSpec:
        if not self.then.does_something and not self.stop:
            raise ValueError(f"'{self.name}' does nothing: give it then: or stop: true")
        return self


class MailSpec(Section):
    """A mail as a test writes it; it is read by the same code that reads real mail."""

    from_: Annotated[str, Field(alias="from", examples=["anna@partner.example"])]
    to: Texts = ["partner-support@zohocorp.com"]
    cc: Texts = []
    subject: str = ""
    body: str = ""


class ExpectSpec(Section):
    """What a test wants; what is left out does not matter."""

    severity: Level | None = None
    content_severity: Level | None = None
    hits: Annotated[list[str], Field(description="These rules hit (others may too)")] = []
    misses: Annotated[list[str], Field(description="These rules do not hit")] = []
    tags: Annotated[list[str] | None, Field(description="Exactly these tags, in any order")] = None
    service_level: str | None = None
    queue: str | None = None
    letter: str | None = None
    hold_letters: list[str] | None = None
    ask: Annotated[list[str] | None, Field(description="Exactly these identifiers are asked for")] = None
    review: Annotated[bool | None, Field(description="Whether staff are asked to look")] = None
    provisional: bool | None = None
    screen_sharing: Annotated[
        bool | None,
        Field(description="Whether a screen-sharing session may be offered, by plan, tier and sender"),
    ] = None
    facts: Annotated[
        dict[str, Any],
        Field(description="What the reading of the mail has to give", examples=[{"language": "ja"}]),
    ] = {}


class TestSpec(Section):
    """A test of the rulebook: a mail, facts given beside it, and what has to come out."""

    __test__ = False  # not one of pytest's

    name: Text
    why: str = ""
    mail: MailSpec | None = None
    given: Annotated[
        dict[str, Any],
        Field(
            description="Facts set by hand over those of the mail", examples=[{"sender": {"trusted": True}}]
        ),
    ] = {}
    expect: ExpectSpec


class ServiceSpec(Section):
    """A service: its full name as in the subscriptions, what else people call it, whether licences count."""

    name: Text
    aliases: list[Text] = []
    eligible: Annotated[bool, Field(description="false: licences do not make a large account")] = True
    why: str = ""


class SeveritySpec(Section):
    """What a severity is called and means."""

    name: Text
    meaning: Text


class ThresholdsSpec(Section):
    """User licences that make an account large, by region."""

    default: Annotated[int, Field(ge=1)] = 200
    regions: dict[str, Annotated[int, Field(ge=1)]] = {}


class DefaultsSpec(Section):
    """What holds when no rule says otherwise."""

    severity: Annotated[Level, Field(description="Where the classifier abstains")] = Severity.S3
    service_level: str = "standard"
    queue: str | None = None


class AskedOfSpec(Section):
    """Where an identifier is asked for."""

    services: Annotated[list[Text], Field(description="Full names of services")] = []


_ASKED: dict[str, Any] = {
    kind.name: (AskedOfSpec, Field(default=AskedOfSpec(), description=f"Where it is asked for: {kind.what}"))
    for kind in IDENTIFIERS
    if kind.name in ON_DEMAND
}
# A field for each identifier that is asked for where a rule says so.
AskingSpec: type[Section] = create_model(
    "AskingSpec",
    __base__=Section,
    __doc__="What letters ask for beside SuperAdmin address, ZOID and service; a rule's `ask` adds to it.",
    **_ASKED,
)


class WeightsSpec(Section):
    """How much examples count in training."""

    shipped: Annotated[float, Field(gt=0, le=100, strict=False)] = 1.0
    corrections: Annotated[
        float | None, Field(gt=0, le=100, strict=False, description="Left out: chosen by validation")
    ] = None


class ScheduleSpec(Section):
    """When the daemon trains anew by itself; it never promotes a model that is worse."""

    every: Duration
    corrections: Annotated[int, Field(ge=1, description="at least so many new corrections")] = 20


Cost = Annotated[float, Field(ge=0, le=1000, strict=False)]


Share = Annotated[float, Field(gt=0, lt=1, strict=False)]


class PriorSpec(Section):
    """How often each severity occurs in the site's mail, large accounts' treatment aside."""

    S1: Share
    S2: Share
    S3: Share
    S4: Share
    tickets: Annotated[
        int, Field(ge=50, description="From so many closed tickets of a year on, they say it instead")
    ] = 300

    @model_validator(mode="after")
    def _whole(self) -> PriorSpec:
        if abs(sum(self.shares.values()) - 1) > 0.011:
            raise ValueError(f"the four shares are {sum(self.shares.values()):.2f} in all; they must be 1")
        return self

    @property
    def shares(self) -> dict[Severity, float]:
        """Each severity's share."""
        return {Severity.S1: self.S1, Severity.S2: self.S2, Severity.S3: self.S3, Severity.S4: self.S4}


class ClassifierSpec(Section):
    """How the classifier's word is taken."""

    confidence: Annotated[
        float, Field(ge=0, le=1, strict=False, description="Below it staff are asked to look")
    ] = 0.55
    prior: Annotated[
        PriorSpec | None,
        Field(description="How often each severity occurs; left out: all alike, as in the examples"),
    ] = None
    costs: Annotated[
        dict[Level, dict[Level, Cost]],
        Field(description="costs[true][said]: how bad it is to say one severity where another is true"),
    ] = {}
    weights: WeightsSpec = WeightsSpec()
    schedule: ScheduleSpec | None = None


# Sections of this room: lists are checked item by item, so that one bad rule hides no other.
LISTS: dict[str, type[Section]] = {"rules": RuleSpec, "tests": TestSpec, "services": ServiceSpec}
VALUES: dict[str, Any] = {
    "severities": dict[Level, SeveritySpec],
    "thresholds": ThresholdsSpec,
    "defaults": DefaultsSpec,
    "asking": AskingSpec,
    "classifier": ClassifierSpec,
    "queues": list[Name],
    "words": dict[Name, Annotated[list[Text], Field(min_length=1)]],
    "lists": dict[Name, Annotated[list[Text | int | float], Field(min_length=1)]],
    "conditions": dict[Name, dict[str, Any]],
}
