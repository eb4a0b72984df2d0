"""Templates compiled once, sandboxed, tried on samples, bounded. PURE.

`Letters` is the compiled form of the rulebook's `letters` section. A letter's text is data to its
template, never a template itself; what a template makes is cut at `LONGEST_BODY`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

import jinja2
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE

from triaged.frozen import frozen
from triaged.letters import bounds, kinds, samples
from triaged.letters.context import Context
from triaged.letters.sections import AnswersSpec, LanguageSpec, LettersSpec, WordsSpec
from triaged.letters.wording import LONGEST_SUBJECT, Words, one_line
from triaged.spec.did_you_mean import did_you_mean
from triaged.spec.sections import SpecError

LONGEST_BODY = 30_000
FALLBACK = "en"
_RULE = "\n\n" + "-" * 30 + "\n\n"
_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")  # what a condition left out leaves more than one blank line
_SAMPLES = tuple(sample.names() for sample in samples.ALL)
_NAMES = frozenset(Context.__dataclass_fields__)


@frozen
class Template:
    """A compiled letter."""

    subject: jinja2.Template
    body: jinja2.Template


@frozen
class Written:
    """A letter's text, and the language it is really in."""

    subject: str
    body: str
    language: str


@frozen
class Canned:
    """An answer kept ready: what staff choose it by, and its texts by language."""

    name: str
    title: str
    texts: Mapping[str, jinja2.Template]

    def language_for(self, language: str) -> str:
        """The language it is written in for somebody of `language`: his, else English, else its first."""
        return next(one for one in (language, FALLBACK, *self.texts) if one in self.texts)


@frozen
class Letters:
    """Every letter the rulebook can write, by language, and the answers it keeps ready, by name."""

    words_by_language: Mapping[str, Words]
    templates: Mapping[str, Mapping[str, Template]]
    answers: Mapping[str, Canned] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Every letter there is, for rules that name one."""
        return frozenset(self.templates.get(FALLBACK, {}))

    def words(self, language: str) -> Words:
        """The words of a language, English where it has none."""
        return self.words_by_language.get(language) or self.words_by_language[FALLBACK]

    def language_for(self, kind: str, language: str) -> str:
        """The language a letter of this kind is written in for somebody of `language`."""
        return language if kind in self.templates.get(language, {}) else FALLBACK

    def body(self, kind: str, language: str, names: Mapping[str, object]) -> str:
        """The text of a letter alone, as its template makes it."""
        return _GAP.sub("\n\n", _bounded(self.templates[language][kind].body, names, LONGEST_BODY)).strip()

    def write(self, kind: str, language: str, context: Context) -> Written:
        """The letter's text in exactly this language. Raises KeyError where there is no such template."""
        template = self.templates[language].get(kind)
        if template is None and kinds.of(kind).optional:
            return plain(context, language)
        if template is None:
            raise KeyError(kind)
        names = context.names()
        subject = one_line(_bounded(template.subject, names, 10 * LONGEST_SUBJECT), LONGEST_SUBJECT)
        return Written(subject, self.body(kind, language, names) + "\n", language)


def plain(context: Context, language: str) -> Written:
    """A letter of a kind that is younger than the rulebook in use: what was said, and nothing around it."""
    by = f"{context.author}:" if context.author else ""
    pieces = (by, context.text or context.excerpt, "\n".join(context.reasons), context.ticket_url)
    return Written(context.thread, "\n\n".join(filter(None, pieces))[:LONGEST_BODY] + "\n", language)


def join(first: Written, second: Written) -> Written:
    """Two languages in one letter: whoever reads it finds his own (F24's kind of letter must be understood)."""
    return replace(first, body=first.body.rstrip() + _RULE + second.body)


def _bounded(template: jinja2.Template, names: Mapping[str, object], most: int) -> str:
    pieces, length = [], 0
    with bounds.at_most(bounds.WORK):
        for piece in template.generate(names):
            pieces.append(piece)
            length += len(piece)
            if length > most:
                break
    return "".join(pieces)[:most]


def build(sections: Mapping[str, Any]) -> Letters:
    """The compiled letters of the rulebook's sections, given as models or as plain data.

    Raises SpecError for what is missing or does not render; ValidationError where plain data has a wrong shape.
    """
    given = sections.get("letters")
    spec = given if isinstance(given, LettersSpec) else LettersSpec.model_validate(given or {})
    ready = sections.get("answers")
    answers = ready if isinstance(ready, AnswersSpec) else AnswersSpec.model_validate(ready or {})
    with bounds.at_most(bounds.ALL_WORK):
        return replace(compile_letters(spec.root), answers=_answers(answers))


def _answers(spec: AnswersSpec) -> Mapping[str, Canned]:
    environment = _environment()
    return {
        name: Canned(
            name,
            one.title,
            {
                code: _compiled(environment, ("answers", name, "texts", code), text)
                for code, text in one.texts.items()
            },
        )
        for name, one in spec.root.items()
    }


class _NamingGenerator(CodeGenerator):
    """Notes which names a template asks for, while it is compiled: jinja2.meta would compile it once more."""

    def enter_frame(self, frame: Frame) -> None:
        super().enter_frame(frame)
        assert isinstance(self.environment, _Environment)
        loads = frame.symbols.loads.values()
        self.environment.asked_for.update(name for how, name in loads if how == VAR_LOAD_RESOLVE)


class _Environment(bounds.BoundedEnvironment):
    code_generator_class = _NamingGenerator

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.asked_for: set[Any] = set()  # by the template compiled last; shared with overlays


def _environment() -> _Environment:
    return _Environment(
        undefined=jinja2.StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )


def compile_letters(languages: Mapping[str, LanguageSpec]) -> Letters:
    """Every template compiled and tried. Raises SpecError at the template that does not render."""
    if FALLBACK not in languages:
        raise SpecError(("letters",), "there are no English letters (letters: en), which others fall back to")
    _all_there(languages)
    words = {code: _words(code, spec.words) for code, spec in languages.items()}
    return Letters(words, {code: _compile_language(code, spec) for code, spec in languages.items()})


def _compile_language(code: str, spec: LanguageSpec) -> Mapping[str, Template]:
    """A language's letters. A part knows no parts, so that none goes round in a circle."""
    environment = _environment()
    parts = {
        name: _compiled(environment, ("letters", code, "parts", name), source)
        for name, source in spec.parts.items()
    }
    within: Any = environment.overlay()
    within.globals = {**environment.globals, "part": _part_of(parts)}
    made: dict[str, jinja2.Template] = {}  # most kinds share their subject line

    def once(kind: str, name: str, source: str) -> jinja2.Template:
        if source not in made:
            made[source] = _compiled(within, ("letters", code, "templates", kind, name), source)
        return made[source]

    return {
        kind: Template(once(kind, "subject", given.subject), once(kind, "body", given.body))
        for kind, given in spec.templates.items()
    }


def _part_of(parts: Mapping[str, jinja2.Template]) -> Callable[..., str]:
    @jinja2.pass_context
    def part(context: jinja2.runtime.Context, name: str) -> str:
        if name not in parts:
            raise jinja2.UndefinedError(f"there is no part '{name}'{did_you_mean(name, parts)}")
        return parts[name].render(context.get_all()).strip("\n")

    return part


def _all_there(languages: Mapping[str, LanguageSpec]) -> None:
    known = languages[FALLBACK].templates
    for kind in (*kinds.templates("partner"), *kinds.templates("staff")):
        if kind not in known and not kinds.of(kind).optional:
            raise SpecError(("letters", FALLBACK, "templates"), f"the letter '{kind}' is missing")
    for code, language in languages.items():
        for kind in language.templates:
            if kind not in known:
                near = did_you_mean(kind, known)
                raise SpecError(
                    ("letters", code, "templates", kind), f"there is no letter '{kind}' in English{near}"
                )


def _compiled(environment: _Environment, path: tuple[str, ...], source: str) -> jinja2.Template:
    """The template, tried on the samples; also the names of branches that no sample takes must exist."""
    try:
        environment.asked_for.clear()
        template = environment.from_string(source)
        # Of one piece: Jinja chains two, and walks the chain each time.
        template.globals = dict(template.globals)
        strange = sorted(environment.asked_for - _NAMES - environment.globals.keys())
        if strange:
            raise jinja2.UndefinedError(f"'{strange[0]}' is undefined")
        for names in _SAMPLES:
            _bounded(template, names, LONGEST_BODY)
    except jinja2.TemplateSyntaxError as error:
        raise SpecError(path, f"line {error.lineno} of the template: {error.message}") from None
    except jinja2.UndefinedError as error:
        raise SpecError(path, f"{error.message}{_nearest(str(error.message))}") from None
    except Exception as error:  # a template may raise anything: division, attribute, sandbox
        raise SpecError(path, f"does not render: {error}") from None
    return template


def _nearest(message: str) -> str:
    word = message.split("'")[1] if message.endswith("is undefined") else ""
    return did_you_mean(word, Context.__dataclass_fields__) if word else ""


_DATE = ("weekday", "day", "month", "year")


def _words(code: str, spec: WordsSpec) -> Words:
    path = ("letters", code, "words")
    for name, text, keys in (
        ("dear", spec.dear, {"name": ""}),
        ("moment", spec.moment, dict.fromkeys((*_DATE, "time", "hour", "minute", "zone"), "")),
        ("date", spec.date, dict.fromkeys(_DATE, "")),
        *((f"every.{unit}", text, {"n": ""}) for unit, both in spec.every.items() for text in both),
    ):
        try:
            text.format(**keys)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise SpecError((*path, *name.split(".")), f"unknown or broken placeholder: {error}") from None
    return Words(
        code, spec.name, spec.dear, spec.dear_nobody, spec.moment, tuple(spec.weekdays), tuple(spec.months),
        spec.your_request, spec.priority, dict(spec.severities.items()), dict(spec.commitments.items()),
        dict(spec.identifiers.items()), dict(spec.case_steps.items()), spec.form.strip("\n"), spec.date, spec.first_day,
        {unit: (one, several) for unit, (one, several) in spec.every.items()}, spec.write_above,
    )  # fmt: skip
