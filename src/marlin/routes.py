"""Every endpoint of the web service. Apart from the contexts' packages, so that commands and workers, which take what
they do from those, don't load a web framework and describe some 130 endpoints to it for nothing.
"""

from __future__ import annotations

from fastapi import APIRouter

from marlin import system
from marlin.accounts import endpoints as accounts
from marlin.assignments import endpoints as assignments
from marlin.campaigns import endpoints as campaigns
from marlin.checkouts import endpoints as checkouts
from marlin.comparisons import browsing, operating, streaming
from marlin.comparisons import endpoints as comparisons
from marlin.datasets import endpoints as datasets
from marlin.leaderboards import endpoints as leaderboards
from marlin.ratings import commenting
from marlin.ratings import endpoints as ratings
from marlin.reviews import endpoints as reviews
from marlin.tasks import endpoints as tasks
from marlin.terminals import endpoints as terminals
from marlin.terminals import socket
from marlin.tuning_runs import endpoints as tuning_runs

ROUTERS: list[APIRouter] = [
    accounts.router,
    campaigns.router,
    tasks.router,
    comparisons.router,
    browsing.router,
    streaming.router,
    operating.router,
    operating.campaign_router,
    terminals.router,
    socket.router,
    checkouts.router,
    assignments.router,
    ratings.router,
    commenting.router,
    reviews.router,
    leaderboards.router,
    datasets.router,
    tuning_runs.router,
    system.router,
]
"""The endpoints of the contexts, upstream first. Their paths begin below ``/api/v1``."""

GIT: APIRouter = checkouts.git_router
"""What git itself asks for when it fetches a result; beside ``/api/v1``, and in no description."""
