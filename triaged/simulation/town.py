"""The simulation's own partners, accounts and staff, as the files of a directory and a config. All invented.

Eight regions, each with partners that write in their own zone and language; every third account is a
large user account; some people are on leave (an absence note answers) and some have left (letters bounce).
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from triaged.config import config as configs
from triaged.config.config import Config
from triaged.frozen import frozen

AUTHSERV = "mx.intake.example"
GLOBAL, EUROPE = "partner-support@zohocorp.com", "partner-support@eu.zohocorp.com"
STAFF = ("cy@zohocorp.com", "dora@zohocorp.com", "emil@zohocorp.com")
SERVICES = ("Zoho CRM", "Zoho Desk", "Zoho Books", "Zoho Mail", "Zoho Projects", "Zoho Campaigns")

_PLACES = (
    ("US", "America/New_York", "en"),
    ("IN", "Asia/Kolkata", "en"),
    ("AU", "Australia/Sydney", "en"),
    ("JP", "Asia/Tokyo", "ja"),
    ("SA", "Asia/Riyadh", "en"),
    ("CA", "America/Toronto", "en"),
    ("EU", "Europe/Berlin", "de"),
    ("UK", "Europe/London", "en"),
)
_HOUSES = (
    "harbour",
    "lantern",
    "meadow",
    "orchard",
    "quarry",
    "ridge",
    "summit",
    "tidal",
    "valley",
    "willow",
)
_TREES = (
    "acacia",
    "baobab",
    "cherry",
    "damson",
    "ebony",
    "fig",
    "gorse",
    "holly",
    "iris",
    "juniper",
    "kauri",
    "larch",
)
_NAMES = ("Ada Berg", "Ben Cole", "Chie Doi", "Dan Eck", "Eva Fink", "Finn Gray", "Gita Hari", "Hugo Ito")

_CONFIG = """\
database: {database}
directory: {{accounts: accounts.csv, partners: partners.csv}}
trusted_authserv_ids: [{authserv}]
staff:
  domains: [zohocorp.com]
  alert: [support-leads@zohocorp.com]
  tiers: {{1: [tier1@zohocorp.com], 2: [tier2@zohocorp.com], 3: [tier3@zohocorp.com]}}
mailboxes:
  - name: global
    address: {all_the_world}
    regions: [US, IN, AU, JP, SA, CA]
    time_zone: America/Los_Angeles
    smtp: {{host: 127.0.0.1, port: 25, tls: none}}
  - name: europe
    address: {europe}
    regions: [EU, UK]
    time_zone: Europe/Amsterdam
    smtp: {{host: 127.0.0.1, port: 25, tls: none}}
"""


@frozen
class Correspondent:
    """Somebody of a partner. `away`: an absence note answers each letter; `gone`: letters bounce."""

    name: str
    address: str
    region: str
    zone: str
    language: str
    away: bool = False
    gone: bool = False

    @property
    def mailbox(self) -> str:
        """The name of the mailbox this person writes to."""
        return "europe" if self.region in ("EU", "UK") else "global"

    @property
    def support(self) -> str:
        """Its address."""
        return EUROPE if self.mailbox == "europe" else GLOBAL


@frozen
class Customer:
    """An account as its partner knows it."""

    key: str
    zoid: str
    zuid: str
    superadmin: str
    domain: str
    region: str
    partner: str
    subscriptions: str


@frozen
class Town:
    """Everybody there is."""

    people: tuple[Correspondent, ...]
    customers: tuple[Customer, ...]

    def of(self, person: Correspondent) -> tuple[Customer, ...]:
        """The customers a person may write about."""
        return tuple(c for c in self.customers if c.partner == person.address.rpartition("@")[2])


def build(random: Random) -> Town:
    """Two partners a region, five people and five accounts each."""
    people: list[Correspondent] = []
    customers: list[Customer] = []
    for number in range(2 * len(_PLACES)):
        region, zone, language = _PLACES[number % len(_PLACES)]
        domain = f"{_HOUSES[number % len(_HOUSES)]}-{region.lower()}{number // len(_PLACES) + 1}.example"
        for place, name in enumerate(random.sample(_NAMES, 5)):
            address = f"{name.split()[0].lower()}@{domain}"
            people.append(
                Correspondent(name, address, region, zone, language, away=place == 3, gone=place == 4)
            )
        customers += [_customer(random, 5 * number + n, region, domain) for n in range(5)]
    return Town(tuple(people), tuple(customers))


def _customer(random: Random, number: int, region: str, partner: str) -> Customer:
    key = f"{_TREES[number % len(_TREES)]}{number}"
    licences = random.choice((12, 40, 90, 260, 400) if number % 3 else (300, 500))
    service = random.choice(SERVICES[:5])
    domain = f"{key}.example"
    return Customer(
        key, str(60_040_000_000 + number), str(70_020_000_000 + number), f"it@{domain}", domain, region, partner,
        f"{service}={licences}",
    )  # fmt: skip


def settle(town: Town, folder: Path, database: str | None = None) -> Config:
    """The town's files in a folder, and the config that names them."""
    accounts = "".join(
        f"{c.key},{c.key.title()} Works,{c.zoid},{c.superadmin},{c.domain},{c.region},{c.partner},{c.zuid},{c.subscriptions},paid\n"
        for c in town.customers
    )
    (folder / "accounts.csv").write_text(
        "key,name,zoid,superadmin_email,domains,region,partner_domain,zuids,subscriptions,plan\n" + accounts,
        "utf-8",
    )
    partners = {p.address.rpartition("@")[2]: p for p in town.people}
    rows = "".join(
        f"{domain},{domain.partition('.')[0].title()},advanced,{p.region},,{p.zone},{p.language}\n"
        for domain, p in partners.items()
    )
    (folder / "partners.csv").write_text(
        "domain,name,tier,region,contacts,time_zone,language\n" + rows, "utf-8"
    )
    text = _CONFIG.format(
        database=database or "sqlite:///simulation.db", authserv=AUTHSERV, all_the_world=GLOBAL, europe=EUROPE
    )
    (folder / "config.yaml").write_text(text, "utf-8")
    return configs.load(folder / "config.yaml")
