"""The floor: the least that could be called the same work, in one process and without any care.

IMAPClient in batches of 100, mail-parser, a commit per 100 to SQLite in WAL mode, one small letter each over
one SMTP connection. Run as `python -m tests.bench.floor IMAP_PORT USER PASSWORD SMTP_PORT DATABASE`.
"""

from __future__ import annotations

import logging
import smtplib
import sqlite3
import sys
import time

import mailparser
from imapclient import IMAPClient

BATCH = 100
LETTER = (
    "From: partner-support@zohocorp.com\r\nTo: {to}\r\nSubject: [PS-{number}] {subject}\r\n"
    "In-Reply-To: {answers}\r\nAuto-Submitted: auto-replied\r\n\r\nWe have got your mail.\r\n"
)


def main(imap_port: int, user: str, password: str, smtp_port: int, database: str) -> None:
    """Drain the mailbox once; prints seconds and CPU seconds."""
    logging.disable(logging.CRITICAL)
    store = sqlite3.connect(database)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=NORMAL")
    store.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, message_id TEXT, subject TEXT, raw BLOB)")
    client = IMAPClient("127.0.0.1", imap_port, ssl=False)
    client._imap.debug = 0
    client.plain_login(user, password)
    server = smtplib.SMTP("127.0.0.1", smtp_port)
    server.ehlo()
    print("ready", flush=True)
    sys.stdin.readline()
    start, cpu = time.perf_counter(), time.process_time()
    client.select_folder("INBOX")
    uids = client.search("ALL")
    for at in range(0, len(uids), BATCH):
        _take(client, uids[at : at + BATCH], store, server)
    print(time.perf_counter() - start, time.process_time() - cpu, flush=True)


def _take(client: IMAPClient, uids: list[int], store: sqlite3.Connection, server: smtplib.SMTP) -> None:
    letters = []
    for uid, data in client.fetch(uids, ["BODY.PEEK[]"]).items():
        raw = data[b"BODY[]"]
        mail = mailparser.parse_from_bytes(raw)
        to = mail.from_[0][1] if mail.from_ else "nobody@nowhere.example"
        subject = " ".join((mail.subject or "").split())[:200]
        _ = mail.body
        store.execute("INSERT INTO mail VALUES (?, ?, ?, ?)", (uid, mail.message_id, subject, raw))
        letters.append((to, LETTER.format(to=to, number=uid, subject=subject, answers=mail.message_id)))
    store.commit()
    for to, letter in letters:
        server.sendmail("partner-support@zohocorp.com", [to], letter.encode("utf-8", "replace"))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
