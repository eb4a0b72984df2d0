"""Links that mail filters have wrapped, opened without asking anybody."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from triaged.reading.identifiers import marks
from triaged.reading.identifiers.passages import Passage
from triaged.reading.page import links

PLAIN = "https://crm.zoho.com/crm/org60011122233/tab/Leads"
IN_FULL = quote(PLAIN, safe="")
IN_BASE64 = base64.urlsafe_b64encode(PLAIN.encode()).decode()
SOPHOS = f"https://eu-west-1.protection.sophos.com/?d=zoho.com&u={IN_BASE64.rstrip('=')}&i=NWE&t=x&h=1"
WRAPPED = {
    "plain": PLAIN,
    "Proofpoint 1": f"https://urldefense.proofpoint.com/v1/url?u={IN_FULL}&k=x",
    "Proofpoint 2": "https://urldefense.proofpoint.com/v2/url?u=https-3A__crm.zoho.com_crm_org60011122233_tab_Leads&d=DwMFaQ&c=x",
    "Proofpoint 3": "https://urldefense.com/v3/__https://crm.zoho.com/crm/org60011122233/tab/Leads__;!!N3!r$",
    "Proofpoint 3 with signs": "https://urldefense.com/v3/__https://books.zoho.com/app/60011122233*/invoices__;Iw!!N3!r$",
    "Safe Links": f"https://eu01.safelinks.protection.outlook.com/?url={IN_FULL}&data=05",
    "Sophos": SOPHOS,
    "Sophos in Safe Links": f"https://eu01.safelinks.protection.outlook.com/?url={quote(SOPHOS, safe='')}&data=05",
    "Cisco": f"https://secure-web.cisco.com/1abc-_x/{IN_FULL}",
    "Barracuda": f"https://linkprotect.cudasvc.com/url?a={IN_FULL}&c=E,1&typo=1",
    "Trend Micro": f"https://ctp.trendmicro.com/wis/clicktime/v1/query?url={IN_FULL}&umid=12345678901",
    "Avanan": f"https://url.avanan.click/v2/___{PLAIN}___.YXAzOm",
    "FireEye": f"https://protect2.fireeye.com/v1/url?k=1&e=2&u={IN_FULL}",
    "Mimecast": f"https://url.us.m.mimecastprotect.com/s/x?domain=crm.zoho.com&u={IN_FULL}",
    "Exclaimer": f"https://eu.content.exclaimer.net/?url={IN_FULL}&tenantid=x",
    "Google": f"https://www.google.com/url?q={IN_FULL}&sa=D",
    "base64 in a path": f"https://click.track.example/ls/{IN_BASE64}/x",
    "base64 in a parameter": f"https://r.track.example/?l={quote(base64.b64encode(PLAIN.encode()).decode(), safe='')}",
}


@pytest.mark.parametrize("name", WRAPPED)
def test_the_organisation_is_found_in_a_wrapped_link(name: str) -> None:
    found = marks.find(Passage.of("new", f"see {WRAPPED[name]} please"))
    assert [(mark.kind, mark.value) for mark in found] == [("url:zoid", "60011122233")]


@pytest.mark.parametrize("name", [name for name in WRAPPED if "base64 in" not in name])
def test_a_filter_s_link_is_shown_as_where_it_leads(name: str) -> None:
    assert links.target(WRAPPED[name]).startswith(("https://crm.zoho.com/", "https://books.zoho.com/"))


@pytest.mark.parametrize(
    "link",
    ["https://urldefense.com/v3/__" + "*" * 3000 + "__;" + "A" * 1000 + "!", "https://x.example/?u=" + "%25" * 3000, "https://x.example/" + "A" * 7000, "https://[x/?u=https://y", "https://eu01.safelinks.protection.outlook.com/?url=" * 200],
)  # fmt: skip
def test_hostile_links_are_read_without_harm(link: str) -> None:
    assert isinstance(links.target(link), str) and len(links.inner(link)) <= 15


def safe(link: str) -> str:
    return f"https://eu01.safelinks.protection.outlook.com/?url={quote(link, safe='')}"


def encoded(link: str) -> str:
    return base64.urlsafe_b64encode(link.encode()).decode()


SHORT = "https://a.example/1"


def as_long(size: int) -> str:
    return f"https://a.example/{'a' * (size - 18)}"


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("MAILTO:it%40a.example?subject=x", "it@a.example"),
        (f"mailto:{'a' * 321}", "a" * 320),
        ("ftp://a.example", "ftp://a.example"),
        ("HTTP://a.example", "HTTP://a.example"),
        ("tel:1", ""),
        ("", ""),
        (as_long(1_000), as_long(1_000)),
        (as_long(1_001), ""),
        (safe(SHORT), SHORT),
        (safe(safe(SHORT)), SHORT),
        (safe(safe(safe(SHORT))), SHORT),
        (safe(safe(safe(safe(SHORT)))), safe(SHORT)),
        (f"{safe(SHORT)}&x=".ljust(8_000, "y"), SHORT),
        (f"{safe(SHORT)}&x=".ljust(8_001, "y"), ""),
        (safe("tel:1"), safe("tel:1")),
    ],
)  # fmt: skip
def test_a_link_leads_where_its_wrappings_do_as_deep_and_long_as_goes(link: str, leads: str) -> None:
    assert links.target(link) == leads


@pytest.mark.parametrize(
    ("link", "within"),
    [
        (safe(safe(SHORT)), (safe(SHORT), SHORT)),
        (safe(safe(safe(safe(SHORT)))), (safe(safe(safe(SHORT))), safe(safe(SHORT)), safe(SHORT))),
        ("https://x.example/?" + "&".join(f"p{n}=https://a.example/{n}" for n in range(9)), tuple(f"https://a.example/{n}" for n in range(5))),
        ("https://x.example/?" + "p=1&" * 29 + f"u={SHORT}", (SHORT,)),
        ("https://x.example/?" + "p=1&" * 30 + f"u={SHORT}", ()),
        ("https://x.example/" + "p/" * 28 + quote(SHORT, safe=""), (SHORT,)),
        ("https://x.example/" + "p/" * 29 + quote(SHORT, safe=""), ()),
        (f"https://x.example/?u={encoded('https://a.ex').rstrip('=')}", ("https://a.ex",)),
        (f"https://x.example/{encoded('https://a.example/12')}", ("https://a.example/12",)),
        (f"https://x.example/?u={encoded('no link at all here')}", ()),
        (f"https://x.example/?u={SHORT}&v={SHORT}", (SHORT, SHORT)),
    ],
)  # fmt: skip
def test_every_link_within_a_link_is_found_nearest_first(link: str, within: tuple[str, ...]) -> None:
    assert links.inner(link) == within


@pytest.mark.parametrize(
    ("spelt", "signs", "meant"),
    [
        ("https://a.example/*x", "#", "https://a.example/#x"),
        ("https://a.example/**Ax", "#!", "https://a.example/#!x"),
        ("https://a.example/**Bx", "#!?", "https://a.example/#!?x"),
        ("https://a.example/***Ay", "?#!", "https://a.example/?#!y"),
        ("https://a.example/*x*y", "#?", "https://a.example/#x?y"),
        ("https://a.example/*x*y", "#", "https://a.example/#x*y"),
        ("https://a.example/x", "", "https://a.example/x"),
    ],
)
def test_proofpoint_s_stars_are_the_signs_they_stand_for(spelt: str, signs: str, meant: str) -> None:
    assert links.inner(f"https://urldefense.com/v3/__{spelt}__;{encoded(signs)}!!N3!r$") == (meant,)
