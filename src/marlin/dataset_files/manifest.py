"""The manifest: what a dataset is, which files it has, and the id that follows from both. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
"""Goes up when a reader of an older one would misunderstand the folder."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ManifestFile(_Part):
    """A file of the folder. :ivar path: from the folder, with slashes. :ivar rows: lines, of JSONL files."""

    path: str
    sha256: str
    bytes: int
    rows: int | None = None


class LeftOut(_Part):
    """How much is not there, and why.

    :ivar scope: ``dataset`` (no row at all), ``pairs`` (a row, but in no pairwise view) or ``trajectories`` (a row, but
        in patch views only), ``patches`` (a side without a diff, so in no patch view), or ``ratings`` and ``people``:
        what was judged by people less reliable than asked, of results that others may have judged, too.
    """

    scope: str
    reason: str
    count: int


class SplitRule(_Part):
    """How rows were divided.

    :ivar by: what stays together: rows that share any of these are in the same split.
    :ivar hash: SHA-256 over every row's id and split: the frozen division itself.
    """

    by: list[str]
    seed: str
    test_fraction: float
    rows: dict[str, int]
    hash: str


class BenchmarkState(_Part):
    """A list that rows were held against. :ivar left_out: rows known from it, by what they share with it."""

    name: str
    sha256: str
    entries: int
    left_out: dict[str, int]


class ViewState(_Part):
    """A view. :ivar verified: the reader's version that was seen to load it, False for none (once True)."""

    reader: str
    content: str
    verified: bool | str
    rows: dict[str, int]


class Manifest(_Part):
    """A frozen dataset.

    It holds no time, no path and no machine: the same inputs, whoever asks whenever, give the same bytes and so the
    same id.

    :ivar id: SHA-256 over the canonical JSON of everything else here.
    :ivar synthetic: made from simulated judgement: evidence of nothing real.
    :ivar licences: rows by the licences of their repositories; ``unknown`` where none was found.
    :ivar consent: raters by the newest version of the terms that they accepted; ``none`` where they accepted none.
    :ivar benchmarks: lists that rows were held against; empty where nothing was checked.
    """

    format: int = FORMAT
    id: str = ""
    name: str
    campaigns: list[str]
    synthetic: bool
    marlin: str
    filters: dict[str, Any]
    rubric_versions: list[int]
    guidelines_versions: list[int]
    axes: list[str]
    counts: dict[str, int]
    left_out: list[LeftOut]
    scrubbed: dict[str, int]
    licences: dict[str, int] = Field(default_factory=dict)
    consent: dict[str, int] = Field(default_factory=dict)
    benchmarks: list[BenchmarkState] = Field(default_factory=list)
    split: SplitRule
    views: dict[str, ViewState]
    files: list[ManifestFile] = Field(min_length=1)

    def expected_id(self) -> str:
        """The id that its contents have; of one that was read, of what stands in it, whatever this Marlin knows."""
        return hashlib.sha256(canonical_json(self.model_dump(exclude={"id"}, exclude_unset=True))).hexdigest()

    def sealed(self) -> Manifest:
        """The same, with all that there is to say said, and its id."""
        whole = Manifest.model_validate(self.model_dump())
        return whole.model_copy(update={"id": whole.expected_id()})

    def to_bytes(self) -> bytes:
        """As it lies in the folder."""
        return json.dumps(self.model_dump(exclude_unset=True), indent=2, ensure_ascii=False).encode() + b"\n"


def seen_by(verified: bool | str) -> str:
    """For people: which version was seen to load a view."""
    return verified if isinstance(verified, str) else "yes" if verified else "unverified"


def canonical_json(value: Any) -> bytes:
    """One value, one spelling: keys in order, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
