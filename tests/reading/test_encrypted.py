"""Encrypted mail, signed mail under wrong types, and mail that only speaks of encryption."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest

from triaged.reading import read
from triaged.reading.values import Door, Reading, Surroundings

HOUSE = Surroundings(
    support_addresses=frozenset({"desk@own.example"}), partner_domains=frozenset({"oak.example"})
)
INNER = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello,\r\nSuperAdmin: it@reed.example\r\nZOID: 60011122233\r\n"
ARMOUR = "-----BEGIN PGP MESSAGE-----\nVersion: GnuPG v2\n\nhQEMA0123456789AAQf9abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH\nIJKLMN60044455566OPQ+/abc\n=wxyz\n-----END PGP MESSAGE-----"


def reading(*lines: str, subject: str = "Urgent: sign-in of all users") -> Reading:
    top = [
        "From: Anna Bell <anna@oak.example>",
        "To: desk@own.example",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
    ]
    return read.read("\r\n".join([*top, *lines]).encode(), Door(), HOUSE)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """One mail signed in one piece, and one encrypted twice, by openssl."""
    folder: Path = tmp_path_factory.mktemp("smime")
    (folder / "mail").write_bytes(INNER)
    run(folder, "req -x509 -newkey rsa:2048 -nodes -subj /CN=anna -keyout key -out cert -days 9")
    run(folder, "cms -sign -nodetach -binary -in mail -signer cert -inkey key -outform DER -out signed")
    run(folder, "cms -encrypt -aes256 -binary -in mail -outform DER -out enveloped cert")
    run(folder, "cms -encrypt -aes-256-gcm -binary -in mail -outform DER -out authenticated cert")
    return {name: (folder / name).read_bytes() for name in ("signed", "enveloped", "authenticated")}


def run(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


def file(data: bytes, kind: str, name: str) -> Reading:
    return reading(
        f"Content-Type: {kind}{f'; name={name}' if name else ''}",
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(data).decode(),
    )


TYPES = [
    ("application/pkcs7-mime", "smime.p7m"), ("application/x-pkcs7-mime", ""), ("application/octet-stream", "smime.p7m"),
    ("application/octet-stream", ""), ("application/octet-stream", "SMIME.P7M"), ("application/pkcs7", "x.p7m"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), TYPES)
def test_signed_mail_is_read_whatever_its_file_is_typed(
    sealed: dict[str, bytes], kind: str, name: str
) -> None:
    found = file(sealed["signed"], kind, name)
    assert (found.identifiers.zoid, found.encrypted) == (("60011122233",), "")


@pytest.mark.parametrize("how", ["enveloped", "authenticated"])
@pytest.mark.parametrize(("kind", "name"), TYPES)
def test_an_envelope_is_told_as_encrypted(sealed: dict[str, bytes], how: str, kind: str, name: str) -> None:
    found = file(sealed[how], kind, name)
    assert found.encrypted == "S/MIME" and found.automatic is None and not found.thanks
    assert any("encrypted (S/MIME)" in defect for defect in found.defects) and found.language is None


def test_a_signed_file_that_hangs_on_a_mail_stays_a_file(sealed: dict[str, bytes]) -> None:
    body = base64.encodebytes(sealed["signed"]).decode()
    parts = ["Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "The invoice.", "--b", "Content-Type: application/octet-stream; name=invoice.xml.p7m", "Content-Transfer-Encoding: base64", "", body, "--b--"]  # fmt: skip
    found = reading(*parts)
    assert found.identifiers.zoid == () and found.encrypted == "" and len(found.attachments) == 1


PARTS = {
    "PGP/MIME": ["Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b", "", "--b", "Content-Type: application/pgp-encrypted", "", "Version: 1", "--b", "Content-Type: application/octet-stream; name=encrypted.asc", "", ARMOUR, "--b--"],
    "PGP/MIME that a server took apart": ["Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "", "--b", "Content-Type: application/pgp-encrypted; name=PGPMIME.txt", "", "Version: 1", "--b", "Content-Type: application/octet-stream; name=encrypted.asc", "", ARMOUR, "--b--"],
    "PGP as the whole mail": ["Content-Type: application/octet-stream", "", ARMOUR],
    "PGP in the text": ["Content-Type: text/plain", "", ARMOUR],
    "PGP in the text, cut off": ["Content-Type: text/plain", "", ARMOUR.partition("=wxyz")[0]],
    "an Office message": ["Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "Anna Bell (anna@oak.example) has sent you a protected message.", "--b", "Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg", "Content-Transfer-Encoding: base64", "", "dugECWgEAAA=", "--b--"],
    "an Office message without its type": ["Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "Sie haben eine geschützte Nachricht erhalten.", "--b", "Content-Type: application/octet-stream; name=message_v4.rpmsg", "Content-Transfer-Encoding: base64", "", "dugECWgEAAA=", "--b--"],
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_what_cannot_be_read_says_so_and_gives_nothing_away(name: str) -> None:
    found = reading(*PARTS[name])
    assert found.encrypted and any(found.encrypted in defect for defect in found.defects)
    assert found.automatic is None and found.identifiers.zoid == ()
    assert found.language in (None, "en", "de")


def test_clear_text_beside_an_encrypted_part_counts() -> None:
    found = reading(
        "Content-Type: text/plain",
        "",
        "Hello,\nthe export of our customer fails. ZOID: 60011122233\n\n" + ARMOUR,
    )
    assert (found.identifiers.zoid, found.language, found.encrypted) == (("60011122233",), "en", "PGP")
    assert "BEGIN PGP" not in found.new_text


def test_a_line_of_armour_quoted_as_a_topic_costs_no_text() -> None:
    found = reading(
        "Content-Type: text/plain",
        "",
        "Our customer sees only this in Zoho Mail:\n-----BEGIN PGP MESSAGE-----\nWhat can he do, please? His ZOID: 60011122233",
    )
    assert found.identifiers.zoid == ("60011122233",)


def test_mail_signed_by_pgp_is_not_encrypted() -> None:
    found = reading(
        "Content-Type: text/plain",
        "",
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nZOID: 60011122233\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0\n-----END PGP SIGNATURE-----",
    )
    assert (found.identifiers.zoid, found.encrypted) == (("60011122233",), "")
