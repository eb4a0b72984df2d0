"""PURE: rulebook, rules, accounts, classifier (model handed in), severity: the final word, with reasons."""
