"""What the rulebook says about letters, as pydantic models: words and templates by language. PURE.

`letters: {en: {words: …, templates: {acknowledgment: {subject, body}, …}}, ja: …}`. English is whole; what
another language leaves out falls back to English. Templates are compiled and tried on sample contexts
when the rulebook is built, so that a misspelt name stops `triaged check`, not a letter at night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field, RootModel

from triaged.promises.commitments import COMMITMENTS
from triaged.reading.identifiers.kinds import ASKED
from triaged.spec.sections import Section


class TemplateSpec(Section):
    """One letter: Jinja2, one line of subject and a plain-text body."""

    subject: Annotated[str, Field(min_length=1, max_length=500)]
    body: Annotated[str, Field(min_length=1, max_length=20_000)]


SeverityWord = Literal["S1", "S2", "S3", "S4"]
CaseWord = Literal["submitted", "in_review", "in_progress", "confirming_fix", "resolved"]
Unit = Literal["minute", "hour", "day", "business_minute", "business_hour", "business_day"]


if TYPE_CHECKING:
    CommitmentWord = str
    IdentifierWord = str
else:
    CommitmentWord = Literal[*COMMITMENTS]
    IdentifierWord = Literal["account", *ASKED, "service"]


class WordsSpec(Section):
    """What a language calls things; templates get them ready-made."""

    name: str
    dear: Annotated[str, Field(description="salutation, with {name}")]
    dear_nobody: str
    moment: Annotated[
        str, Field(description="{weekday} {day} {month} {year} {time}, also {hour} {minute} and {zone}")
    ]
    date: Annotated[str, Field(description="a day without a time; left out: the moment as far as {time}")] = (
        ""
    )
    first_day: Annotated[str, Field(description="{day} on the first of a month", examples=["1er"])] = ""
    every: Annotated[
        dict[Unit, Annotated[list[str], Field(min_length=2, max_length=2)]],
        Field(
            default_factory=dict,
            description="a rhythm by its unit, for one and for {n}",
            examples=[{"hour": ["every hour", "every {n} hours"]}],
        ),
    ]
    write_above: Annotated[
        str,
        Field(
            pattern=r"^(##- .{1,64} -##)?$",
            description="first line of letters to partners; what stands under it in an answer is our letter",
        ),
    ] = ""
    weekdays: Annotated[list[str], Field(min_length=7, max_length=7)]
    months: Annotated[list[str], Field(min_length=12, max_length=12)]
    your_request: Annotated[str, Field(description="stands for a subject that must not be repeated")]
    priority: Annotated[str, Field(description="how a large user account is marked")]
    severities: dict[SeverityWord, str]
    commitments: dict[CommitmentWord, str]
    identifiers: dict[IdentifierWord, str]
    case_steps: dict[CaseWord, str]
    form: Annotated[str, Field(description="the template partners are asked to fill in")]


class LanguageSpec(Section):
    """A language's words and templates; templates of other names serve a rule's `letter:`.

    `parts` are pieces of letters that several share, as `{{ part("promises") }}`.
    """

    words: WordsSpec
    parts: Annotated[dict[str, Annotated[str, Field(max_length=20_000)]], Field(default_factory=dict)]
    templates: Annotated[dict[str, TemplateSpec], Field(min_length=1)]


class LettersSpec(RootModel[dict[str, LanguageSpec]]):
    """Languages by ISO 639-1 code."""


class AnswerSpec(Section):
    """An answer kept ready: what staff choose it by, and its text by language (Jinja2, the names of letters)."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    texts: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[a-z]{2,3}$")],
            Annotated[str, Field(min_length=1, max_length=20_000)],
        ],
        Field(min_length=1),
    ]


class AnswersSpec(RootModel[dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")], AnswerSpec]]):
    """Answers kept ready, by name."""


SECTIONS: dict[str, type[BaseModel]] = {"letters": LettersSpec, "answers": AnswersSpec}
