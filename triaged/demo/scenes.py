"""What `triaged demo --stay` plays beyond the sample mails, so that every state of a ticket can be looked at on the pages."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage

from triaged.demo import session_scenes
from triaged.demo.play import Play
from triaged.frozen import frozen
from triaged.store import scope as scopes
from triaged.tickets.cases import ORDER, CaseStep
from triaged.tickets.ticket import Ticket
from triaged.walk.by_call import open_for_call
from triaged.walk.by_hand import ByHand
from triaged.walk.by_meeting import ByMeeting
from triaged.walk.by_page import ByPage
from triaged.walk.page_mail import Channel, Written

PARTNER, PARTNER_ADMIN = "anna@oakbridge.example", "lena@oakbridge.example"
_NAME = "Anna Brandt"
_ANSWERS = 14  # of the long thread
_LOG = b"2026-11-27 10:02:11 ERROR sync_worker_3 record_id=4711 could_not_lock_row\n" * 12
_TABLE = b"record,owner,changed\n4711,anna,2026-11-27\n4712,kim,2026-11-27\n"


@frozen
class _Stage:
    """The play, and who of staff acts in it."""

    play: Play
    staff: str

    def opened(self, subject: str, body: str, *files: tuple[str, str, bytes], html: str = "") -> Ticket:
        """A mail of the partner's through the real door, and the ticket it opened."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"{_NAME} <{PARTNER}>", "partner-support@eu.zohocorp.com"
        mail["Subject"] = subject
        mail["Message-ID"] = f"<scene-{zlib.crc32(subject.encode())}@oakbridge.example>"
        mail.set_content(body, cte="base64")
        if html:
            mail.add_alternative(html, subtype="html", cte="base64")
        for name, type_, content in files:
            main, _, sub = type_.partition("/")
            mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
        row = self.play.deliver(mail.as_string())
        ticket = self.play.daemon.house.store.ticket(row.ticket_id or 0)
        assert ticket is not None, f"{subject}: {row.fate}: {row.why}"
        return ticket

    def taken_down(self, channel: Channel, subject: str, said: str) -> Ticket:
        """A call or a chat with the partner, as the one of staff takes it down."""
        house = self.play.daemon.house
        written = Written(PARTNER, _NAME, subject, said, (), channel)
        return open_for_call(house.store, house.knowledge, written, self.staff, self.play.daemon.clock())

    @property
    def desk(self) -> ByHand:
        """What the one of staff makes happen now."""
        house = self.play.daemon.house
        return ByHand(house.store, house.knowledge, self.staff, self.play.daemon.clock())

    @property
    def page(self) -> ByPage:
        """What the partner makes happen now."""
        house = self.play.daemon.house
        partner = house.knowledge.directory.partner_of(PARTNER)
        scope = scopes.of_person(PARTNER, partner)
        return ByPage(house.store, house.knowledge, scope, self.play.daemon.clock(), _NAME)


def play_all(play: Play, staff: str) -> None:
    """Every scene, one after the other."""
    stage = _Stage(play, staff)
    for scene in _SCENES:
        scene(stage)


def links(play: Play, staff: str) -> Iterator[tuple[str, str]]:
    """A sign-in link for each kind of person."""
    from triaged.web.signing_in import passes

    assert play.pages is not None
    house = play.pages.house
    for who, address in (("partner", PARTNER), ("partner-admin", PARTNER_ADMIN), ("staff", staff)):
        yield who, passes.by_hand(house, address, play.daemon.clock())


def _waiting(stage: _Stage) -> None:
    ticket = stage.opened(
        "Reports show yesterday's figures",
        "Hello,\n\nthe dashboards in Zoho Analytics show yesterday's figures since this morning.\n\n"
        "SuperAdmin: it@birchworks.example\nService: Zoho Analytics\n\nAnna Brandt\n",
    )
    stage.desk.progress(
        ticket, "Which of the dashboards is it, and who opened it last? A screenshot would help us."
    )
    stage.desk.happen(ticket, "waiting", "asked which dashboard it is")


def _escalated(stage: _Stage, step: CaseStep) -> None:
    words = str(step).replace("_", " ")
    ticket = stage.opened(
        f"Webhook sends each record twice ({words})",
        "Hello,\n\nour webhook in Zoho Creator gets each record twice.\n\nSuperAdmin: it@birchworks.example\n"
        f"ZOID: 60031122{334 + ORDER.index(step)}\nService: Zoho Creator\n\nAnna Brandt\n",
    )
    day = (stage.play.daemon.clock() + timedelta(days=6)).date()
    told = "Records that change within one second of each other are sent twice; the queue takes them for new ones."
    ticket, case = stage.desk.raise_case(ticket, "reproduced in the lab", day, told)
    for later in ORDER[1 : ORDER.index(step) + 1]:
        ticket = stage.desk.move_case(ticket, case, later, "", day, f"Now {str(later).replace('_', ' ')}.")


def _resolved(stage: _Stage) -> None:
    ticket = stage.opened(
        "Invoice shows the old company name",
        "Hello,\n\nthe invoice of November still names the old company.\n\nSuperAdmin: it@birchworks.example\n"
        "Service: Zoho Books\nCategory: invoice change\n\nAnna Brandt\n",
    )
    stage.desk.happen(
        ticket, "resolved", "renamed", tell="The company is renamed, and the invoice is written anew."
    )


def _closed_with_a_rating(stage: _Stage) -> None:
    ticket = stage.opened(
        "Trial of Zoho Projects ends too early",
        "Hello,\n\nthe trial of our customer ends on Friday; may it be two weeks longer?\n\n"
        "SuperAdmin: it@birchworks.example\nService: Zoho Projects\nCategory: trial extension\n\nAnna Brandt\n",
    )
    stage.desk.happen(ticket, "resolved", "prolonged", tell="The trial runs two weeks longer.")
    stage.page.rate(ticket.id, 5, "Quick and friendly, thank you!", form=f"scene-rate-{ticket.id}")
    stage.desk.happen(ticket, "closed", "rated")


def _merged(stage: _Stage) -> None:
    first = stage.opened(
        "Users cannot upload pictures",
        "Hello,\n\nin Zoho Desk nobody can upload pictures.\n\nSuperAdmin: it@birchworks.example\nService: Zoho Desk\n\nAnna\n",
    )
    second = stage.opened(
        "Pictures again: the upload stops at 90 %",
        "Hello,\n\nthe upload of pictures in Zoho Desk stops at 90 %.\n\nSuperAdmin: it@birchworks.example\n"
        "Service: Zoho Desk\n\nAnna\n",
    )
    stage.desk.merge(second, first, "the same matter")


def _japanese(stage: _Stage) -> None:
    stage.opened(
        "メールの送信が遅延しています",
        "お世話になっております。\n\n今朝からZoho Mailの送信が30分ほど遅延しております。ご確認をお願いいたします。\n\n"
        "スーパー管理者：it@birchworks.example\nサービス：Zoho Mail\n\nよろしくお願いいたします。\nアンナ・ブラント\n",
    )


def _with_files(stage: _Stage) -> None:
    stage.opened(
        "Import stops at line 4,711",
        "Hello,\n\nthe import of contacts in Zoho CRM stops; see the log, the table and the screenshot.\n\n"
        "SuperAdmin: it@birchworks.example\nService: Zoho CRM\n\nAnna Brandt\n",
        ("sync.txt", "text/plain", _LOG),
        ("records.csv", "text/csv", _TABLE),
        ("screenshot.png", "image/png", _picture(320, 120)),
        html="<p>Hello,</p><p>the <b>import of contacts</b> in Zoho CRM stops; see the log, the table and the "
        "screenshot.</p><p>SuperAdmin: it@birchworks.example<br>Service: Zoho CRM</p><p>Anna Brandt</p>",
    )


def _long_thread(stage: _Stage) -> None:
    ticket = stage.opened(
        "Duplicates after merging contacts",
        "Hello,\n\nafter merging contacts in Zoho CRM some come back.\n\nSuperAdmin: it@birchworks.example\n"
        "Service: Zoho CRM\n\nAnna Brandt\n",
    )
    for turn in range(1, _ANSWERS + 1):
        if turn % 2:
            stage.desk.progress(
                ticket, f"We have looked at batch {turn}: it is clean. May we go on with the next one?"
            )
        else:
            text = f"Yes, please go on. In batch {turn} these ids came back:\n\n- record_{turn}_a\n- record_{turn}_b"
            stage.page.answer(ticket.id, text, form=f"scene-{ticket.id}-{turn}", seen=0, anyway=True)


def _phone(stage: _Stage) -> None:
    stage.taken_down(
        "phone",
        "Call: the quote shows the wrong currency",
        "Anna called: quotes in Zoho CRM show dollars since the customer moved its office to Bonn.\n"
        "SuperAdmin: it@birchworks.example\nShe asks for a call back in the afternoon.\n",
    )


def _chat(stage: _Stage) -> None:
    stage.taken_down(
        "chat",
        "Chat: reminders come an hour late",
        "[10:02] Anna Brandt: Reminders in Zoho Projects come an hour late since Sunday.\n"
        "[10:03] Ben Carter: For everybody, or for some?\n"
        "[10:04] Anna Brandt: For two people who work from Lisbon. SuperAdmin: it@birchworks.example\n",
    )


def _sessions(stage: _Stage) -> None:
    house, now = stage.play.daemon.house, stage.play.daemon.clock()

    def acts(at: datetime) -> ByMeeting:
        return ByMeeting(house.store, house.knowledge, stage.staff, at)

    def opened(subject: str) -> Ticket:
        text = f"Hello,\n\n{subject.partition(': ')[2]} in Zoho CRM.\n\nSuperAdmin: it@juniper.example\n\nAnna Brandt\n"
        return stage.opened(subject, text)

    session_scenes.play(
        session_scenes.SessionStage(acts, opened, PARTNER, stage.staff, now, stage.play.daemon.clock)
    )


def _case(step: CaseStep) -> Callable[[_Stage], None]:
    return lambda stage: _escalated(stage, step)


def _picture(width: int, height: int) -> bytes:
    """A small PNG: stripes, as a screenshot would have rows."""
    row = b"".join(bytes((40, 90, 180) if x % 40 < 20 else (220, 230, 245)) for x in range(width))
    raw = b"".join(b"\0" + row for _ in range(height))
    pieces = ((b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))  # fmt: skip
    chunks = (len(d).to_bytes(4, "big") + n + d + zlib.crc32(n + d).to_bytes(4, "big") for n, d in pieces)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


_SCENES: tuple[Callable[[_Stage], None], ...] = (
    _japanese, *map(_case, ORDER), _closed_with_a_rating, _merged, _resolved, _phone, _chat, _sessions, _waiting, _with_files, _long_thread,
)  # fmt: skip
