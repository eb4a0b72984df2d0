"""PURE: raw bytes -> `Reading`. Who writes, what is new, whom and what it is about, whether a human wrote it."""
