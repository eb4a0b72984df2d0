"""The rulebook in force, for leads: its version, its rules with their hits, dead ones, and its tests."""

from __future__ import annotations

from starlette.responses import Response

from triaged.config import shipped
from triaged.rulebook import rule_statistics
from triaged.walk import trial_reports, trials
from triaged.web.desk.page import page, since
from triaged.web.desk.reports import as_csv
from triaged.web.pages import May, get, post
from triaged.web.visit import Visit


def show(visit: Visit) -> Response:
    """Each rule, how often it hit, how often people overruled it; dead and needless ones are marked."""
    return _shown(visit, None)


def run_tests(visit: Visit) -> Response:
    """The rulebook's own tests, run now with the code that judges real mail."""
    book = visit.house.knowledge.rulebook
    run = list(trials.run(book))
    lines = list(trial_reports.lines(run, trials.coverage(book, run), len(book.rules)))
    return _shown(visit, (sum(not one.passed for one in run), len(run), lines))


def table(visit: Visit) -> Response:
    """The statistics as CSV."""
    rows = [
        {
            "rule": one.name, "hits": one.hits, "overruled": one.overruled, "classifier_agrees": one.agreeing,
            "dead": one.dead, "needless": one.idle,
        }
        for one in _statistics(visit)[1]
    ]  # fmt: skip
    return as_csv(rows, "rules.csv")


def _statistics(visit: Visit) -> tuple[str, tuple[rule_statistics.RuleStatistics, ...], int]:
    word, begin = since(visit, "30d")
    uses = [
        rule_statistics.Use(hits, severity, classifier, human)
        for hits, severity, classifier, human in visit.house.store.rule_uses(begin)
    ]
    return word, rule_statistics.statistics(visit.house.knowledge.rulebook, uses), len(uses)


def _shown(visit: Visit, tests: tuple[int, int, list[str]] | None) -> Response:
    word, rows, mails = _statistics(visit)
    known = visit.house.knowledge
    return page(
        visit,
        "rules.html",
        since=word,
        rows=rows,
        mails=mails,
        book=known.rulebook,
        folder=visit.house.config.rulebook or shipped.rules(),
        ships=visit.house.config.rulebook is None,
        warnings=known.warnings,
        tests=tests,
    )


PAGES = (
    get("/rules", May.LEAD, show),
    get("/rules.csv", May.LEAD, table),
    post("/rules/test", May.LEAD, run_tests, rate="upload"),
)
