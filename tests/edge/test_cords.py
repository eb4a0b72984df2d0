"""One TLS context a server and not a connection."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from triaged.edge import cords


def certificate(file: Path, name: str) -> None:
    key = file.with_suffix(".key")
    subject = ["-subj", f"/CN={name}.example", "-days", "2"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run([*made, *subject, "-keyout", key, "-out", file], check=True, capture_output=True)


def test_all_connections_to_a_server_share_one_context_until_its_certificates_change(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    certificate(file, "one")
    first = cords.trust(str(file))
    assert cords.trust(str(file)) is first
    assert cords.trust(None) is cords.trust(None) is not first
    certificate(file, "another")
    again = cords.trust(str(file))
    assert again is not first
    assert "another.example" in str(again.get_ca_certs())


def test_a_file_that_is_gone_is_told_each_time(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(OSError):
            cords.trust(str(tmp_path / "nowhere.pem"))
