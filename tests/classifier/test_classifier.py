"""The classifier in force: what it sees of a mail, what it says, which files it refuses."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests import fresh
from triaged.classifier.evidence import spoken_of
from triaged.classifier.evidence_words import EVIDENCE
from triaged.classifier.features import features
from triaged.classifier.masking import LIMIT, mask
from triaged.classifier.model import Classifier, ClassifierText, ModelRefused, load
from triaged.classifier.sentences import unsure
from triaged.classifier.stored_arrays import Unknown, unpacked
from triaged.config import shipped
from triaged.learning import examples, places, vectors
from triaged.reading.values import Guess
from triaged.vocabulary import Severity


@pytest.fixture(scope="module")
def model() -> Classifier:
    return load(places.current(shipped.models()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(places.current(shipped.models()), tmp_path / "model"))


@pytest.mark.parametrize(
    ("shares", "asked"),
    [((0.8, 0.2, 0.0, 0.0), False), ((0.1, 0.0, 0.1, 0.8), False), ((0.2, 0.799999, 0.000001, 0.0), True), ((0.25,) * 4, True)],
)  # fmt: skip
def test_the_meaning_is_asked_where_the_words_leave_it_open(shares: tuple[float, ...], asked: bool) -> None:
    told = tuple((severity.value, share) for severity, share in zip(Severity, shares, strict=True))
    assert unsure(Guess(Severity.S1, max(shares), told, (), "words")) is asked


def test_who_writes_and_about_whom_is_masked() -> None:
    told = mask(
        "Org 60011290456, mail it@alder.example, see https://crm.example/org20071234567/x and www.alder.example"
    )
    assert told.split() == ["org", ",", "mail", ",", "see", "_link", "and", "_link"]


def test_a_filled_in_template_leaves_no_trace() -> None:
    filled = "SuperAdmin: it@alder.example\nZOID: 60011290456\nZUID: 600 1129 0456\nService name: Zoho CRM\nHow do I add a field?"
    assert features(ClassifierText("", filled)) == features(
        ClassifierText("", "::: Zoho CRM How do I add a field?")
    )


def test_numbers_stand_for_their_size() -> None:
    numbers = ("1", "7", "75", "300", "1200", "60011290456")
    assert [mask(n).strip() for n in numbers] == ["_one", "_few", "_tens", "_hundreds", "_thousands", ""]


def test_full_width_digits_are_masked_like_others() -> None:
    assert mask("６００１１２９０４５６") == mask("60011290456")


def test_two_customers_with_the_same_trouble_look_the_same() -> None:
    one = ClassifierText(
        "Login", "Since 9:15 nobody at org 60011290456 can log in, write to ann@alder.example"
    )
    two = ClassifierText(
        "Login", "Since 9:15 nobody at org 70099912345 can log in, write to bob@birch.example"
    )
    assert features(one) == features(two)


def test_japanese_is_seen_in_pieces() -> None:
    assert {"全員", "ログイン"} <= set(features(ClassifierText("", "全員ログインできません", "ja")))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("none of the agents can sign in", "everybody"),
        ("die gesamte belegschaft ist betroffen", "everybody"),
        ("plus personne ne peut entrer", "everybody"),
        ("nadie puede entrar", "everybody"),
        ("誰もログインできない", "everybody"),
        ("only one user sees it", "one"),
        ("everyone else is fine", "others fine"),
        ("we enter them by hand meanwhile", "way round"),
        ("there is no workaround", "no way round"),
        ("how do i add a field?", "question"),
        ("wie kann man das ändern?", "question"),
        ("it works again since noon", "over"),
        ("what happens if we delete a user", "not real"),
        ("customer data was leaked", "security"),
    ],
)
def test_what_a_text_speaks_of_is_known(text: str, meaning: str) -> None:
    assert meaning in spoken_of(mask(text))


def test_every_meaning_is_known_by_its_own_pattern() -> None:
    assert set(spoken_of(mask("nobody works, how do i?"))) <= set(EVIDENCE)


def test_an_outage_a_question_and_thanks_are_told_apart(model: Classifier) -> None:
    texts = [
        ClassifierText(
            "CRM", "Since this morning none of their 300 users can log in, nothing works, no workaround."
        ),
        ClassifierText("Question", "How can I add a custom field to the layout? Is there a guide?"),
        ClassifierText(
            "Report", "One report shows a wrong total for a single record, everything else is fine."
        ),
    ]
    assert [g.severity for g in model.guess(texts)] == [Severity.S1, Severity.S4, Severity.S3]


def test_loud_words_alone_are_no_outage(model: Classifier) -> None:
    [guess] = model.guess(
        [
            ClassifierText(
                "CRITICAL!!! URGENT", "Is it possible to change the colour of the logo? Please advise how."
            )
        ]
    )
    assert guess.severity in {Severity.S3, Severity.S4}


def test_a_guess_is_whole(model: Classifier) -> None:
    [guess] = model.guess(
        [
            ClassifierText(
                "Mail",
                "The mail of one of their users arrives two hours late since Monday; the others get theirs at once.",
                "en",
            )
        ]
    )
    assert [name for name, _ in guess.probabilities] == ["S1", "S2", "S3", "S4"]
    assert sum(p for _, p in guess.probabilities) == pytest.approx(1, abs=1e-4)
    assert guess.confidence == max(p for _, p in guess.probabilities)
    assert guess.severity.value == max(guess.probabilities, key=lambda row: row[1])[0]
    assert guess.model == model.id and guess.terms


def test_a_language_without_examples_gets_no_word(model: Classifier) -> None:
    assert model.languages == {"en", "ja", "de", "fr", "es"}
    text = "All users are down since this morning, nobody can log in, and there is no workaround at all."
    arabic, unsure, english = model.guess(
        [ClassifierText("CRM", text, language) for language in ("ar", None, "en")]
    )
    assert (arabic.blind, arabic.confidence) == ("it has learnt no mail in 'ar'", 0.0)
    assert unsure.blind == english.blind == "" and english.confidence > 0.5


@pytest.mark.parametrize("text", ["Zoho CRM", "Zoho CRM is down.", "It does not work", ""])
def test_a_few_words_are_nothing_to_be_sure_of(model: Classifier, text: str) -> None:
    [guess] = model.guess([ClassifierText("Hi", text, "en")])
    assert (guess.blind, guess.confidence) == ("too few words it knows", 0.0)


def test_terms_are_of_the_text_and_speak_for_and_against(model: Classifier) -> None:
    text = ClassifierText("Export", "How do I export? The export fails for all users since today.")
    [guess] = model.guess([text])
    assert {name for name, _ in guess.terms} <= set(features(text))
    assert min(w for _, w in guess.terms) < 0 < max(w for _, w in guess.terms)


def test_a_text_is_guessed_alike_alone_and_in_a_batch(model: Classifier) -> None:
    texts = [
        ClassifierText("a", "all users are locked out"),
        ClassifierText("", ""),
        ClassifierText("b", "how to?"),
    ]
    assert model.guess(texts) == [model.guess([text])[0] for text in texts]


@pytest.mark.parametrize(
    "text", ["", "\x00\ud800", "あ" * 100_000, "@" * 50_000, "1" * 50_000, "www." * 30_000, "a.b@" * 20_000]
)
def test_hostile_text_is_guessed_too(model: Classifier, text: str) -> None:
    [guess] = model.guess([ClassifierText(text, text)])
    assert 0 <= guess.confidence <= 1


def test_only_the_beginning_of_a_long_text_is_looked_at(model: Classifier) -> None:
    start = ("All users are locked out. " * 400)[:LIMIT]
    assert model.guess([ClassifierText("", start)]) == model.guess(
        [ClassifierText("", start + " how to?" * 10_000)]
    )


def test_a_changed_file_is_refused(folder: Path) -> None:
    packed = bytearray((folder / "model.skops").read_bytes())
    packed[len(packed) // 2] ^= 1
    (folder / "model.skops").write_bytes(packed)
    with pytest.raises(ModelRefused, match=r"SHA-256 differs.*triaged train"):
        load(folder)


def test_a_foreign_type_is_refused_though_the_card_agrees(folder: Path) -> None:
    from fractions import Fraction

    from skops import io

    _put(folder, io.dumps({"format": 1, "features": Fraction(1, 2)}))
    with pytest.raises(ModelRefused, match=r"foreign types.*Fraction.*triaged train"):
        load(folder)


def test_what_skops_would_read_is_read_the_same_without_it() -> None:
    import numpy as np
    from skops import io

    one = np.linspace(0, 1, 7, dtype=np.float32)
    held = {
        "a": one,
        "again": one,
        "text": "Zürich\n東京",
        "few": [1, 2.5, None, True],
        "pair": ("x", {"y": one}),
    }
    packed = io.dumps(held, compression=8)
    assert str(unpacked(packed)) == str(io.loads(packed)) == str(held)


def test_objects_in_an_array_and_keys_that_are_no_text_are_foreign() -> None:
    import numpy as np
    from skops import io

    for held in (np.array([{"a": 1}, None], dtype=object), {"a": {3: "x"}}, np.float64(2), {"a": len}):
        with pytest.raises(Unknown):
            unpacked(io.dumps(held))


def test_whoever_only_reads_mail_loads_neither_skops_nor_scikit_learn() -> None:
    program = (
        "from triaged.config import shipped; from triaged.learning import places;"
        "from triaged.classifier.model import load; from triaged.classifier.model import ClassifierText as T;"
        "load(places.current(shipped.models())).guess([T('Down', 'Nobody can log in since nine')])"
    )
    loaded = {name.partition(".")[0] for name in fresh.run(program).modules}
    assert "triaged" in loaded and not {"skops", "sklearn", "scipy"} & loaded


def test_scikit_learn_itself_gives_the_shipped_examples_the_same_probabilities() -> None:
    """The stored numbers put back into a LogisticRegression over the matrix training makes."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    held = unpacked((places.current(shipped.models()) / "model.skops").read_bytes())
    model = load(places.current(shipped.models()))
    theirs = LogisticRegression()
    theirs.classes_ = np.arange(4)
    theirs.coef_ = held["weights"].T.astype(float) / held["temperature"]
    theirs.intercept_ = held["intercepts"] / held["temperature"]
    found = [features(example.text, model.reads) for example in examples.shipped(shipped.models())]
    vocabulary = vectors.Vocabulary(tuple(model.columns), model.idf, model.frequencies)
    ours = []
    for one in found:
        _, at, values = model._weighed(one)
        ours.append(model.shares(values[:, None] * model.weights[at]))
    expected = theirs.predict_proba(vectors.matrix(found, vocabulary))
    assert np.abs(expected - np.array(ours)).max() < 1e-9


@pytest.mark.parametrize("packed", [b"", b"\x80\x04N.", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_no_model_is_refused(folder: Path, packed: bytes) -> None:
    _put(folder, packed)
    with pytest.raises(ModelRefused, match="triaged train"):
        load(folder)


def test_a_model_of_other_shape_is_refused(folder: Path) -> None:
    import numpy as np
    from skops import io

    held = {
        "format": 1,
        "features": "a\nb",
        "classes": ["S1", "S2"],
        "idf": np.ones(2),
        "frequencies": np.ones(2),
    }
    _put(folder, io.dumps({**held, "weights": np.ones((3, 2)), "intercepts": np.ones(2), "temperature": 1.0}))
    with pytest.raises(ModelRefused, match="incomplete"):
        load(folder)


def test_a_model_of_another_scikit_learn_is_refused(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["versions"]["scikit-learn"] = "1.2.0"
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    with pytest.raises(ModelRefused, match=r"written by scikit-learn 1\.2\.0.*triaged train"):
        load(folder)


@pytest.mark.parametrize("card", ["", "[]", "{}", '{"id": 3}', '{"id": "x", "versions": 3, "sha256": ""}'])
def test_a_broken_card_is_refused(folder: Path, card: str) -> None:
    (folder / "card.json").write_text(card, "utf-8")
    with pytest.raises(ModelRefused):
        load(folder)


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="cannot be read"):
        load(tmp_path)


def _put(folder: Path, packed: bytes) -> None:
    """A model with a card that vouches for it."""
    (folder / "model.skops").write_bytes(packed)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    card["sha256"] = hashlib.sha256(packed).hexdigest()
    (folder / "card.json").write_text(json.dumps(card), "utf-8")


@pytest.mark.parametrize("held", [["a", "list"], {"format": 2}, {}])
def test_a_model_of_another_version_is_refused(folder: Path, held: object) -> None:
    from skops import io

    _put(folder, io.dumps(held))
    with pytest.raises(ModelRefused, match=r"model\.skops: not a model of this version; .*triaged train"):
        load(folder)


@pytest.mark.parametrize("reads", [0, -1, 99, "2"])
def test_a_model_of_features_we_do_not_make_is_refused(folder: Path, reads: object) -> None:
    from skops import io

    from triaged.classifier.stored_arrays import unpacked

    _put(folder, io.dumps({**unpacked((folder / "model.skops").read_bytes()), "reads": reads}))
    with pytest.raises(ModelRefused, match=r"needs features this version does not make.*triaged train"):
        load(folder)


def test_an_entry_of_a_model_may_be_so_large_and_no_larger(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import zipfile

    from triaged.classifier import stored_arrays

    with zipfile.ZipFile(io.BytesIO((folder / "model.skops").read_bytes())) as archive:
        largest = max(one.file_size for one in archive.infolist())
    monkeypatch.setattr(stored_arrays, "MOST_BYTES", largest)
    assert load(folder)
    monkeypatch.setattr(stored_arrays, "MOST_BYTES", largest - 1)
    with pytest.raises(ModelRefused, match=r"not a skops file of ours \(ValueError\)"):
        load(folder)
