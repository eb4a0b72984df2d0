"""A rating is a number at the beginning and any comment; what says it is not solved opens the ticket again."""

from __future__ import annotations

import pytest

from triaged.reading.answers import ratings


@pytest.mark.parametrize(
    ("text", "score", "comment"),
    [
        ("5", 5, ""),
        ("４ – thank you!", 4, "thank you!"),
        ("3/5, slow", 3, "slow"),
        ("5 / 5", 5, ""),
        ("1\nIt took a week.", 1, "It took a week."),
        ("5点", 5, ""),
        ("5点満点です", 5, "です"),
        ("1. bad", 1, "bad"),
        ("4 good but a bit slow", 4, "good but a bit slow"),
        ("5 Danke!", 5, "Danke!"),
        ("５　ありがとうございました。", 5, "ありがとうございました。"),
        ("４です。対応が早かったです。", 4, "です。対応が早かったです。"),
        ("2. Sigue sin funcionar", 2, "Sigue sin funcionar"),
        ("Rating: 5", 5, ""),
        ("Note : 4, merci", 4, "merci"),
        ("Bewertung: 3 - ging so", 3, "ging so"),
        ("Valoración: 5. Muy amables", 5, "Muy amables"),
        ("評価：５", 5, ""),
        ("評価は４です", 4, "です"),
        ("I would give you a 4, it was quick", 4, "it was quick"),
        ("Je donne un 5", 5, ""),
        ("★★★★", 4, ""),
        ("★★★☆☆ okay", 3, "okay"),
        ("⭐⭐⭐⭐⭐ Great", 5, "Great"),
        ("★★☆☆☆ I am not Glad", 2, "I am not Glad"),
        ("Rating: ★★★★ Gut, Anna", 4, "Gut, Anna"),
        ("Five", 5, ""),
        ("five stars, great", 5, "great"),
        ("Fünf!", 5, ""),
        ("cinco", 5, ""),
        ("4 out of 5, fine", 4, "fine"),
        ("4 von 5 Punkten", 4, "Punkten"),
        ("5 stars", 5, ""),
        ("4 étoiles", 4, ""),
        ("Hello,\n\n5 thank you", 5, "thank you"),
        ("Bonjour,\n4 merci", 4, "merci"),
        ("お世話になっております。\n5", 5, ""),
        ("Hallo Frau Weber,\n\n5 - alles bestens", 5, "alles bestens"),
        ("(4) nice", 4, "nice"),
        ("3: mmh", 3, "mmh"),
        ("5👍", 5, "👍"),
        ("We rate this 5", 5, ""),
    ],
)
def test_a_number_at_the_beginning_and_then_anything_is_a_rating(text, score, comment) -> None:
    found = ratings.of(text)
    assert (found and found.score, found and found.comment) == (score, comment)


@pytest.mark.parametrize(
    "text",
    [
        "2 users are still affected", "2 Benutzer können sich nicht anmelden", "3 utilisateurs sont bloqués",
        "4 usuarios siguen sin acceso", "3件のエラーが出ています", "2名のユーザーが", "10", "3.5 GB are missing", "0", "6",
        "Thanks, 5", "", "²", "60031122341", "５００", "1. the report\n2. the export", "1) one\n2) two", "5:30 pm works",
        "5.11.2026", "5-6 people", "3 more questions", "5% of them", "2nd try failed", "2 of our users", "3 Tage später wieder da",
        "One of our users cannot log in", "One more thing", "Un utilisateur", "Eine Frage noch", "4 new reports fail",
        "5/11 is the date", "1 hour later it failed again",
    ],
)  # fmt: skip
def test_a_number_that_counts_or_belongs_to_something_is_no_rating(text) -> None:
    assert ratings.of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2. Sigue sin funcionar", "1 It took a week and nobody called", "2/5 took too long", "1 - schlecht, keine Antwort",
        "2 réponse trop lente", "1　対応が遅いです", "5 but it still doesn't work", "3 Das Problem besteht weiterhin",
        "4 le problème persiste", "4 no está resuelto todavía", "3 non funziona", "5 não funciona ainda", "3 werkt niet",
        "４ まだ解決していません", "3/5 the same error again", "2 trop lent",
    ],
)  # fmt: skip
def test_a_bad_rating_with_a_complaint_or_any_that_says_it_is_not_solved_complains(text) -> None:
    found = ratings.of(text)
    assert found is not None and found.complains


@pytest.mark.parametrize(
    "text",
    [
        "5", "1", "2", "2 ok", "2 thanks", "4 good but a bit slow", "5 Danke!", "５　ありがとうございました。", "3 mittel", "4 - quick",
        "1\n\nAnna", "5 no problem at all", "5 kein Problem mehr", "5 the error does not persist, thank you", "3 it took long",
        "5 問題ありません。ありがとうございました", "4 todo bien, gracias",
    ],
)  # fmt: skip
def test_a_rating_without_a_complaint_leaves_the_ticket_as_it_is(text) -> None:
    found = ratings.of(text)
    assert found is not None and not found.complains


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5 \nusers love it", (5, "users love it", False)),
        ("2 (users complain)", (2, "users complain)", True)),
        ("1 très", (1, "très", True)),
        ("1 dès", (1, "dès", False)),
        ("1 slow", (1, "slow", False)),
        ("2 too slow", (2, "too slow", True)),
        ("3 too slow", (3, "too slow", False)),
        (f"4 {'a' * 2_001}", (4, "a" * 2_000, False)),
        (f"4 {'a ' * 990}persists", (4, f"{'a ' * 990}persists", True)),
        ("1. one\n2. two", None),
        ("1. one\n3. three", (1, "one\n3. three", True)),
        ("★★☆☆☆ meh so far", (2, "meh so far", True)),
        ("⭐⭐⭐⭐⭐⭐", None),
    ],
)
def test_a_rating_is_its_number_its_words_and_whether_they_complain(
    text: str, found: tuple[int, str, bool] | None
) -> None:
    read = ratings.of(text)
    assert (read and (read.score, read.comment, read.complains)) == found


@pytest.mark.parametrize(
    ("text", "unsolved"),
    [
        ("it persists", True),
        ("it no longer persists", False),
        ("it no longer persists here, it no longer persists there", False),
        ("it no longer persists here, it persists there", True),
        (f"{'a ' * 996}persists", True),
        (f"{'a ' * 997}persists", False),
    ],
)
def test_words_that_say_the_opposite_do_not_say_it_is_unsolved(text: str, unsolved: bool) -> None:
    assert ratings.says_unsolved(text) is unsolved


@pytest.mark.parametrize(
    "text", ["5 " * 50_000, "★" * 100_000, "still " * 40_000, "5\n" * 40_000, "hello " * 30_000]
)
def test_hostile_text_costs_no_time(text) -> None:
    ratings.of(text)
