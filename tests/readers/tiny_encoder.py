"""A sentence encoder small enough to be built by a test: each token has a vector of its own, a text has their mean.

Skips visibly where the extra is not installed; where `CI` is set that is a failure, not a skip.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest

INSTALL = "pip install 'triaged[embeddings]' onnx"
SENTENCES = (
    "query: nobody can sign in, all data is gone",
    "query: how do i add a field to the layout",
    "query: one report shows a wrong total",
    "query: niemand kann sich anmelden",
)


def needed(*names: str) -> list[Any]:
    """The modules; skips the test without them, fails it where CI promises them."""
    try:
        return [importlib.import_module(name) for name in names]
    except ImportError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"{missing.name} is missing: {INSTALL}")
        pytest.skip(f"{missing.name} is not installed ({INSTALL})")


def build(folder: Path, numbers: int = 16, seed: int = 1, pooled: bool = False) -> Path:
    """Write `model.onnx` and `tokenizer.json` into the folder."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    onnx, tokenizers, trainers, models, splitters = needed(
        "onnx", "tokenizers", "tokenizers.trainers", "tokenizers.models", "tokenizers.pre_tokenizers"
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tokenizers.Tokenizer(models.BPE(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = splitters.Whitespace()
    tokenizer.train_from_iterator(SENTENCES, trainers.BpeTrainer(vocab_size=120, special_tokens=["[UNK]"]))
    tokenizer.save(str(folder / "tokenizer.json"))
    onnx.save(_graph(onnx, tokenizer.get_vocab_size(), numbers, seed, pooled), str(folder / "model.onnx"))
    return folder


def _graph(onnx: Any, words: int, numbers: int, seed: int, pooled: bool) -> Any:
    import numpy as np

    make, floats, ints = onnx.helper, onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
    table = np.random.default_rng(seed).normal(size=(words, numbers)).astype(np.float32)
    steps = [make.make_node("Gather", ["table", "input_ids"], ["tokens"])]
    shape = ["batch", "tokens_of_it", numbers]
    if pooled:
        steps.append(make.make_node("ReduceMean", ["tokens"], ["whole"], axes=[1], keepdims=0))
        shape = ["batch", numbers]
    graph = make.make_graph(
        steps,
        "tiny",
        [make.make_tensor_value_info("input_ids", ints, ["batch", "tokens_of_it"])],
        [make.make_tensor_value_info("whole" if pooled else "tokens", floats, shape)],
        [onnx.numpy_helper.from_array(table, "table")],
    )
    made = make.make_model(graph, opset_imports=[make.make_opsetid("", 17)])
    made.ir_version = 8
    return made
