"""What can go wrong between a dataset and a tuned model."""

from __future__ import annotations

from marlin.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class TuneExtraMissingError(UnavailableError):
    """torch or a trainer is not installed in this Python."""

    code = "tune-extra-missing"


class UnreadableDatasetError(InvalidInputError):
    """The folder is no dataset, or a line of it can't be read."""

    code = "unreadable-dataset"


class ModelNotFoundError(NotFoundError):
    """There is no model of that name on this machine, and none could be fetched."""

    code = "model-not-found"


class UnknownTemplateError(InvalidInputError):
    """The model's chat template can't be trained on."""

    code = "unknown-template"


class PreflightRefusedError(InvalidInputError):
    """The preflight found what would spoil the run."""

    code = "preflight-refused"


class InvalidRunError(InvalidInputError):
    """The folder of a run, or what was asked of it, can't be used."""

    code = "invalid-run"


class RunStateError(ConflictError):
    """The run is in a state that does not allow this."""

    code = "run-state"


class RunFailedError(UnavailableError):
    """Training stopped before its end. What was saved is kept."""

    code = "run-failed"


class ServedModelError(UnavailableError):
    """Nobody answers where a run's model should be served, or another model does."""

    code = "served-model"


class RoundTripError(ConflictError):
    """A served model can't call tools as an agent must."""

    code = "round-trip"
