"""HTTP for operators: datasets, what is in them, where each row comes from, and what waits for a person.

They are made by the command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from marlin import campaigns
from marlin.accounts.guards import Operator
from marlin.campaigns import Campaign
from marlin.dataset_files import Split, find_row, trace
from marlin.datasets import deciding, holding, registry, row_endpoints
from marlin.datasets.errors import HeldFileError
from marlin.datasets.held import Values
from marlin.datasets.schemas import (
    DatasetOut,
    DatasetRow,
    HeldCampaignOut,
    HeldDecisions,
    HeldWaiting,
    PreviewRow,
    TraceOut,
)
from marlin.http.sessions import Session

router = APIRouter(prefix="/datasets", tags=["operators"])

View = Annotated[str, Query(max_length=100, description="`rows` for the canonical ones, else a view of the manifest.")]


@router.get("")
async def list_datasets(request: Request, person: Operator) -> list[DatasetRow]:
    """The 200 newest datasets of this installation, the one written last first."""
    return await asyncio.to_thread(registry.list_datasets, _home(request))


@router.get("/held")
async def list_held_values(request: Request, person: Operator, session: Session) -> list[HeldCampaignOut]:
    """Values that may be secrets and hold rows back, by campaign: what waits for a person, and what was decided."""
    names = await asyncio.to_thread(holding.campaigns_held, _home(request))
    known = [one for one in await campaigns.list_campaigns(session, only_open=False) if one.slug in names]
    return [await _held(request, one) for one in known]


@router.get("/held/waiting")
async def list_waiting_values(request: Request, person: Operator, session: Session) -> list[HeldWaiting]:
    """How many values wait for a person, by campaign; those without any are not there."""
    found = await list_held_values(request, person, session)
    return [HeldWaiting.model_validate(one, from_attributes=True) for one in found if one.undecided]


@router.post("/held/{campaign_id}")
async def decide_held_values(
    campaign_id: UUID, body: HeldDecisions, request: Request, person: Operator, session: Session
) -> HeldCampaignOut:
    """Decide on values, or take that back: all of them or none. 409 `dataset-held-decided` if somebody else has decided
    otherwise since `seen_at`: it tells who, what and when."""
    campaign = await campaigns.get_campaign(session, campaign_id)
    said = {one.id: deciding.Said(one.decision, one.seen_at, sighted=True) for one in body.decisions}
    changed = await deciding.decide_and_record(session, _home(request), campaign, said, by=person.name, actor=person)
    return await _held(request, campaign, changed)


@router.get("/{dataset_id}")
async def get_dataset(dataset_id: str, request: Request, person: Operator) -> DatasetOut:
    """One dataset: its manifest, with what was left out and why."""
    return await asyncio.to_thread(registry.get_dataset, _home(request), dataset_id)


@router.get("/{dataset_id}/preview")
async def preview_dataset(
    dataset_id: str,
    request: Request,
    person: Operator,
    view: View = registry.ROWS,
    split: Split = "train",
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    count: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[PreviewRow]:
    """Some rows of a view as they are, each up to 65,536 characters."""
    return await asyncio.to_thread(registry.preview, _home(request), dataset_id, view, split, start, count)


@router.get("/{dataset_id}/trace")
async def trace_row(
    dataset_id: str, request: Request, person: Operator, row: Annotated[str, Query(max_length=100)]
) -> TraceOut:
    """Where a row comes from: commits, sandbox images, rubric version, pseudonyms of those who judged."""
    folder = await asyncio.to_thread(registry.find_folder, _home(request), dataset_id)
    split, found = await asyncio.to_thread(find_row, folder, row)
    return TraceOut(split=split, facts=trace(found))


@router.get("/{dataset_id}/download", response_class=FileResponse)
async def download_view(
    dataset_id: str, request: Request, person: Operator, view: View = registry.ROWS, split: Split = "train"
) -> FileResponse:
    """A view's file, JSON Lines, as it lies in the folder."""
    path = await asyncio.to_thread(registry.file_of, _home(request), dataset_id, view, split)
    name = f"{view.replace('/', '-')}-{split}.jsonl"
    return FileResponse(path, media_type="application/jsonl", filename=name)


async def _held(request: Request, campaign: Campaign, changed: Values | None = None) -> HeldCampaignOut:
    """What is held, with what this request decides: the files tell it when the request is committed."""
    told = []
    if changed is None:
        try:
            await deciding.settle(_home(request), campaign)
        except HeldFileError as error:
            told.append(error.message)
    values, problems = await asyncio.to_thread(holding.held_values, _home(request), campaign.slug)
    told += [one.message for one in problems if one.message not in told]
    return HeldCampaignOut.of(campaign, values | (changed or {}), told)


def _home(request: Request) -> Path:
    home: Path = request.app.state.settings.home
    return home


router.include_router(row_endpoints.router)
