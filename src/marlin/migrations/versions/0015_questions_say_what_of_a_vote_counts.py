"""questions say what of a vote counts: its side or its strength."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows of a question are never changed; a column with a value for all of them changes none.
    op.add_column("question", sa.Column("counts", sa.Text(), nullable=False, server_default="side"))
    op.alter_column("question", "counts", server_default=None)
    op.create_check_constraint(op.f("ck_question_counts"), "question", "counts in ('side', 'strength')")


def downgrade() -> None:
    op.drop_column("question", "counts")
