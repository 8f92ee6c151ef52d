"""HTTP for operators: datasets, what is in them, and where each row comes from. They are made by the command."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse

from marlin.accounts import Operator
from marlin.dataset_files import Split, find_row, trace
from marlin.datasets import registry
from marlin.datasets.schemas import DatasetOut, DatasetRow, PreviewRow, TraceOut

router = APIRouter(prefix="/datasets", tags=["operators"])

View = Annotated[str, Query(max_length=100, description="`rows` for the canonical ones, else a view of the manifest.")]


@router.get("")
async def list_datasets(request: Request, person: Operator) -> list[DatasetRow]:
    """The 200 newest datasets of this installation, the one written last first."""
    return await asyncio.to_thread(registry.list_datasets, _home(request))


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


def _home(request: Request) -> Path:
    home: Path = request.app.state.settings.home
    return home
