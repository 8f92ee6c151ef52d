"""What builds held back for a person, and what the person said: a file beside the datasets, per campaign.

No value is in it: where one would stand, in whatever line, there are its first characters.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from marlin.datasets.errors import HeldFileError
from marlin.datasets.scrubbing import Scrubber
from marlin.datasets.suspicions import Decision, Masks

_LARGEST = 64 << 20
"""Bytes. 100,000 values with their places have fewer."""
_PATIENCE_S = 10.0


class Place(BaseModel):
    """Where a value stands.

    :ivar row: of the dataset. :ivar where: in words.
    :ivar side: whose work it is in; null in what both share. :ivar file: of the side's change; null elsewhere.
    :ivar line: its number in the file, ``which`` says whether in the ``old`` or the ``new`` one.
    :ivar before: what its line says before it, at most 80 characters; so ``after``.
    """

    row: str
    where: str
    side: Literal["A", "B"] | None = None
    file: str | None = None
    line: int | None = None
    which: Literal["old", "new"] | None = None
    before: str
    after: str


class HeldValue(BaseModel):
    """A value that may be a secret.

    :ivar name: what it was assigned to. :ivar shown: its first three characters, and how many it has.
    :ivar rows: some that it is in; :ivar count: how many there are. :ivar places: up to three; none where a build of
        an earlier Marlin held it.
    :ivar decision: null until somebody decides. :ivar by: who did, or who took that back; :ivar at: when.
    """

    name: str
    shown: Annotated[str, StringConstraints(max_length=32)]
    rows: list[str]
    count: Annotated[int, Field(ge=0)]
    places: list[Place] = []
    decision: Decision | None = None
    by: str | None = None
    at: AwareDatetime | None = None


Values = dict[str, HeldValue]
_FILE = TypeAdapter(Values)


class HeldStore:
    """Values that may be secrets, by id. They themselves are not in it, only their first characters.

    :param folder: where the campaign's datasets are.
    """

    def __init__(self, folder: Path, campaign: str) -> None:
        self.path = folder / f".held-{campaign}.json"

    def read(self) -> Values:
        """What was held, by id; nothing where no build has held any.

        :raises HeldFileError: it is torn, or nobody may read it.
        """
        try:
            with self.path.open("rb") as file:
                data = file.read(_LARGEST + 1)
            if len(data) > _LARGEST:
                raise ValueError("it is larger than 64 MiB")
            found = _FILE.validate_python(json.loads(data))
            Masks((name, one.shown) for name, one in found.items())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError) as error:
            raise HeldFileError(
                f"{self.path} can't be read: {_why(error)}.",
                hint="Put back a copy of it; or move it away, and decide on what the next build holds.",
            ) from error
        return found

    def decisions(self) -> dict[str, Decision]:
        """What was decided, by id. Raises as :meth:`read`."""
        return {name: one.decision for name, one in self.read().items() if one.decision}

    @contextlib.contextmanager
    def changing(self) -> Iterator[Values]:
        """What is held, to be changed in place: nobody else changes it meanwhile. After an error it stays as it was.

        :raises HeldFileError: it can't be read, locked or written.
        """
        with self.alone():
            values = self.read()
            before = _FILE.dump_json(values)
            yield values
            if _FILE.dump_json(values) != before:
                self.prepare(values)
                self.show()

    def note(self, held: Mapping[str, Mapping[str, Any]]) -> None:
        """Add what a build held back; what was decided stays. Raises as :meth:`changing`."""
        if not held:
            return
        with self.changing() as values:
            for name, one in held.items():
                known = values.get(name)
                said = known.model_dump(include={"decision", "by", "at"}) if known else {}
                values[name] = HeldValue.model_validate({**one, **said})
            _mask(values)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One writer at a time, on this host; a dead one's claim ends with it.

        :raises HeldFileError: it can't be locked.
        """
        lock = self.path.with_suffix(".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HeldFileError(
                f"{lock} can't be opened: {_why(error)}.", hint="Decide as somebody who may write to its folder."
            ) from error
        try:
            _claim(handle, lock)
            yield
        finally:
            os.close(handle)

    def prepare(self, values: Values) -> None:
        """Put what the file is to hold on the disk, beside it (the caller is alone): then :meth:`show` has its room.

        :raises HeldFileError: it can't be written; nothing is left of it.
        """
        said = {name: one.model_dump(mode="json") for name, one in values.items()}
        try:
            put_whole(self._new, json.dumps(said, indent=2, ensure_ascii=False, sort_keys=True))
        except OSError as error:
            raise HeldFileError(
                f"{self.path} can't be written: {_why(error)}.", hint="Mend that and decide again."
            ) from error

    def show(self) -> None:
        """Let what was prepared be the file.

        :raises HeldFileError: the folder takes no change any more.
        """
        try:
            self._new.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise HeldFileError(
                f"{self.path} can't be written: {_why(error)}.", hint="Mend that and look again."
            ) from error

    def drop(self) -> None:
        """Take away what was prepared."""
        self._new.unlink(missing_ok=True)

    @property
    def _new(self) -> Path:
        return self.path.with_suffix(".new")


def put_whole(path: Path, text: str) -> None:
    """Write a file to the disk; nothing is left of one that could not be written."""
    try:
        with path.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)  # on a full disk the room is somebody else's
        raise


def sync_folder(path: Path) -> None:
    """New names in a folder are on the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _claim(handle: int, lock: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise HeldFileError(
                    f"Another process has held {lock} for {_PATIENCE_S:g} seconds.", hint="Try again in a moment."
                ) from None
            time.sleep(0.005)


def _mask(values: Values) -> None:
    """No line tells a value of another row, or one that an earlier build held."""
    masks = Masks((name, one.shown) for name, one in values.items())

    def clean(text: str) -> str:
        return Scrubber().text(masks.masked(text))  # a value that is gone may have hidden a known secret beside it

    for one in values.values():
        one.name = clean(one.name)
        for place in one.places:
            place.where, place.before, place.after = map(clean, (place.where, place.before, place.after))
            if place.file is not None and clean(place.file) != place.file:
                place.file = place.line = place.which = None


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or "the disk refuses"
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON: {error}"
    return str(error) if isinstance(error, ValueError) and str(error) else "it is nothing that a build has written"


def newest(values: list[HeldValue]) -> HeldValue:
    """One value as several folders' builds held it: what was said last is what counts."""
    last = max(values, key=lambda one: (one.at is not None, one.at.timestamp() if one.at else 0.0))
    told = max(values, key=lambda one: (len(one.places), one.count))
    return told.model_copy(update={"decision": last.decision, "by": last.by, "at": last.at})


def now() -> datetime:
    """When something is decided."""
    return datetime.now().astimezone()
