"""The language of a text. PURE."""
