"""`triaged web`, `web link`, `sessions end`, and the demo that stays: as commands, in processes of their own."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from tests.web.desk import ANNA, STRANGER, Desk

PROGRAM = [sys.executable, "-m", "triaged"]


def run(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    config = str(desk.folder / "config.yaml")
    return subprocess.run(
        [*PROGRAM, "--config", config, *arguments], capture_output=True, text=True, timeout=120
    )


def test_web_link_prints_a_link_for_whom_we_know_and_sessions_end_ends_what_it_began(lone: Desk) -> None:
    made = run(lone, "web", "link", ANNA)
    assert made.returncode == 0, made.stderr
    browser = lone.browser()
    browser.post(browser.get(made.stdout.strip()), "/sign-in/link/")
    assert ANNA in browser.get("/tickets").text
    ended = run(lone, "sessions", "end", ANNA.upper())
    assert (ended.returncode, ended.stdout.strip()) == (0, "1 session ended")
    assert "/sign-in" in str(browser.get("/tickets").url)
    unknown = run(lone, "web", "link", STRANGER)
    assert unknown.returncode == 1 and "neither a partner's nor staff's" in unknown.stderr


def test_without_a_section_web_nothing_is_served(lone: Desk) -> None:
    config = lone.folder / "config.yaml"
    config.write_text(re.sub(r"(?ms)^web:.*?(?=^\S|\Z)", "", config.read_text()))
    told = run(lone, "web")
    assert told.returncode == 1 and told.stderr.startswith("web: the config has no such section")


def test_the_demo_that_stays_prints_three_links_that_sign_in() -> None:
    process = subprocess.Popen(
        [*PROGRAM, "demo", "--stay"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path.cwd(),
    )
    try:
        assert process.stdout is not None
        links: dict[str, str] = {}
        until = time.monotonic() + 400
        for line in process.stdout:
            if found := re.match(r"(partner|partner-admin|staff): (http://127\.0\.0\.1:\S+)$", line):
                links[found[1]] = found[2]
            if len(links) == 3 or time.monotonic() > until:
                break
        assert list(links) == ["partner", "partner-admin", "staff"]
        for who, link in links.items():
            with httpx2.Client(follow_redirects=True, timeout=60) as browser:
                page = browser.get(link)
                token = re.findall(r'name="csrf" value="(\w+)"', page.text)[0]
                landed = browser.post(link, data={"csrf": token})
                assert landed.url.path == ("/queue" if who == "staff" else "/tickets"), who
                assert landed.text.count('<td class="ref">') >= 15
                if who == "staff":
                    sessions = browser.get(str(landed.url.join("/screen-sharing?view=all"))).text
                    states = set(re.findall(r'data-label="State"><span class="tag">(\w+)<', sessions))
                    assert states >= {"offered", "declined", "accepted", "moved", "cancelled"}, states
                    everything = browser.get(str(landed.url.join("/queue?view=everything&channel=chat"))).text
                    assert everything.count('<td class="ref">') == 1
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
