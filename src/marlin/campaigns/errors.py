"""What can go wrong with campaigns, their arms and upstreams."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, InvalidInputError, NotFoundError, UnavailableError


class CampaignNotFoundError(NotFoundError):
    """There is no such campaign, or it is not open to the caller."""

    code: ClassVar[str] = "campaign-not-found"


class ArmNotFoundError(NotFoundError):
    """There is no such arm."""

    code: ClassVar[str] = "arm-not-found"


class CampaignFileError(InvalidInputError):
    """A campaign file does not say what a campaign needs. ``details["errors"]`` names each field and the fix."""

    code: ClassVar[str] = "campaign-file"


class CampaignExistsError(ConflictError):
    """There is a campaign with this slug."""

    code: ClassVar[str] = "campaign-exists"


class CampaignClosedError(ConflictError):
    """The campaign is paused or closed."""

    code: ClassVar[str] = "campaign-closed"


class ArmsMissingError(ConflictError):
    """The campaign has fewer than two active arms."""

    code: ClassVar[str] = "arms-missing"


class ArmExistsError(ConflictError):
    """The campaign has an arm of this name."""

    code: ClassVar[str] = "arm-exists"


class UpstreamExistsError(ConflictError):
    """There is another upstream of this name."""

    code: ClassVar[str] = "upstream-exists"


class ExampleNotOfferedError(NotFoundError):
    """The campaign does not offer this example brief."""

    code: ClassVar[str] = "example-not-offered"


class KeyMissingError(UnavailableError):
    """The environment variable that holds an upstream's key is not set where it is used."""

    code: ClassVar[str] = "key-missing"
