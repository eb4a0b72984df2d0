"""What rules on account and sender make of a content that stands, on an answer or a changed directory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triaged.judging import severity
from triaged.judging.severity import Opinion
from triaged.rulebook.verdict import Verdict
from triaged.vocabulary import Severity

S1, S2, S3, S4 = Severity
NOTHING = Verdict((), None, None, None, None, None, None, (), None, None, None, (), (), ())


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ({}, S3),
        ({"severity": S1, "severity_by": "large-account"}, S1),
        ({"at_least": S2, "at_least_by": "premium-partner"}, S2),
        ({"at_most": S4, "at_most_by": "free-plan"}, S4),
        # what rules on content alone say of the answer's few words is no word on the content that stands
        (
            {
                "severity": S4,
                "severity_by": "thanks",
                "content_severity": S4,
                "content_severity_by": "thanks",
            },
            S3,
        ),
        ({"at_most": S4, "at_most_by": "how-to", "content_at_most": S4, "content_at_most_by": "how-to"}, S3),
    ],
)
def test_rules_on_account_bound_the_content_that_stands(said: dict[str, object], stands: Severity) -> None:
    verdict = replace(NOTHING, **said)  # type: ignore[arg-type]
    assert severity.upon(Opinion(S3, "as before"), verdict).severity is stands
