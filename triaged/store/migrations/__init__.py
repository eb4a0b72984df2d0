"""Alembic's migrations; run by `triaged db upgrade` only."""
