"""What the classifier sees of a mail, and what it must not see."""

from __future__ import annotations

from triaged.classifier.features import ClassifierText, features
from triaged.classifier.masking import mask

QUESTION = "How do I add a field to a layout?"
FORMS = (
    "Primary customer email (SuperAdmin): it@alder.example\nService Org ID (ZOID or ZGID): 60031122334\nUser ID (ZUID): 600 3112 2335\n",
    "Super admin - it@alder.example\nOrg-ID - 60,031,122,334\nCategory: technical support\nScreenshots:\n",
    "スーパー管理者：it@alder.example\n組織ID：６００３１１２２３３４\nユーザーID：60031122335\n",
)


def test_a_filled_in_form_says_nothing_of_the_severity() -> None:
    plain = set(features(ClassifierText("", QUESTION)))
    for form in FORMS:
        told = set(features(ClassifierText("", f"{form}\n{QUESTION}"))) - plain
        assert not {
            term
            for term in told
            if any(w in term for w in ("_id", "_address", "admin", "zoid", "zuid", "管理者"))
        }, form


def test_numbers_keep_their_size_and_ids_leave_no_trace() -> None:
    assert mask("75 users of 600311").split() == ["_tens", "users", "of"]
    assert mask("1 user, 10-30 users").split() == ["_one", "user,", "_tens", "-", "_tens", "users"]
    assert mask("6002 9988 776").split() == []
