"""Values a partner takes back a few lines on, without saying once more what they are."""

from __future__ import annotations

import pytest

from tests.reading.test_identifiers import find


@pytest.mark.parametrize(
    "text",
    ["ZOID: 700201878.\n\nCorrection: that was a typo. Please disregard 700201878, the right one is ZOID 700201877.",
     "ZOID: 700201878\nZUID: 700201901\n\nPS: ignore 700201878, correct is 700201877.",
     "ZOID: 700201878\nBooks is slow.\n\nSorry, not 700201878 but 700201877.",
     "Org id 700201878. Books is slow.\n\nEDIT: 700201878 is wrong, pls use 700201877 instead."],
)  # fmt: skip
def test_an_id_taken_back_by_its_digits_alone_gives_way_to_the_next(text: str) -> None:
    assert find(text).zoid == ("700201877",)


def test_a_superadmin_who_is_to_be_ignored_gives_way_to_the_next() -> None:
    found = find(
        "Superadmin mail: ida@alder.example\n\nPlease ignore ida@alder.example, she left. Super admin is now jo@alder.example"
    )
    assert (found.superadmin_email, found.customer_emails) == ("jo@alder.example", ())


def test_an_error_that_calls_the_id_invalid_takes_nothing_back() -> None:
    assert find("Org id 700201878.\n\nThey see: Organization 700201878 is invalid.").zoid == ("700201878",)


@pytest.mark.parametrize(
    "text",
    ["Service Org ID* (ZOID, or ZGID for groups; Example: 60001234567): 700201877",
     "Service Org ID* (ZOID; Example: 60001234567)\n700201877",
     "[ZOID, e.g. 60001234567] 700201877",
     "3. ZOID/ZGID (e.g., 60001234567) - 700201877"],
)  # fmt: skip
def test_the_example_in_a_labels_aside_does_not_hide_the_value(text: str) -> None:
    assert find(text).zoid == ("700201877",)


def test_a_vendors_contact_is_no_customer_where_the_customer_is_known() -> None:
    text = "Superadmin: ida@alder.example\n\nPayPort (their contact is Lars, lars@payport.example) say the callback never leaves."
    assert find(text).customer_emails == ()
