"""What the simulation's people write: requests of every severity, answers, thanks, ratings. All invented."""

from __future__ import annotations

REQUESTS: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        ("{service} down for everybody", "{service} has been down for the whole organisation since this morning. None of the users can log in, and there is no workaround."),
        ("Records vanished", "After last night's import the customer lost data: all deals of two years are gone from {service}."),
        ("Mail queue of the sales group", "The sales group of our customer cannot send from {service}; the others can. They use the web form meanwhile, which costs them hours."),
        ("Slow reports", "Reports in {service} take ten minutes to open for one department. Business suffers, please have a look."),
        ("Workflow does not fire", "One workflow rule in {service} does not fire when a lead is edited. Creating a lead works."),
        ("Wrong total on one invoice", "One invoice in {service} shows a wrong total although the items are right. All the others are fine."),
        ("Layout of a form", "A field label in {service} is cut off on small screens. It is only a matter of looks."),
        ("How do I share a view?", "How can our customer share a list view in {service} with one colleague only?"),
        ("Licences at renewal", "Our customer wants to know how the renewal of {service} is invoiced, monthly or yearly?"),
        ("Feature request: dark mode", "Is a dark mode planned for {service}? Our customer would like one."),
        ("Sync stopped", "The contact sync of one user in {service} stopped yesterday. Logging in again did not help."),
        ("Import of a file", "An import into {service} ends with the message 'column mismatch'. What does it mean?"),
    ),
    "de": (
        ("{service} für alle gestört", "Seit heute früh kann sich beim Kunden niemand mehr bei {service} anmelden, die ganze Firma steht."),
        ("Feld wird nicht gespeichert", "In {service} wird ein einzelnes Feld beim Bearbeiten nicht gespeichert."),
        ("Frage zur Rechnung", "Wie kann unser Kunde die Rechnungsanschrift in {service} ändern?"),
    ),
    "ja": (
        ("{service} に接続できません", "お客様の全ユーザーが今朝から {service} にログインできません。業務が止まっています。"),
        ("{service} の設定について", "{service} で項目を追加する方法を教えてください。"),
        ("レポートの表示", "{service} のレポートが一件だけ正しく表示されません。"),
    ),
}  # fmt: skip

LABELS = {
    "en": ("Primary customer email (SuperAdmin): {superadmin}", "Service name: {service}", "ZOID: {zoid}", "ZUID: {zuid}"),
    "de": ("SuperAdmin-Adresse: {superadmin}", "Dienst: {service}", "ZOID: {zoid}", "ZUID: {zuid}"),
    "ja": ("SuperAdminメールアドレス: {superadmin}", "サービス名: {service}", "組織ID: {zoid}", "ZUID: {zuid}"),
}  # fmt: skip

IDENTIFIERS = "Here is what you asked for:\n\nSuperAdmin: {superadmin}\nZOID: {zoid}\nZUID: {zuid}\n"
DETAILS = (
    "We tried it again with another browser, the same happens. It began on Tuesday.",
    "The customer says that it concerns three people in the accounts team. A colleague sends the log later.",
    "Yes, we cleared the cache, and it is still the same as before.",
)
STILL_BROKEN = (
    "Unfortunately the fault is back since this morning, exactly as before. Please look at it again."
)
THANKS = ("Thank you very much!", "Thanks, that solved it.", "Many thanks for the quick help.")
RATINGS = ("5", "4 - quick and friendly", "2/5 took too long", "5\nThank you all", "3")
FIX_HOLDS = "Thank you, it works again."
FIX_FAILS = "We tried it, and it still does not work: the same message as before."
ABSENCE = (
    "I am out of the office until Monday with no access to mail. In urgent cases please call our front desk."
)
STAFF_ANSWERS = (
    "Hello,\n\nwe looked into it. Could you tell us since when it happens and whom it concerns?\n\nKind regards\nCy",
    "Hello,\n\nplease try the steps in the help page on this subject and tell us what you see.\n\nBest regards\nDora",
    "Hello,\n\nwe changed a setting on our side. Please check whether it works now.\n\nEmil",
)
OTHER_MATTER = "The invoice that is wrong, too"
INSIDE = "Has anybody seen this before? I would ask engineering."
REPORTS = (
    "Engineering found the cause and prepares a fix.",
    "We can reproduce it and are narrowing it down.",
)
