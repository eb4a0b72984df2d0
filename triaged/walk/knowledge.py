"""What the house knows: config, rulebook, directory, and what follows from them for its readers.

Everything is built and checked first and then swapped in as one reference (promise 7): a reload changes
everything or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from triaged.config import shipped
from triaged.config.config import Config, Mailbox
from triaged.config.file_marks import FileMarks
from triaged.errors import Faulty
from triaged.frozen import frozen
from triaged.judging import directory as directories
from triaged.judging.directory import Directory
from triaged.letters import known_by
from triaged.letters.context import Desk
from triaged.letters.forms import forms
from triaged.letters.writer import Writer
from triaged.reading.values import Limits, Surroundings
from triaged.reading.words.words import Words
from triaged.rulebook.rulebook import Rulebook
from triaged.spec import former_keys
from triaged.walk.judge import Bearings
from triaged.walk.meeting_links import not_allowed
from triaged.walk.plans.judged import Ground
from triaged.walk.rulebook_folder import load_folder
from triaged.walk.words_folder import words_with


@frozen
class Knowledge:
    """One state of knowledge; never changed, only replaced."""

    config: Config
    rulebook: Rulebook
    directory: Directory
    surroundings: Surroundings
    models: Path
    warnings: tuple[str, ...] = ()
    former: tuple[str, ...] = ()  # the warnings of keys that stand under a former name (spec/former.py)
    files: FileMarks = FileMarks()  # of what was read

    @property
    def bearings(self) -> Bearings:
        """What judging goes by."""
        return Bearings(self.rulebook, self.directory, self.surroundings)

    @property
    def desks(self) -> Mapping[str, Desk]:
        """Every mailbox as letters know it, by name."""
        return {mailbox.name: self._desk(mailbox) for mailbox in self.config.mailboxes}

    def writer(self, mailbox: str, now: datetime) -> Writer:
        """Who writes the letters of a mailbox at a moment; the first mailbox stands in for one taken out."""
        rulebook = self.rulebook
        return Writer(rulebook.letters, rulebook.promises, self._desk(self.config.mailbox(mailbox)), now)

    def ground(self, mailbox: str, now: datetime, secret: bytes = b"") -> Ground:
        """What the plan of a mail to this mailbox goes by."""
        return Ground(
            self.bearings,
            self.writer(mailbox, now),
            language=self.config.mailbox(mailbox).language,
            mail_size=self.config.limits.mail_size,
            desks=self.desks,
            secret=secret,
        )

    def _desk(self, mailbox: Mailbox) -> Desk:
        staff = self.config.staff
        return Desk(
            mailbox=mailbox.name,
            address=mailbox.address,
            name=mailbox.display_name,
            time_zone=mailbox.time_zone,
            region=mailbox.regions[0] if mailbox.regions else "",
            alert=staff.alert,
            tiers={int(tier): who for tier, who in staff.tiers.items()},
            pages=self.config.web.public_url if self.config.web else "",
        )


def gather(config: Config) -> Knowledge:
    """Everything the config names, read and checked. Raises Faulty with every complaint, not only the first."""
    files = FileMarks.of(config)
    complaints: list[str] = []
    rulebook: Rulebook | None = None
    directory: Directory | None = None
    words: Words | None = None
    warnings: list[str] = []
    former: tuple[str, ...] = ()
    try:
        rulebook = load_folder(config.rulebook or shipped.rules())
        warnings += map(str, rulebook.warnings)
        former = tuple(str(one) for one in rulebook.warnings if former_keys.tells(one))
    except Faulty as fault:
        complaints += fault.lines
    try:
        words = words_with(config.reading_words)
    except Faulty as fault:
        complaints += fault.lines
    try:
        directory = read_directory(config.directory.accounts, config.directory.partners)
    except Faulty as fault:
        complaints += fault.lines
    if rulebook is None or directory is None or words is None:
        raise Faulty(*complaints)
    if refused := not_allowed(rulebook.promises.screen_sharing, config.meeting_programs):
        warnings.append(refused)
    warnings += directories.unknown_services(directory, [s.name for s in rulebook.services])
    return Knowledge(
        config,
        rulebook,
        directory,
        surroundings_of(config, rulebook, directory, words),
        models_of(config),
        tuple(warnings),
        (*config.former, *former),
        files,
    )


def models_of(config: Config) -> Path:
    """The folder of models: those that need sentence embeddings lie in one of their own."""
    models = config.models or shipped.models()
    return models / shipped.WITH_EMBEDDINGS if config.classifier.encoder else models


def surroundings_of(
    config: Config, rulebook: Rulebook, directory: Directory, words: Words | None
) -> Surroundings:
    """What the readers must know."""
    return Surroundings(
        support_addresses=config.support_addresses,
        staff_domains=frozenset(config.staff.domains),
        partner_domains=frozenset(p.domain for p in directory.partners if p.domain),
        partner_contacts=frozenset(c for p in directory.partners for c in p.contacts),
        trusted_authserv_ids=frozenset(map(str.lower, config.trusted_authserv_ids)),
        services=rulebook.services,
        forms=forms(rulebook.letters) if rulebook.letters else (),
        words=words,
        our_sentences=known_by.sentences(rulebook.letters) if rulebook.letters else (),
        limits=Limits(size=config.limits.mail_size, seconds=float(config.limits.seconds_per_mail)),
        encoder=config.classifier.encoder,
    )


def read_directory(accounts: Path, partners: Path, *, half: bool = False) -> Directory:
    """The directory of two files. Raises Faulty with every bad row.

    `half`: a file that is not there yet counts as empty, so that the first of the two can be loaded.
    """
    texts = []
    unreadable = []
    columns = {accounts: directories.ACCOUNT_COLUMNS, partners: directories.PARTNER_COLUMNS}
    for path in (accounts, partners):
        if half and not path.exists():
            texts.append(",".join(columns[path]))
            continue
        try:
            texts.append(directories.decode(path.read_bytes(), str(path)))
        except directories.Undecodable as fault:
            unreadable.append(str(fault))
        except OSError as error:
            unreadable.append(
                f"{path}: cannot be read: {error.strerror or error}; `directory` in the config names it"
            )
    if unreadable:
        raise Faulty(*unreadable)
    directory, complaints = directories.parse(
        texts[0], texts[1], accounts_name=str(accounts), partners_name=str(partners)
    )
    if directory is None:
        raise Faulty(*complaints)
    return directory
