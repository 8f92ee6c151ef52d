"""Campaigns list base images; briefs choose one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("base_images", postgresql.JSONB(), nullable=True))
    op.execute("UPDATE campaign SET base_images = jsonb_build_array(base_image)")
    op.alter_column("campaign", "base_images", nullable=False)
    op.add_column("brief", sa.Column("base_image", sa.Text(), nullable=True))
    op.execute("UPDATE brief SET base_image = campaign.base_image FROM campaign WHERE campaign.id = brief.campaign_id")
    op.alter_column("brief", "base_image", nullable=False)
    op.drop_column("campaign", "base_image")


def downgrade() -> None:
    op.add_column("campaign", sa.Column("base_image", sa.Text(), nullable=True))
    op.execute("UPDATE campaign SET base_image = base_images ->> 0")
    op.alter_column("campaign", "base_image", nullable=False)
    op.drop_column("campaign", "base_images")
    op.drop_column("brief", "base_image")
