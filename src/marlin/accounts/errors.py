"""What can go wrong with people, sign-ins and permissions."""

from __future__ import annotations

from typing import ClassVar

from marlin.errors import ConflictError, ForbiddenError, InvalidInputError, MarlinError, NotFoundError


class NotSignedInError(MarlinError):
    """The request comes from nobody we know: no sign-in, an expired one, or an unknown token."""

    status = 401
    exit_code = 4
    code: ClassVar[str] = "not-signed-in"


class SignInRefusedError(MarlinError):
    """The address and password do not belong together. The message never says which of them is wrong."""

    status = 401
    exit_code = 4
    code: ClassVar[str] = "sign-in-refused"


class TooManyAttemptsError(MarlinError):
    """Too many failed attempts; wait. ``details["retry_after"]`` is in seconds."""

    status = 429
    exit_code = 4
    code: ClassVar[str] = "too-many-attempts"


class SignInLinkError(NotFoundError):
    """The sign-in link is unknown, used or expired."""

    code: ClassVar[str] = "sign-in-link-invalid"


class CsrfError(ForbiddenError):
    """The request lacks the token that only Marlin's own pages know."""

    code: ClassVar[str] = "csrf"


class TermsNotAcceptedError(ForbiddenError):
    """The person has not accepted the current terms."""

    code: ClassVar[str] = "terms-not-accepted"


class TermsOutdatedError(ConflictError):
    """The terms that were accepted are not the current ones."""

    code: ClassVar[str] = "terms-outdated"


class RoleRequiredError(ForbiddenError):
    """The person is known and lacks the role that this needs."""

    code: ClassVar[str] = "role-required"


class InvitationSpentError(ConflictError):
    """The invitation was used, withdrawn, or has expired."""

    code: ClassVar[str] = "invitation-spent"


class PersonExistsError(ConflictError):
    """Somebody with this address is here already."""

    code: ClassVar[str] = "person-exists"


class LastOperatorError(ConflictError):
    """The change would leave Marlin without an operator."""

    code: ClassVar[str] = "last-operator"


class WeakPasswordError(InvalidInputError):
    """The password is too short, too long, or tells too much."""

    code: ClassVar[str] = "weak-password"


class AddressError(InvalidInputError):
    """This can't be an e-mail address."""

    code: ClassVar[str] = "email-invalid"
