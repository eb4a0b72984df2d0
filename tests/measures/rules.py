"""How often the shipped content rules are right on the shipped examples, and what rules cost.

The examples' labels come from others who saw neither rules nor mails' verdicts. A rule that bounds the
severity is right where the label lies within its bound.
"""

from __future__ import annotations

import json
import random
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import re2

from tests.measures import Figure
from triaged.config import shipped
from triaged.rulebook import loading, rules
from triaged.rulebook.rulebook import Rule
from triaged.vocabulary import Severity
from triaged.walk import rulebook_folder

PHRASES = ("29-words.yaml", "32-content.de-fr-es.yaml", "34-gravest-words.yaml", "35-how-wide.yaml")
EXAMPLES = Path(__file__).parents[2] / "models" / "examples"


def figures() -> Iterator[Figure]:
    """Precision of all content rules together, then cost and its growth."""
    yield from _precision()
    yield from _cost()
    yield from _phrases()


def _precision() -> Iterator[Figure]:
    book = rulebook_folder.load_folder(shipped.rules())
    by_name = {rule.name: rule for rule in book.rules}
    right = wrong = mails = 0
    for example in examples_of():
        facts = facts_of(example)
        hits = [by_name[o.name] for o in rules.judge(book, facts, misses=False).outcomes if o.hit]
        bounding = [rule for rule in hits if rule.content and (rule.then.at_least or rule.then.at_most)]
        mails += bool(bounding)
        agreeing = sum(_within(rule, Severity(example["severity"])) for rule in bounding)
        right, wrong = right + agreeing, wrong + len(bounding) - agreeing
    share = right / max(1, right + wrong)
    yield Figure(
        "content rules: label within their bound", f"{share:.3f} of {right + wrong}", ">= 0.95", share >= 0.95
    )
    yield Figure("content rules: mails they speak on", str(mails), "told only", True)


def facts_of(example: dict[str, str]) -> dict[str, object]:
    """What rules on content see of an example."""
    words = dict.fromkeys(("text", "own_text"), example["text"])
    about = {name: example[name] for name in ("subject", "language")}
    return {**words, **about, "kind": "request", "mail.characters": len(example["text"])}


def examples_of(folder: Path = EXAMPLES) -> Iterator[dict[str, str]]:
    """The examples of a folder, as their files have them."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip() and "text" in (example := json.loads(line)):
                yield example


def _within(rule: Rule, label: Severity) -> bool:
    least, most = rule.then.at_least, rule.then.at_most
    return (least is None or label <= least) and (most is None or label >= most)


def _cost() -> Iterator[Figure]:
    words = ["".join(random.Random(n).choices(string.ascii_lowercase, k=7)) for n in range(3000)]
    chance = random.Random(1)
    text = " ".join(chance.choices(words, k=800))[:5000]
    spent = {}
    for count in (125, 250, 500):
        source = {"rules/a.yaml": _many(count, words, chance)}
        began = time.perf_counter()
        book, _ = loading.load(source, loading.Rooms())
        loaded = time.perf_counter() - began
        assert book is not None
        facts = {"text": text, "subject": text[:60]}
        spent[count] = _best(lambda book=book, facts=facts: rules.judge(book, facts, misses=False))  # type: ignore[misc]
    yield Figure("500 rules with 1,000 regexes on 5 KB, ms", f"{spent[500]:.2f}", "<= 4", spent[500] <= 4)
    growth = spent[500] / spent[125]
    yield Figure("four times the rules cost times", f"{growth:.1f}", "<= 6 (linear)", growth <= 6)
    yield Figure("loading them, s", f"{loaded:.2f}", "< 1", loaded < 1)
    floor = _best(lambda: re2.search("nowhere", text))
    yield Figure("one RE2 search over the same text, ms (for scale)", f"{floor:.3f}", "told only", True)


def _phrases() -> Iterator[Figure]:
    """What phrases cost: the shipped rulebook beside itself without the files that hold them, in one run."""
    whole = {
        name: text.split("\ntests:\n")[0]  # they name rules of both
        for name, text in rulebook_folder.read_folder(shipped.rules()).items()
    }
    without = {name: text for name, text in whole.items() if not name.endswith(PHRASES)}
    loads: dict[str, float] = {}
    costs: dict[str, float] = {}
    mails = [facts_of(example) for example in list(examples_of())[::5]]
    for name, texts in (("with", whole), ("without", without)):
        loads[name] = _best(lambda texts=texts: loading.load(texts, rulebook_folder.ROOMS), 4)  # type: ignore[misc]
        book, _ = loading.load(texts, rulebook_folder.ROOMS)
        assert book is not None
        costs[name] = sum(_best(lambda book=book, f=f: rules.judge(book, f, misses=False), 8) for f in mails)  # type: ignore[misc]
    for told, spent, size in (
        ("loading the rulebook", loads, 1),
        ("judging an example mail", costs, len(mails)),
    ):
        times = spent["with"] / spent["without"]
        figure = f"{times:.2f} ({spent['with'] / size:.2f} ms for {spent['without'] / size:.2f})"
        yield Figure(f"{told}: with phrases, times without", figure, "<= 1.3", times <= 1.3)


def _many(count: int, words: list[str], chance: random.Random) -> str:
    made = ["rules:"]
    for index in range(count):
        a, b, c = chance.sample(words, 3)
        made.append(
            f"  - {{name: r{index}, when: {{text: {{matches: '\\b({a}|{b})s?\\b.{{0,60}}\\b{c}'}}, "
            f"not: {{text: {{matches: ['{a} was {b}']}}}}}}, then: {{tags: [t{index}]}}}}"
        )
    return "\n".join(made)


def _best(task: Callable[[], object], runs: int = 60) -> float:
    def once() -> float:
        began = time.process_time()
        task()
        return (time.process_time() - began) * 1000

    return min(once() for _ in range(runs))
