"""The process of a job: backtest, training, comparison or promotion, by the same code as the commands, nicely and bounded.

It says every other second how far it is; it ends when nobody wants it any more, when its time is over, and with its parent.
It holds no lock of the store while it works.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from triaged.config.config import Config
from triaged.errors import Faulty
from triaged.readers import encoders
from triaged.readers.encoders import Apart
from triaged.rulebook import differences
from triaged.store.jobs import DONE, FAILED
from triaged.store.open_store import open_store
from triaged.store.rows import Unavailable
from triaged.store.store import Store
from triaged.walk import rulebook_change
from triaged.walk.knowledge import Knowledge, gather

BEAT_SECONDS = 2.0
LONGEST = timedelta(hours=1)
# What systemd and terminals tell all of us: the parent ends jobs, and says why
UNHEARD = (signal.SIGTERM, signal.SIGINT)
_NICE = 10  # the mail comes first
_LINES, _ROWS = 60, 200  # of a result


def run(config: Config, number: int) -> None:
    """Do job `number` and write down what came of it; never raises."""
    parent = os.getppid()
    for one in UNHEARD:
        signal.signal(one, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with suppress(OSError):
        os.nice(_NICE)
    store = open_store(config)
    work = Work(config, store, number)
    threading.Thread(target=work.beat, args=(parent,), name="beat", daemon=True).start()
    try:
        state, result = DONE, work.result()
    except Faulty as fault:
        state, result = FAILED, {"error": "; ".join(fault.lines)[:2000]}
    except Exception as error:
        state, result = FAILED, {"error": f"{type(error).__name__}: {error}"[:500]}
    work.over.set()
    with suppress(Unavailable):
        store.end_job(number, state, result, now())
    store.close()


def now() -> datetime:
    """The edge's clock: aware UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Work:
    """One job under way. `done` and `total` are what the page shows."""

    config: Config
    store: Store
    number: int
    done: int = 0
    total: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def beat(self, parent: int) -> None:
        """Say that it lives; end this process at once when it is to go on no longer."""
        until = now() + LONGEST
        while not self.over.wait(BEAT_SECONDS):
            wanted = os.getppid() == parent
            if wanted and now() > until:
                told = {"error": f"it took longer than {LONGEST}"}
                with suppress(Unavailable):  # the page says so after a while
                    self.store.end_job(self.number, FAILED, told, now())
                wanted = False
            with suppress(Unavailable):
                wanted = wanted and self.store.beat_job(self.number, self.done, self.total, now())
            if not wanted:
                os._exit(0)  # readers end with the pipe to us; nothing of ours is half written (stored.write)

    def result(self) -> Mapping[str, Any]:
        """Do it. Raises Faulty."""
        job = self.store.job(self.number)
        if job is None or not job.runs:
            return {}
        known = gather(self.config)
        return KINDS[job.kind](self, known, job.asked, job.who)

    def encoder(self) -> AbstractContextManager[Apart | None]:
        """The sentence encoder of the config, if it names one."""
        return encoders.apart(self.config.classifier.encoder)

    def told(self, done: int, of: int = 0) -> None:
        """So far it is."""
        self.done, self.total = done, of or self.total


def _backtest(work: Work, known: Knowledge, asked: Mapping[str, Any], _who: str) -> Mapping[str, Any]:
    from triaged.learning import places
    from triaged.walk.backtest import backtest

    rulebook, complaints = rulebook_change.check(rulebook_change.folder_of(work.config), asked["files"])
    if rulebook is None:
        raise Faulty(*map(str, complaints))
    since = datetime.fromisoformat(asked["since"])
    work.total = work.store.tickets_from_mail(since)
    summary = backtest(
        work.store, known, rulebook, places.current(known.models), since=since, workers=1, progress=work.told
    )
    return {
        "version": rulebook.version,
        "against": known.rulebook.version,
        "mails": summary.mails,
        "differing": len(summary.changed),
        "moves": [[old, new, count] for (old, new), count in sorted(summary.moves.items())],
        "lines": list(islice(differences.lines(summary, 0), _LINES)),
        "rows": [differences.as_json(one) for one in differences.weightiest(summary)[:_ROWS]],
    }


def _train(work: Work, known: Knowledge, _asked: Mapping[str, Any], _who: str) -> Mapping[str, Any]:
    from triaged.learning import candidates, examples, lessons, telling

    settings, models = known.rulebook.classifier, known.models
    corrected = examples.of_corrections(work.store.corrections())
    learned_from, source = lessons.material(examples.shipped(models), corrected, settings)
    with work.encoder() as apart:
        made = candidates.make(
            learned_from, models, now(), source=source, settings=settings, encoder=apart, progress=work.told,
        )  # fmt: skip
        told = telling.lessons_of(made, corrected, models, apart)
    return {"model": str(made.card["id"]), "lines": list(telling.trained(made, told))}


def _watch(work: Work, known: Knowledge, asked: Mapping[str, Any], _who: str) -> Mapping[str, Any]:
    from triaged.learning import places, telling

    folder, since = places.current(known.models), datetime.fromisoformat(asked["since"])
    found = telling.in_use(work.store, folder, known.rulebook.classifier.confidence, since)
    return {"model": places.name_of(folder), "lines": list(telling.used(found)) or ["no mail it guessed on"]}


def _compare(work: Work, known: Knowledge, asked: Mapping[str, Any], _who: str) -> Mapping[str, Any]:
    from triaged.learning import candidates, examples, telling

    models, corrected = known.models, examples.of_corrections(work.store.corrections())
    folder = candidates.waiting(models, str(asked["model"]))
    with work.encoder() as apart:
        beside = candidates.beside(models, folder, corrected, apart)
    subjects = {one.id: one.text.subject for one in (*examples.shipped(models), *corrected)}
    lines = [*telling.compared(beside), *telling.mail_by_mail(beside, subjects, telling.SHOWN)]
    return {"model": beside.new, "against": beside.old, "refusal": beside.refusal, "lines": lines}


def _promote(work: Work, known: Knowledge, asked: Mapping[str, Any], who: str) -> Mapping[str, Any]:
    from triaged.learning import candidates, examples, in_force

    models, corrected = known.models, examples.of_corrections(work.store.corrections())
    folder, reason = candidates.waiting(models, str(asked["model"])), str(asked["reason"])
    in_force.noticed(work.store, models, now())  # the one before, if nobody has seen it yet
    anyway = reason if asked.get("anyway") else ""
    with work.encoder() as apart:
        against = candidates.promote(models, folder, corrected, now(), who, anyway, apart, reason)
    in_force.noticed(work.store, models, now())
    return {"model": asked["model"], "lines": [f"in spite of: {one}" for one in against]}


KINDS: Mapping[str, Callable[[Work, Knowledge, Mapping[str, Any], str], Mapping[str, Any]]] = {
    "backtest": _backtest,
    "watch": _watch,
    "train": _train,
    "compare": _compare,
    "promote": _promote,
}
