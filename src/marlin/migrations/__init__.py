"""The history of the tables, by Alembic. Run by ``marlin up``, ``marlin init`` and ``marlin db upgrade``."""
