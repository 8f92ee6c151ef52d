"""What can go wrong around the gateway. Errors of a *call* go to the agent in its API's own shape (``apis``)."""

from __future__ import annotations

from marlin.errors import ConflictError, InvalidInputError, UnavailableError


class InvalidRunError(InvalidInputError):
    """A run's upstream, model, prices and budget don't fit together."""

    code = "invalid-run"


class RunExistsError(ConflictError):
    """A run with this id or token is in the table already."""

    code = "run-exists"


class ExchangeStoreError(UnavailableError):
    """Exchanges can't be written or read: the disk is full, or the file is not a store of exchanges."""

    code = "exchange-store"


class ExchangeTooLargeError(InvalidInputError):
    """A recorded call has more bytes than the reader takes into memory."""

    code = "exchange-too-large"


class ListenError(UnavailableError):
    """The gateway can't serve there."""

    code = "gateway-listen"
