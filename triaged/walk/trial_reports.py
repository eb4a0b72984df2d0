"""How trials of the rulebook's tests are told: to people as lines, to build servers as JUnit XML. PURE."""

from __future__ import annotations

import xml.etree.ElementTree as xml
from collections.abc import Iterator, Sequence

from triaged.walk.trials import Trial


def lines(trials: Sequence[Trial], unhit: Sequence[str], rules: int) -> Iterator[str]:
    """One line a failed test and one a surprise; then the count, and the rules no test hits."""
    failed = [trial for trial in trials if not trial.passed]
    for trial in failed:
        place = trial.test.place
        yield f"FAILED {trial.test.name} ({place.file}:{place.line})"
        yield from (f"  {surprise}" for surprise in trial.surprises)
    told = f"{len(trials) - len(failed)} of {len(trials)} tests passed"
    yield f"{told}; {rules - len(unhit)} of {rules} rules hit by a test"
    if unhit:
        yield f"no test hits: {', '.join(unhit)}"


def junit(trials: Sequence[Trial]) -> str:
    """The trials as JUnit XML; control characters of a mail are left out, since XML 1.0 forbids them."""
    failed = sum(not trial.passed for trial in trials)
    suite = xml.Element(
        "testsuite", name="rulebook", tests=str(len(trials)), failures=str(failed), errors="0"
    )
    for trial in trials:
        place = trial.test.place
        case = xml.SubElement(
            suite,
            "testcase",
            classname=_printable(place.file),
            name=_printable(trial.test.name),
            file=_printable(place.file),
            line=str(place.line),
        )
        if not trial.passed:
            told = [_printable(str(surprise)) for surprise in trial.surprises]
            xml.SubElement(case, "failure", message=told[0]).text = "\n".join(told)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(suite, encoding="unicode") + "\n"


def _printable(text: str) -> str:
    return "".join(c for c in text if c in "\t\n" or c.isprintable())
