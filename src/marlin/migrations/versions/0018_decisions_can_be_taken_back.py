"""Reviewers take acceptances and returns back, too, and find what they decided."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("review", "rejection_id", new_column_name="about_id")
    op.execute("ALTER INDEX uq_review_rejection_id RENAME TO uq_review_about_id")
    op.execute("ALTER TABLE review RENAME CONSTRAINT fk_review_rejection_id_review TO fk_review_about_id_review")
    op.execute("ALTER TABLE review RENAME CONSTRAINT ck_review_rejection TO ck_review_about")
    # What was accepted, taken back and accepted again has two acceptances, one of which counts.
    op.drop_index("uq_review_comparison_id_accepted", table_name="review")
    op.create_index("ix_review_reviewer_id", "review", ["reviewer_id", "id"], unique=False)


def downgrade() -> None:
    """Refused by the index where something was accepted twice: what was decided is not thrown away."""
    op.drop_index("ix_review_reviewer_id", table_name="review")
    op.execute(
        "CREATE UNIQUE INDEX uq_review_comparison_id_accepted ON review (comparison_id) WHERE decision = 'accept'"
    )
    op.execute("ALTER TABLE review RENAME CONSTRAINT ck_review_about TO ck_review_rejection")
    op.execute("ALTER TABLE review RENAME CONSTRAINT fk_review_about_id_review TO fk_review_rejection_id_review")
    op.execute("ALTER INDEX uq_review_about_id RENAME TO uq_review_rejection_id")
    op.alter_column("review", "about_id", new_column_name="rejection_id")
