"""What the API gives for fetching results."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class BranchOut(BaseModel):
    """A branch that can be fetched."""

    name: str
    commit: str
    turn: int | None
    """None for the base."""
    side: Literal["A", "B"] | None


class CheckoutOut(BaseModel):
    """An address for git that works once, and what to type.

    :ivar url: holds a secret: whoever has it can fetch these branches until it is used or too old.
    """

    id: UUID
    url: str
    name: str
    """Of the folder that a clone makes."""
    expires_at: datetime
    minutes: int
    branches: list[BranchOut]
    clone: list[str]
    """Commands for a new clone."""
    fetch: list[str]
    """Commands for a clone of the repository that is there already."""
    vscode: str
    """Opens Visual Studio Code, which clones."""
