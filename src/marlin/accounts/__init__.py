"""People, roles, sign-ins, consent, permissions, and the audit log."""

from marlin.accounts import append_only
from marlin.accounts.addresses import SIMULATED_DOMAIN, is_simulated
from marlin.accounts.audit import auditing, record_audit
from marlin.accounts.errors import (
    NotSignedInError,
    PersonExistsError,
    RoleRequiredError,
    SignInRefusedError,
    TermsNotAcceptedError,
    TooManyAttemptsError,
)
from marlin.accounts.links import invitation_url, sign_in_url
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
    "SIMULATED_DOMAIN",
    "NotSignedInError",
    "Person",
    "PersonExistsError",
    "Purpose",
    "Role",
    "RoleRequiredError",
    "SignInRefusedError",
    "Terms",
    "TermsNotAcceptedError",
    "TooManyAttemptsError",
    "accept_terms",
    "accepted_terms",
    "append_only",
    "auditing",
    "create_invitation",
    "create_operator",
    "create_person",
    "create_sign_in_link",
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
    "set_roles",
    "sign_in_url",
    "was_done",
]
