"""The service the trouble is about: a table of what partners write."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.reading.service_cases import CASES
from triaged.reading.new_text import quotes
from triaged.reading.services import services
from triaged.reading.values import Service

RULES = Path(__file__).parents[2] / "rules" / "10-services.yaml"
LISTED = yaml.safe_load(RULES.read_text(encoding="utf-8"))["services"]
SERVICES = tuple(Service(s["name"], tuple(s.get("aliases", ())), s.get("eligible", True)) for s in LISTED)


@pytest.mark.parametrize(
    ("subject", "text", "service"), CASES, ids=[text[:50].replace("\n", " ") for _, text, _ in CASES]
)
def test_the_service_in_trouble_is_told_from_those_mentioned(
    subject: str, text: str, service: str | None
) -> None:
    found = services.which(subject, quotes.cut(text, subject=subject), SERVICES)
    assert found.name == service, found.why


def test_a_quoted_service_does_not_count() -> None:
    text = "Same for another client.\n\nOn Tue, 17 Nov 2026 at 18:05, Partner Support <partner-support@zohocorp.com> wrote:\n> Zoho CRM is fixed"
    assert services.which("Re: hello", quotes.cut(text), SERVICES).name is None


def test_an_inline_answer_names_the_service_under_its_quoted_label() -> None:
    text = "Inline.\n\nOn Tue, 17 Nov 2026 at 18:05, Partner Support <partner-support@zohocorp.com> wrote:\n> Service name (e.g. Zoho CRM):\nCreator\n> Thank you"
    assert services.which("Re: details", quotes.cut(text), SERVICES).name == "Zoho Creator"


@pytest.mark.parametrize(
    ("text", "service"),
    [("Service Name* (e.g. Zoho CRM, Zoho Books): Zoho People", "Zoho People"),
     ("Service Name* (e.g. Zoho CRM, Zoho Books):\nIssue: the page is blank", None),
     ("Service Name - Example: Zoho CRM\nZoho Desk\nIssue: the page is blank", "Zoho Desk"),
     ("[Service name, e.g. Zoho CRM] Zoho Recruit", "Zoho Recruit"),
     ("org 60031122334\nit is projects", "Zoho Projects"),
     ("category?\nit is billing", None)],
)  # fmt: skip
def test_what_the_template_names_as_an_example_is_not_the_service(text: str, service: str | None) -> None:
    assert services.which("Support request", quotes.cut(text), SERVICES).name == service


def test_services_of_the_rulebook_alone_are_known() -> None:
    only = (Service("Acme Ledger", ("AL9",)),)
    assert services.which("", quotes.cut("AL9 hangs"), only).name == "Acme Ledger"
    assert services.which("", quotes.cut("Zoho CRM hangs"), only).name is None


def test_the_reason_shows_the_line_it_was_read_from() -> None:
    assert (
        "merge button"
        in services.which("", quotes.cut("In Zoho Desk the merge button is gone."), SERVICES).why
    )


def test_no_name_or_alias_belongs_to_two_services() -> None:
    spelt = [alias.casefold() for s in LISTED for alias in (s["name"], *s.get("aliases", ()))]
    assert len(spelt) == len(set(spelt))


def test_the_services_measured_otherwise_are_not_eligible() -> None:
    assert {s["name"] for s in LISTED if not s.get("eligible", True)} == {
        "Zoho Campaigns",
        "Zoho DataPrep",
        "Zoho PageSense",
        "Zoho Writer add-ons",
        "Zoho Marketing Automation",
    }


def test_it_is_this_service_that_fails_and_the_button_merely_lives_in_another() -> None:
    text = (
        "The clinic sends consents with the button in Zoho CRM. The CRM is only where the button lives.\n"
        "It is Zoho Sign that keeps the document in draft after the button was pressed."
    )
    assert services.which("consents stay in draft", quotes.cut(text), SERVICES).name == "Zoho Sign"


def test_what_is_fine_behind_a_comma_is_not_the_service() -> None:
    text = "Hana gets no notification from two channels in Cliq, phone app is fine."
    assert services.which("two channels quiet", quotes.cut(text), SERVICES).name == "Zoho Cliq"


@pytest.mark.parametrize(("lines", "why"), [(4, "field “Zoho CRM”"), (5, "named: “Zoho CRM”")])
def test_the_value_of_a_field_stands_within_four_lines_of_it(lines: int, why: str) -> None:
    text = f"Service name:{lines * chr(10) + chr(32)}Zoho CRM".replace("\n", "\n \t")
    assert services.which("x", quotes.cut(text), SERVICES) == services.ServiceFind("Zoho CRM", why)


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        ("Customer\tService\tZOID\nZoho Books\tZoho CRM\t6001", "Zoho CRM", "field “Zoho Books Zoho CRM 6001”"),
        ("Customer\tService\tZOID\nOak\tZoho CRM\t6001\nZoho Books", "Zoho CRM", "field “Oak Zoho CRM 6001”"),
        ("Service\tCustomer\nZoho CRM\tZoho Books", "Zoho CRM", "field “Zoho CRM Zoho Books”"),
        ("Customer|Service|x\nZoho Books|Zoho CRM|y", "Zoho CRM", "field “Zoho Books|Zoho CRM|y”"),
        ("Customer\tService\nOak\tZoho CRM\nElm\tZoho Books", "Zoho CRM", "field “Oak Zoho CRM”"),
        ("Customer\tService\tZOID\nZoho Books\tZoho CRM", "Zoho Books", "named: “Zoho Books Zoho CRM”"),
        ("Zoho Books\nCustomer\tService\tZOID", "Zoho Books", "named: “Zoho Books”"),
        ("Zoho Desk (service)", "Zoho Desk", "field “Zoho Desk (service)”"),
        ("Zoho CRM\nZoho Desk - service\nZoho Books", "Zoho Desk", "field “Zoho Desk - service”"),
        ("Zoho CRM\nZoho Desk (service)\nZoho Books", "Zoho Desk", "field “Zoho Desk (service)”"),
        ("Zoho CRM\nZoho Desk (service) is down", "Zoho CRM", "named: “Zoho CRM”"),
        (f"{'a' * 48} Zoho Desk (service)", "Zoho Desk", f"field “{'a' * 48} Zoho Desk (service)”"),
        (f"{'a' * 49} Zoho Desk (service)", "Zoho Desk", f"named: “{'a' * 49} Zoho Desk (service)”"),
        ("Service name: n/a\nWe use Zoho CRM.", "Zoho CRM", "mentioned: “We use Zoho CRM.”"),
        ("Service name: -\nWe use Zoho CRM.", "Zoho CRM", "mentioned: “We use Zoho CRM.”"),
        ("Service name: > none\nWe use Zoho CRM.", "Zoho CRM", "mentioned: “We use Zoho CRM.”"),
        ("Service name:\n-\nZoho CRM", "Zoho CRM", "named: “Zoho CRM”"),
        ("Service name: x\nService name: Zoho CRM", "Zoho CRM", "field “Service name: Zoho CRM”"),
        ("Service name: Zoho CRM / Zoho Desk", "Zoho CRM", "field “Service name: Zoho CRM / Zoho Desk”"),
        ("Service name: Zoho CRM; Zoho Desk", "Zoho CRM", "field “Service name: Zoho CRM; Zoho Desk”"),
        (f"Service name: {'a' * 29} Zoho CRM", "Zoho CRM", f"field “Service name: {'a' * 29} Zoho CRM”"),
        (f"Service name: {'a' * 30} Zoho CRM", "Zoho CRM", f"named: “Service name: {'a' * 30} Zoho CRM”"),
        ("Service name: (as in the shop) Zoho CRM", "Zoho CRM", "field “Service name: (as in the shop) Zoho CRM”"),
        ("Service name (e.g. Zoho Desk)\nZoho CRM", "Zoho CRM", "field “Zoho CRM”"),
        ("Service name (e.g. Zoho Desk): Zoho CRM", "Zoho CRM", "field “Service name (e.g. Zoho Desk): Zoho CRM”"),
    ],
)  # fmt: skip
def test_a_field_s_value_stands_behind_it_below_it_in_its_column_or_before_it(
    text: str, name: str, why: str
) -> None:
    assert services.which("x", quotes.cut(text), SERVICES) == services.ServiceFind(name, why)


DENIED = "services named only to say they are not the trouble"


@pytest.mark.parametrize(
    ("subject", "text", "name", "why"),
    [
        ("Zoho Desk", "Zoho CRM.", "Zoho Desk", "named: “Zoho Desk”"),
        ("Zoho Desk", "Zoho CRM fails.", "Zoho Desk", "named: “Zoho Desk”"),
        ("Zoho Desk", "Error in Zoho CRM.", "Zoho CRM", "the trouble is there: “Error in Zoho CRM.”"),
        ("x", "Zoho CRM. Zoho Desk.", "Zoho CRM", "named: “Zoho CRM. Zoho Desk.”"),
        ("x", "Zoho Workplace. Zoho Mail.", "Zoho Mail", "named: “Zoho Workplace. Zoho Mail.”"),
        ("x", "Zoho One, Zoho CRM", "Zoho CRM", "named: “Zoho One, Zoho CRM”"),
        ("x", "Zoho Desk, but only in Zoho Books", "Zoho Books", "set against others: “Zoho Desk, but only in Zoho Books”"),
        ("x", "~~Zoho CRM~~ Zoho Desk", "Zoho Desk", "named: “~~Zoho CRM~~ Zoho Desk”"),
        ("x", "Zoho CRM and Zoho Books work fine. Zoho Desk", "Zoho Desk", "named: “Zoho CRM and Zoho Books work fine. Zoho Desk”"),
        ("x", "Zoho CRM and Zoho Books work fine.", None, DENIED),
        ("x", "not CRM or Books", None, DENIED),
        ("x", "Zoho CRM is fine.", None, DENIED),
        ("x", "Zoho CRM is fine. https://desk.zoho.com/a", "Zoho Desk", "link “https://desk.zoho.com/a”"),
        ("x", "https://crm.zoho.com/a", "Zoho CRM", "link “https://crm.zoho.com/a”"),
        ("x", "Hello", None, "no service named"),
    ],
)  # fmt: skip
def test_of_two_services_the_one_of_the_better_case_is_told_with_its_line(
    subject: str, text: str, name: str | None, why: str
) -> None:
    assert services.which(subject, quotes.cut(text), SERVICES) == services.ServiceFind(name, why)
