"""A severity that a person corrects is a lesson: the words it was about are kept with it, by the real walk."""

from __future__ import annotations

from sqlalchemy import update

from tests.simulation.scene import Scene
from triaged.learning import examples, watch
from triaged.store.tables import correction

WORDS = "One report in Zoho CRM is slow."


def test_a_correction_keeps_the_words_of_the_mail_it_was_about(scene: Scene) -> None:
    ticket = scene.ticket(scene.asks())
    scene.desk().correct(ticket, "S1", "worse than it looked")
    (lesson,) = scene.store.corrections()
    assert WORDS in lesson.text
    (example,) = examples.of_corrections([lesson])
    assert WORDS in example.text.text and example.label == "S1"


def test_a_correction_of_an_older_database_gets_its_words_from_its_mail(scene: Scene) -> None:
    """They were stored empty once."""
    ticket = scene.ticket(scene.asks())
    scene.desk().correct(ticket, "S2", "a group")
    with scene.store._engines.writer.begin() as connection:
        connection.execute(update(correction).values(text=""))
    assert WORDS in scene.store.corrections()[0].text


def test_recent_mail_is_watched_by_its_words(scene: Scene) -> None:
    scene.asks()
    _, texts = watch.recent(scene.store.past_mail())
    assert all(WORDS in text.text for text in texts)
