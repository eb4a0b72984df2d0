"""Who is SuperAdmin after a change, and who was: tables of what partners write."""

from __future__ import annotations

import pytest

from tests.reading.test_identifiers import find

OLD, NEW = "ana@alder.example", "it@alder.example"

TOLD = [
    "{old} is no longer SuperAdmin, {new} is.",
    "{old} is not SuperAdmin anymore; it is now {new}",
    "{old} was SuperAdmin until June, now {new} is.",
    "{old} ist nicht mehr Superadmin, sondern {new}.",
    "{old} ist kein Superadmin mehr, das ist jetzt {new}.",
    "{old} n'est plus le super administrateur. C'est maintenant {new}.",
    "{old} n'est plus Super Admin, {new} l'est.",
    "{old} ya no es superadministrador, ahora lo es {new}",
    "{old} non è più super amministratore, lo è {new}",
    "{old} não é mais o superadministrador, agora é {new}.",
    "{old} is geen superadmin meer, dat is nu {new}.",
    "{old} はもうSuperAdminではありません。現在は {new} です。",
    "{old} has left, {new} took over as super admin.",
    "{new} replaced {old} as SuperAdmin.",
    "SuperAdmin has changed from {old} to {new}.",
    "スーパー管理者は {old} から {new} に変更になりました。",
    "旧SuperAdmin：{old}　新SuperAdmin：{new}",
    "The former SuperAdmin {old} left; the present one is {new}.",
    "L'ancien super admin ({old}) est parti, le nouveau est {new}",
]


@pytest.mark.parametrize("said", TOLD)
def test_the_new_superadmin_is_found_and_the_former_one_stays_a_customer_address(said: str) -> None:
    found = find(said.format(old=OLD, new=NEW))
    assert (found.superadmin_email, found.customer_emails) == (NEW, (OLD,))


@pytest.mark.parametrize(
    "said",
    [
        "{old} is no longer SuperAdmin, {new} cannot log in.",
        "{old} is no longer SuperAdmin. Please inform {new}.",
        "Can the superadmin be changed from {old} to {new}?",
    ],
)
def test_nobody_becomes_superadmin_by_standing_beside_a_former_one(said: str) -> None:
    found = find(said.format(old=OLD, new=NEW))
    assert (found.superadmin_email, set(found.customer_emails)) == (None, {OLD, NEW})


@pytest.mark.parametrize(
    "said",
    [
        "Please change the SuperAdmin from {old} to {new}.",
        "スーパー管理者を {old} から {new} に変更してください。",
        "{new} will replace {old} as SuperAdmin next month.",
    ],
)
def test_a_change_only_wished_leaves_the_superadmin_as_he_is(said: str) -> None:
    assert find(said.format(old=OLD, new=NEW)).superadmin_email == OLD
