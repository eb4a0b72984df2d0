"""What systemd is told, where it listens; where nobody does the work goes on."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from triaged.daemon import systemd


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_every_line_in_one_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool
) -> None:
    place = f"@triaged-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(place.replace("@", "\0", 1) if abstract else place)
        heard.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        assert systemd.tell("READY=1", "STATUS=well") is True
        assert heard.recv(1000) == b"READY=1\nSTATUS=well"


@pytest.mark.parametrize("place", ["", "nowhere", "@nobody-listens-here"])
def test_where_nobody_listens_nothing_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / place) if place == "nowhere" else place)
    assert systemd.tell("READY=1") is False
