"""The only room that knows SQLAlchemy: tables, named queries, migrations."""
