"""Whether the extra ``tune`` is installed, in the versions that the masks were tested with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, requires, version

from marlin.training.errors import TuneExtraMissingError

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "tensorboard")
HINT = (
    "In a checkout: make setup-tune, then .venv-tune/bin/marlin tune …. Elsewhere: pip install 'marlin[tune]' into an "
    "environment that has the build of torch for its GPUs."
)


def require_extra() -> None:
    """Check that everything is there, before anything is read.

    :raises TuneExtraMissingError: a package is missing, or another version than the one pinned (torch excepted).
    """
    missing = [name for name in PACKAGES if _version(name) is None]
    if missing:
        raise TuneExtraMissingError(f"Tuning needs {', '.join(missing)}, not installed in this Python.", hint=HINT)
    wrong = [
        f"{name} {version(name)} (tested with {pinned})"
        for name, pinned in pinned_versions().items()
        if name != "torch" and version(name) != pinned
    ]
    if wrong:
        raise TuneExtraMissingError(
            f"The masks depend on exact versions of the trainers, and these differ: {', '.join(wrong)}.", hint=HINT
        )


def require_loggers(names: Sequence[str]) -> None:
    """Check that a run's loggers can be used, before anything starts.

    :raises TuneExtraMissingError: the package of one is missing.
    """
    if "wandb" in names and _version("wandb") is None:
        raise TuneExtraMissingError(
            "Logging to Weights & Biases needs the package wandb, not installed in this Python.",
            hint="`pip install wandb` beside the extra, or leave wandb out of --log-to.",
        )


def require_scale(scale: str) -> None:
    """Check that a run can be shared out as it is asked for, before anything starts.

    :raises TuneExtraMissingError: the package that shares it is missing.
    """
    if scale == "zero3" and _version("deepspeed") is None:
        raise TuneExtraMissingError(
            "Scale zero3 needs the package deepspeed, not installed in this Python.",
            hint="`pip install deepspeed` beside the extra, or use --scale fsdp2, which needs nothing more.",
        )


def quiet_libraries() -> None:
    """Have transformers tell errors alone: what is done, and how far, is said by Marlin."""
    # What one library calls by its old name in another concerns neither the run nor whoever starts it.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|peft|trl)\b")
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def pinned_versions() -> dict[str, str]:
    """What Marlin's metadata pins for the extra."""
    try:
        wanted = requires("marlin") or []
    except PackageNotFoundError:
        return {}
    pins = {}
    for line in wanted:
        requirement, _, marker = line.partition(";")
        name, equals, pinned = requirement.partition("==")
        if equals and "extra" in marker and "tune" in marker:
            pins[name.strip()] = pinned.strip()
    return pins


def installed_versions(*names: str) -> dict[str, str]:
    """What is really there, for the record of a run.

    :param names: of packages; by default those of the extra.
    """
    found = {name: _version(name) for name in names or PACKAGES}
    return {name: said for name, said in found.items() if said is not None}


def _version(name: str) -> str | None:
    """None where it is not installed. A folder of that name, such as one of datasets, imports and is no package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
