"""Campaigns say who does what next; results can be judged by a second person; gold tasks; synthetic campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from marlin.accounts import append_only

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "campaign", sa.Column("assignment", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))
    )
    op.alter_column("campaign", "assignment", server_default=None)
    op.add_column("campaign", sa.Column("synthetic", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("campaign", "synthetic", server_default=None)
    for statement in append_only.fix_statements("campaign", "synthetic"):
        op.execute(statement)
    op.add_column("comparison", sa.Column("repeats_id", sa.Uuid(), nullable=True))
    repeats = op.f("fk_comparison_repeats_id_comparison")
    op.create_foreign_key(repeats, "comparison", "comparison", ["repeats_id"], ["id"])
    op.create_index(op.f("ix_comparison_repeats_id"), "comparison", ["repeats_id"])
    op.add_column("rollout", sa.Column("repeats_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_rollout_repeats_id_rollout"), "rollout", "rollout", ["repeats_id"], ["id"])
    op.create_table(
        "gold_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("comparison_id", sa.Uuid(), nullable=False),
        sa.Column("expected_rollout_id", sa.Uuid(), nullable=False),
        sa.Column("min_strength", sa.Integer(), nullable=False),
        sa.Column("axis", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("min_strength between 1 and 3", name=op.f("ck_gold_task_min_strength")),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparison.id"], name=op.f("fk_gold_task_comparison_id_comparison")
        ),
        sa.ForeignKeyConstraint(
            ["expected_rollout_id"], ["rollout.id"], name=op.f("fk_gold_task_expected_rollout_id_rollout")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_gold_task_created_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold_task")),
    )
    op.create_index(
        "uq_gold_task_comparison_id_current",
        "gold_task",
        ["comparison_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("gold_id", sa.Uuid(), nullable=True),
        sa.Column("comparison_id", sa.Uuid(), nullable=True),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("draw", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('own', 'overlap', 'gold')", name=op.f("ck_assignment_kind")),
        sa.CheckConstraint(
            "status in ('held', 'begun', 'skipped', 'expired', 'released')", name=op.f("ck_assignment_status")
        ),
        sa.CheckConstraint("(kind = 'own') = (source_id is null)", name=op.f("ck_assignment_source")),
        sa.CheckConstraint("(kind = 'gold') = (gold_id is not null)", name=op.f("ck_assignment_gold")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_assignment_campaign_id_campaign")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id_person")),
        sa.ForeignKeyConstraint(["source_id"], ["comparison.id"], name=op.f("fk_assignment_source_id_comparison")),
        sa.ForeignKeyConstraint(["gold_id"], ["gold_task.id"], name=op.f("fk_assignment_gold_id_gold_task")),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparison.id"], name=op.f("fk_assignment_comparison_id_comparison")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(
        "uq_assignment_campaign_id_person_id_held",
        "assignment",
        ["campaign_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("status = 'held'"),
    )
    op.create_index("ix_assignment_source_id", "assignment", ["source_id"])
    op.create_index("uq_assignment_comparison_id", "assignment", ["comparison_id"], unique=True)


def downgrade() -> None:
    op.drop_table("assignment")
    op.drop_table("gold_task")
    op.drop_column("rollout", "repeats_id")
    op.drop_column("comparison", "repeats_id")
    op.execute("DROP TRIGGER campaign_synthetic_fixed ON campaign")
    op.execute("DROP FUNCTION marlin_refuse_column_change()")
    op.drop_column("campaign", "synthetic")
    op.drop_column("campaign", "assignment")
