"""`triaged explain` and `tickets show` in words: each thing that is odd, missing or unsure has its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.e2e.town import ANNA, mail

ODD = (
    b"Authentication-Results: mx.intake.example; dmarc=pass header.from=oakbridge.example\r\n"
    b'From: "boss@other.example" <anna@oakbridge.example>\r\nTo: partner-support@eu.zohocorp.com\r\n'
    b"Reply-To: x@elsewhere.example\r\nMessage-ID: <c9@oakbridge.example>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=x-nope\r\n\r\nThe import of leads fails for one of our users. Gr\xfc\xdfe\r\n"
)
TWO = "SuperAdmin: it@alder.example\nZOID: 60031122399\nService: Zoho CRM\nThe import of leads fails."


def told(run: Run, file: str, *more: str) -> list[str]:
    """The lines, label and text each, those that were wrapped put together."""
    done = run("explain", file, *more)
    assert (done.status, done.err) == (0, "")
    return re.sub(r"\n {16}(?![!✓·+−]|\w+: )", " ", done.out).splitlines()


def test_a_mail_without_a_subject_an_odd_name_and_odd_bytes(run: Run, desk: Path) -> None:
    (desk / "odd.eml").write_bytes(ODD)
    lines = told(run, "odd.eml")
    assert lines[0] == "odd.eml: (no subject)"
    assert (
        "                ! the name shows boss@other.example, the address is anna@oakbridge.example" in lines
    )
    assert "                ! Reply-To elsewhere: x@elsewhere.example" in lines
    assert "  defect        charset 'x-nope' does not fit, read as cp1252" in lines
    assert "  account       none found" in lines and not [
        one for one in lines if one.startswith("  conflict")
    ]


def test_a_mail_of_a_stranger_asks_for_a_review_and_one_of_a_partner_does_not(run: Run) -> None:
    lines = told(run, "2.eml")
    why = "stranger.example is not a partner's domain or contact"
    assert f"  sender        eve@stranger.example, not trusted: {why}" in lines
    assert f"  review        untrusted sender: {why}" in lines
    assert not [one for one in told(run, "0.eml") if one.startswith(("  review", "  defect"))]


def test_of_an_automatic_mail_neither_severity_nor_service_level_is_told(run: Run) -> None:
    labels = [line[2:16].strip() for line in told(run, "3.eml") if line.startswith("  ")]
    assert labels == ["kind", "sender", "language", "service", "missing", "account"]
    assert "  service       -  (not looked for: a machine wrote the mail)" in told(run, "3.eml")


def test_two_customers_in_one_mail_are_a_conflict(run: Run, desk: Path) -> None:
    (desk / "two.eml").write_bytes(mail(ANNA, "Two", TWO))
    [line] = [one for one in told(run, "two.eml") if one.startswith("  conflict")]
    assert line == "  conflict      superadmin_email leads to alder; zoid leads to birch"


def test_a_large_account_that_asks_about_what_does_not_count_is_told_so(run: Run, desk: Path) -> None:
    (desk / "desk.eml").write_bytes(
        mail(ANNA, "Search", TWO.split("\n")[0] + "\nService: Zoho PageSense\nIt is slow.")
    )
    [line] = [one for one in told(run, "desk.eml") if one.startswith("  account")]
    assert line.endswith(
        "; large user account, but the service asked about does not count: 240 of 200 licences"
    )


# -- a ticket's story ----------------------------------------------------------------------------------


def labelled(run: Run, label: str) -> list[str]:
    shown = run("tickets", "show", "PS-1002")
    assert shown.status == 0
    return [line[16:] for line in shown.out.splitlines() if line.startswith(f"  {label:<14}")]


def test_a_case_stands_in_the_story_with_what_is_expected(run: Run) -> None:
    assert labelled(run, "case") == []
    assert run("cases", "raise", "PS-1002", "--expected", "2027-01-02").status == 0
    assert labelled(run, "case") == ["CP-1001 submitted, expected 2027-01-02 (no promise)"]


@pytest.mark.parametrize(("asked", "reviewed"), [(True, False), (False, True)])
def test_a_review_is_told_until_it_is_done(run: Run, asked: bool, reviewed: bool) -> None:
    if reviewed:
        assert run("tickets", "reviewed", "PS-1003").status == 0
    shown = run("tickets", "show", "PS-1003").out
    assert ("  review        untrusted sender: " in shown) is asked


def test_an_attachment_is_named_where_the_mail_is_shown(run: Run, desk: Path) -> None:
    (desk / "steps.csv").write_text("a,b\n")
    (desk / "text").write_text("The steps he took are in the file.")
    call = ("tickets", "open", "--channel", "phone", "--from", f"Anna <{ANNA}>", "--subject", "Import")
    opened = run(*call, "--text-file", "text", "--attach", "steps.csv")
    assert opened.status == 0, opened.err
    said = run("tickets", "show", opened.out.split()[0], "--text").out
    assert "\n  The steps he took are in the file.\n  [attached: steps.csv]\n" in said
    assert said.count("[attached: ") == 1
