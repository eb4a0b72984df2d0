"""Partner-support mail, triaged: one walk from the door to the reply (docs/flow.md)."""

__version__ = "0.1.0"
