"""What people submit is sketched, to notice when they submit it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_sketch",
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("turn_number", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.BigInteger(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("field in ('prompt', 'justification')", name=op.f("ck_text_sketch_field")),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparison.id"], name=op.f("fk_text_sketch_comparison_id_comparison")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_text_sketch_person_id_person")),
        sa.PrimaryKeyConstraint("comparison_id", "turn_number", "field", name=op.f("pk_text_sketch")),
    )
    op.create_index(
        "ix_text_sketch_keys",
        "text_sketch",
        ["keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    op.drop_index("ix_text_sketch_keys", table_name="text_sketch")
    op.drop_table("text_sketch")
