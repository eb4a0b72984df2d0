"""Scores into probabilities that mean what they say: one temperature, found on texts held out."""

from __future__ import annotations

from typing import Any

import numpy as np

from triaged.classifier.model import softmax


def shares(scores: Any, temperature: float) -> Any:
    """Scores as probabilities at a temperature: the higher, the less sure."""
    return softmax(scores / temperature)


def temperature(scores: Any, truth: Any, weights: Any) -> float:
    """The temperature under which held-out truths are likeliest. `truth`: the column of each row's label."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(truth))

    def surprise(log_temperature: float) -> float:
        right = shares(scores, float(np.exp(log_temperature)))[rows, truth]
        return float(-(weights * np.log(np.clip(right, 1e-12, 1))).sum())

    found = minimize_scalar(surprise, bounds=(-2.5, 3.0), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))
