# ruff: noqa: E501 (statements are clearer unbroken)
"""Reviewers reject with a reason, and contributors dispute it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


BEFORE = "'running', 'to_rate', 'rated', 'submitted', 'returned', 'accepted', 'cancelled', 'failed'"
REASONS = "'role_play', 'against_rules', 'duplicate_task', 'copied', 'not_judged', 'fraud', 'other'"


def upgrade() -> None:
    _replace("comparison", "status", f"status in ({BEFORE}, 'rejected', 'disputed')")
    op.create_table(
        "dispute",
        sa.Column("review_id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_dispute_text")),
        sa.ForeignKeyConstraint(["comparison_id"], ["comparison.id"], name=op.f("fk_dispute_comparison_id_comparison")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_dispute_review_id_review")),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_dispute")),
        info={"append_only": True},
    )
    op.create_index("ix_dispute_comparison_id", "dispute", ["comparison_id"], unique=False)
    op.add_column("review", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("review", sa.Column("rejection_id", sa.Uuid(), nullable=True))
    op.create_index("uq_review_rejection_id", "review", ["rejection_id"], unique=True)
    op.create_foreign_key(op.f("fk_review_rejection_id_review"), "review", "review", ["rejection_id"], ["id"])
    _replace("review", "decision", "decision in ('accept', 'return', 'reject', 'reopen')")
    _replace(
        "review",
        "comments",
        "decision in ('accept', 'reopen') or comments <> '' or (decision = 'return' and remarks <> '[]')",
    )
    op.create_check_constraint(op.f("ck_review_reason"), "review", "(decision = 'reject') = (reason is not null)")
    op.create_check_constraint(op.f("ck_review_reason_known"), "review", f"reason in ({REASONS})")
    op.create_check_constraint(
        op.f("ck_review_rejection"), "review", "decision <> 'reopen' or rejection_id is not null"
    )
    op.execute(
        "CREATE OR REPLACE FUNCTION marlin_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND $$"
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER dispute_append_only BEFORE UPDATE OR DELETE ON dispute FOR EACH ROW EXECUTE FUNCTION marlin_refuse_change()"
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER dispute_no_truncate BEFORE TRUNCATE ON dispute FOR EACH STATEMENT EXECUTE FUNCTION marlin_refuse_change()"
    )


def downgrade() -> None:
    """Refused by the constraints where anything was rejected: what was decided is not thrown away."""
    for name in ("rejection", "reason_known", "reason"):
        op.drop_constraint(op.f(f"ck_review_{name}"), "review", type_="check")
    _replace("review", "comments", "decision = 'accept' or comments <> '' or remarks <> '[]'")
    _replace("review", "decision", "decision in ('accept', 'return')")
    _replace("comparison", "status", f"status in ({BEFORE})")
    op.drop_constraint(op.f("fk_review_rejection_id_review"), "review", type_="foreignkey")
    op.drop_index("uq_review_rejection_id", table_name="review")
    op.drop_column("review", "rejection_id")
    op.drop_column("review", "reason")
    op.drop_index("ix_dispute_comparison_id", table_name="dispute")
    op.drop_table("dispute")


def _replace(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
