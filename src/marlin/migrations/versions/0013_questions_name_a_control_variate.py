"""questions name a control variate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows of a question are never changed; a column with a value for all of them changes none.
    op.add_column("question", sa.Column("control", sa.Text(), nullable=False, server_default="none"))
    op.alter_column("question", "control", server_default=None)
    op.create_check_constraint(
        op.f("ck_question_control"), "question", "control in ('none', 'checks_passed', 'changed_lines', 'model_calls')"
    )


def downgrade() -> None:
    op.drop_column("question", "control")
