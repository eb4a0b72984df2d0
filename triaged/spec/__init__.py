"""Strict YAML with places, durations, complaints, near names."""
