"""Reviews remark on answers and are drafted; citations are kept as data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_draft",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("remarks", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparison.id"], name=op.f("fk_review_draft_comparison_id_comparison")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_review_draft_reviewer_id_person")),
        sa.PrimaryKeyConstraint("comparison_id", "reviewer_id", name=op.f("pk_review_draft")),
    )
    # Rows of a review are never changed; a column with a value for all of them changes none.
    op.add_column("review", sa.Column("remarks", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("review", "remarks", server_default=None)
    op.drop_constraint(op.f("ck_review_comments"), "review", type_="check")
    op.create_check_constraint(
        op.f("ck_review_comments"), "review", "decision = 'accept' or comments <> '' or remarks <> '[]'"
    )
    op.add_column("rating", sa.Column("citations", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("rating", "citations", server_default=None)
    _read_citations()


def _read_citations() -> None:
    """What earlier ratings cite, read from their texts as it is now when a rating is given."""
    from marlin.campaigns import Answers
    from marlin.ratings.cited import cited_in, stored

    connection = op.get_bind()
    rating = sa.table(
        "rating",
        sa.column("id", sa.Uuid()),
        sa.column("turn_number", sa.Integer()),
        sa.column("answers", postgresql.JSONB()),
        sa.column("citations", postgresql.JSONB()),
    )
    some = sa.select(rating).where(sa.cast(rating.c.answers, sa.Text()).contains("#"))
    for row in connection.execute(some).all():
        cited = stored(cited_in(Answers.model_validate(row.answers), row.turn_number))
        if cited:
            connection.execute(rating.update().where(rating.c.id == row.id).values(citations=cited))


def downgrade() -> None:
    op.drop_column("rating", "citations")
    op.drop_constraint(op.f("ck_review_comments"), "review", type_="check")
    op.create_check_constraint(op.f("ck_review_comments"), "review", "decision = 'accept' or comments <> ''")
    op.drop_column("review", "remarks")
    op.drop_table("review_draft")
