"""Phrases and how they are found. PURE."""
