"""What a template of a rulebook may make and how long it may run: at each limit, and one beyond."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2.exceptions import SecurityError

from triaged.letters.bounds import LONGEST, BoundedEnvironment, at_most

ENVIRONMENT = BoundedEnvironment()
REFUSED = "a template makes too much, or runs too long"


def made(source: str, work: int = 10_000_000, **given: Any) -> str:
    with at_most(work):
        return ENVIRONMENT.from_string(source).render(**given)


def refused(source: str, work: int = 10_000_000, **given: Any) -> str:
    with pytest.raises(SecurityError) as told:
        made(source, work, **given)
    return str(told.value)


@pytest.mark.parametrize(
    ("source", "text", "work"),
    [
        ("abc", "abc", 0),
        ("{{ x }}", "abcd", 4),
        ("{{ x + x }}", "abcdabcd", 16),
        ("{{ x * 3 }}", "abcdabcdabcd", 24),
        ("{{ 3 * x }}", "abcdabcdabcd", 24),
        ("{{ x * -1 }}", "", 4),
        ("{{ x ~ x }}", "abcdabcd", 16),
        ("{{ x[1:] }}", "bcd", 6),
        ("{{ x|upper }}", "ABCD", 112),
        ("{{ x|join(', ') }}", "a, b, c, d", 124),
        ("{{ x|map('upper')|join }}", "ABCD", 633),
        ("{% for c in x %}{{ c }}{% endfor %}", "abcd", 128),
        ("{% for c in x|map('upper') %}{{ c }}{% endfor %}", "ABCD", 637),
        ("{{ 'a' in x }}", "True", 5),
        ("{{ 'a' not in x }}", "False", 5),
        ("{{ x.upper() }}", "ABCD", 108),
        ("{{ x.replace('a', 'bb') }}", "bbbcd", 113),
        ("{{ x.join(['1', '2', '3']) }}", "1abcd2abcd3", 140),
        ("{{ x.center(9) }}", "   abcd  ", 119),
        ("{{ '%s%s' % (x, x) }}", "abcdabcd", 8),
        ("{{ range(3)|list }}", "[0, 1, 2]", 213),
        ("{{ 2 ** 3 }}", "8", 1),
    ],
)  # fmt: skip
def test_a_template_works_as_much_as_it_runs_through_and_makes(source: str, text: str, work: int) -> None:
    given = {"x": "abcd"}
    plain = BoundedEnvironment().from_string(source).render(**given)
    assert made(source, work, **given) == plain == text
    if work:
        assert refused(source, work - 1, **given) == REFUSED


@pytest.mark.parametrize(
    "source",
    ["{{ x }}", "{{ x|length }}", "{% for c in x %}{% endfor %}", "{{ 'b' in x }}", "{{ x ~ '' }}", "{{ x[0:] }}", "{{ 'a' * n }}", "{{ n * 'a' }}",
     "{{ 'a' + x[1:] }}", "{{ [x]|join }}", "{{ [x[1:], 'a']|join }}", "{{ x.upper() }}", "{{ 'a'.center(n) }}", "{{ '%s' % x }}"],
)  # fmt: skip
def test_one_value_is_as_long_as_may_be_and_no_longer(source: str) -> None:
    made(source, x="a" * LONGEST, n=LONGEST)
    assert refused(source, x="a" * (LONGEST + 1), n=LONGEST + 1) == REFUSED


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{{ '%9999d' % 3 }}", ""),
        ("{{ '%10000d' % 3 }}", "a width is too large"),
        ("{{ '{:9999}'.format(3) }}", ""),
        ("{{ '{:10000}'.format(3) }}", "a width is too large"),
        ("{{ '%9999d'|format(3) }}", ""),
        ("{{ '%10000d'|format(3) }}", "a width is too large"),
        ("{{ 2 ** 2048 > 1 }}", ""),
        ("{{ 2 ** 2049 > 1 }}", "a number is too large"),
        ("{{ (2 ** 2047) * (2 ** 2047) > 1 }}", ""),
        ("{{ (2 ** 2047) * (2 ** 2048) > 1 }}", "a number is too large"),
        ("{{ 2 ** -2048 > 1 }}", ""),
        ("{{ 2 ** -2049 > 1 }}", "a number is too large"),
        ("{{ (2 ** 2047) + (2 ** 2048) > 1 }}", ""),
        ("{{ x.replace('', y) }}", ""),
        ("{{ x.replace('', y + 'b') }}", "'replace' makes too much"),
        ("{{ x|replace('', y + 'b') }}", "'replace' makes too much"),
        ("{{ x.translate({97: y + 'b'}) }}", "'translate' makes too much"),
        ("{{ x.translate({97: 'b', 98: 'c'}) }}", ""),
        ("{{ x.ljust(-20001) }}", "'ljust' makes too much"),
    ],
)  # fmt: skip
def test_what_would_grow_too_large_is_refused_before_it_is_made(source: str, told: str) -> None:
    given = {"x": "a" * 999, "y": "b" * 20_000}
    if told:
        assert refused(source, **given) == told
    elif "replace" in source:
        # Within the product, and only then too long
        assert refused(source, **given) == REFUSED
    else:
        made(source, **given)


def test_a_rendering_within_another_has_no_more_than_is_left_and_uses_it_up() -> None:
    with at_most(10):
        assert made("{{ x }}", 4, x="abcd") == "abcd"
        assert refused("{{ x }}", 3, x="abcd") == REFUSED
    with at_most(7):
        made("{{ x }}", x="abcd")
        assert refused("{{ x }}", x="abcd") == REFUSED
    with at_most(8):
        made("{{ x }}", x="abcd")
        made("{{ x }}", x="abcd")
    # Outside of all of that nothing is left to be counted
    assert ENVIRONMENT.from_string("{{ x }}").render(x="abcd") == "abcd"


def test_what_makes_words_for_trials_is_not_there() -> None:
    assert "lipsum" not in ENVIRONMENT.globals
