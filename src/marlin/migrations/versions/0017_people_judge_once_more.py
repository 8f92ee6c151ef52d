"""people judge once more what they have judged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ONCE = "uq_comparison_brief_id_owner_id"
_KIND = "ck_assignment_kind"


def upgrade() -> None:
    op.add_column("comparison", sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("comparison", "again", server_default=None)
    op.drop_constraint(op.f(_ONCE), "comparison")
    op.create_unique_constraint(op.f(f"{_ONCE}_again"), "comparison", ["brief_id", "owner_id", "again"])
    op.drop_constraint(op.f(_KIND), "assignment")
    op.create_check_constraint(op.f(_KIND), "assignment", "kind in ('own', 'overlap', 'gold', 'again')")


def downgrade() -> None:
    op.drop_constraint(op.f(_KIND), "assignment")
    op.create_check_constraint(op.f(_KIND), "assignment", "kind in ('own', 'overlap', 'gold')")
    op.drop_constraint(op.f(f"{_ONCE}_again"), "comparison")
    op.create_unique_constraint(op.f(_ONCE), "comparison", ["brief_id", "owner_id"])
    op.drop_column("comparison", "again")
