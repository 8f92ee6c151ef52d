"""Arms of tuned models say where they come from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("arm", sa.Column("lineage", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("arm", "lineage")
