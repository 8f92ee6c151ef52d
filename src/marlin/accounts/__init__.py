"""People, roles, sign-ins, consent, permissions, and the audit log."""

from marlin.accounts import append_only
from marlin.accounts.addresses import SIMULATED_DOMAIN, is_simulated
from marlin.accounts.audit import auditing, record_audit
from marlin.accounts.endpoints import invitation_url, router, sign_in_url
from marlin.accounts.errors import (
    NotSignedInError,
    PersonExistsError,
    RoleRequiredError,
    SignInRefusedError,
    TermsNotAcceptedError,
    TooManyAttemptsError,
)
from marlin.accounts.guards import (
    COOKIE,
    CSRF_HEADER,
    Caller,
    Contributor,
    CurrentPerson,
    Operator,
    Reviewer,
    SignedIn,
    admit,
    current_person,
    require,
    signed_in_caller,
)
from marlin.accounts.models import Person, Role
from marlin.accounts.queries import (
    accepted_terms,
    find_person,
    get_person,
    has_done,
    list_audit,
    list_people,
    names_of,
    was_done,
)
from marlin.accounts.service import (
    accept_terms,
    create_invitation,
    create_operator,
    create_person,
    set_roles,
)
from marlin.accounts.signing_in import create_sign_in_link, end_sign_ins
from marlin.accounts.terms import Terms, current_terms
from marlin.accounts.tokens import Purpose, hash_token, new_token

__all__ = [
    "COOKIE",
    "CSRF_HEADER",
    "SIMULATED_DOMAIN",
    "Caller",
    "Contributor",
    "CurrentPerson",
    "NotSignedInError",
    "Operator",
    "Person",
    "PersonExistsError",
    "Purpose",
    "Reviewer",
    "Role",
    "RoleRequiredError",
    "SignInRefusedError",
    "SignedIn",
    "Terms",
    "TermsNotAcceptedError",
    "TooManyAttemptsError",
    "accept_terms",
    "accepted_terms",
    "admit",
    "append_only",
    "auditing",
    "create_invitation",
    "create_operator",
    "create_person",
    "create_sign_in_link",
    "current_person",
    "current_terms",
    "end_sign_ins",
    "find_person",
    "get_person",
    "has_done",
    "hash_token",
    "invitation_url",
    "is_simulated",
    "list_audit",
    "list_people",
    "names_of",
    "new_token",
    "record_audit",
    "require",
    "router",
    "set_roles",
    "sign_in_url",
    "signed_in_caller",
    "was_done",
]
