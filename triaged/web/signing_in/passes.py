"""What signs in: a link and a code, good once. Made for a letter, or by hand; used by a browser that asked.

Any browser that asked for an address is signed in by any good pass of it: so a stranger who asks a hundred times in
somebody's name spends his letters, and not the owner's way in (pages complaint P23). Whoever has a pass and never
asked gets nothing but its code, which only an asking browser takes: a mail scanner stays outside (P6, P22).
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from triaged.config.config import Mailbox
from triaged.letters import sign_in_letter
from triaged.letters.context import zone_of
from triaged.letters.sign_in_letter import SignIn
from triaged.store.sign_ins import Ask, Pass
from triaged.walk.pen import Pen
from triaged.walk.plan import Plan
from triaged.web import keys, people
from triaged.web.house import House
from triaged.web.people import Person

AN_HOUR = timedelta(hours=1)
LETTERS_AN_HOUR = 5  # to one address, while one of them is good
LETTERS_AN_HOUR_AT_MOST = 20  # whatever became of them
ADDRESSES_OF_PEER_AN_HOUR = (
    60  # of people we know, asked for by one peer, beyond which his asking brings no letter
)
TRIES = 10  # wrong codes, after which a browser has to ask anew


def by_hand(house: House, address: str, now: datetime, going_to: str = "") -> str:
    """A link good in any browser, for the admin who asked for it on the command line."""
    token = keys.new()
    house.store.add_pass(_made(house, address, token, now, by_hand=True, going_to=going_to))
    return _link(house, token)


def write_letter(house: House, ask: Ask, language: str, zone: str, asked_from: str) -> None:
    """The letter for an ask, if somebody has this address and may have one more; whoever asked learns neither."""
    person, now = people.find(ask.address, house.knowledge, house.web), ask.asked_at
    if person is None or (person.is_staff and house.web.staff_sign_in == "oidc"):
        return
    if _has_enough(house, ask, now):
        return
    token = keys.new()
    made = _made(house, person.address, token, now, by_hand=False, going_to=ask.going_to)
    mailbox = _mailbox(house, person)
    told = SignIn(
        visitor=person.address,
        asked_from=asked_from,
        link=_link(house, token),
        code=keys.code_of(token, house.secret),
        ends=made.expires_at,
        key=f"sign-in:{made.token_hash[:24]}",
    )
    shown = zone_of(zone or person.zone or mailbox.time_zone)
    letter = sign_in_letter.write(house.knowledge.writer(mailbox.name, now), told, language, shown)
    house.store.add_pass(made)
    with house.store.transaction() as tx:
        Pen(tx, house.knowledge, house.store.secret(), now).write(Plan(letters=(letter,)))


def _has_enough(house: House, ask: Ask, now: datetime) -> bool:
    lives = house.web.sign_in_lives
    passes = [p for p in house.store.passes_of(ask.address, now - max(lives, AN_HOUR)) if not p.by_hand]
    lately = sum(now - one.made_at < AN_HOUR for one in passes)
    newest = passes[0] if passes else None  # whoever looks into his mail takes this one
    has_good = newest is not None and newest.is_live(now) and newest.expires_at - now > lives / 4
    if lately >= (LETTERS_AN_HOUR if has_good else LETTERS_AN_HOUR_AT_MOST):
        return True
    # Invented ones shut out no colleague of his.
    asked = house.store.addresses_of_peer(ask.peer, now - AN_HOUR)
    known = sum(people.find(one, house.knowledge, house.web) is not None for one in asked)
    return known > ADDRESSES_OF_PEER_AN_HOUR


def ask_of(house: House, browser_key: str, address: str, now: datetime) -> Ask | None:
    """The newest ask of this browser for this address, while it lives."""
    asks = house.store.asks_of_browser(keys.hashed(browser_key), now) if browser_key else []
    return next((one for one in asks if one.address == address), None)


def by_code(house: House, browser_key: str, code: str, now: datetime) -> tuple[Pass, Ask] | None:
    """The good pass that a code stands for, in a browser that asked for its address. A wrong one is counted."""
    asks = [one for one in house.store.asks_of_browser(keys.hashed(browser_key), now) if one.tries < TRIES]
    for ask in {one.address: one for one in reversed(asks)}.values():
        typed = keys.code_hash(ask.address, code, house.secret)
        for one in house.store.passes_of(ask.address, now - house.web.sign_in_lives):
            if one.is_live(now) and not one.by_hand and hmac.compare_digest(one.code_hash, typed):
                return one, ask
    house.store.count_wrong_code([one.id for one in asks])
    return None


def _made(house: House, address: str, token: str, now: datetime, *, by_hand: bool, going_to: str) -> Pass:
    code = keys.code_of(token, house.secret)
    return Pass(
        address=address.lower(),
        token_hash=keys.hashed(token),
        code_hash=keys.code_hash(address, code, house.secret),
        by_hand=by_hand,
        going_to=going_to,
        made_at=now,
        expires_at=now + house.web.sign_in_lives,
    )


def _link(house: House, token: str) -> str:
    return f"{house.web.public_url}/sign-in/link/{token}"


def _mailbox(house: House, person: Person) -> Mailbox:
    """Of the person's region, else the first from which letters leave."""
    leaving = [one for one in house.config.mailboxes if one.smtp] or list(house.config.mailboxes)
    return next((one for one in leaving if person.region and person.region in one.regions), leaving[0])
