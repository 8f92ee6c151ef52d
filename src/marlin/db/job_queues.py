"""The queues of jobs and their limits, as the job engine is told of them."""

from __future__ import annotations

from typing import Literal

from dbos import DBOSClient

from marlin.settings import Settings

APPLICATION = "marlin"
Queue = Literal["turns", "environments", "terminals", "housekeeping"]
QUEUES: tuple[Queue, ...] = ("turns", "environments", "terminals", "housekeeping")


def register_queues(client: DBOSClient, settings: Settings) -> None:
    """Make the queues, or give them the limits of these settings: one value for all workers."""
    poll, concurrency = settings.queue_poll, settings.worker_concurrency
    client.register_queue(
        "turns",
        worker_concurrency=concurrency,
        partition_concurrency=settings.campaign_concurrency,
        polling_interval_sec=poll,
        application_name=APPLICATION,
    )
    client.register_queue(
        "environments", worker_concurrency=concurrency, polling_interval_sec=poll, application_name=APPLICATION
    )
    client.register_queue(
        "terminals",
        worker_concurrency=settings.terminals_per_worker,
        polling_interval_sec=poll,
        application_name=APPLICATION,
    )
    client.register_queue(
        "housekeeping", worker_concurrency=1, polling_interval_sec=max(poll, 1.0), application_name=APPLICATION
    )
