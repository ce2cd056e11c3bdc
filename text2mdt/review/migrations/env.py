"""What Alembic runs: the steps, on the connection and in the transaction of the caller."""

from __future__ import annotations

from alembic import context

from text2mdt.review.schema_version import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
