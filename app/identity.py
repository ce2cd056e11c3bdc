"""Who a person is that signed in: the name that the store knows them by, from what the identity provider says."""

from __future__ import annotations

from collections.abc import Mapping

SECTION = "access"
"""Of the secrets: `name_claim` names the claim to take."""


def name_of(claims: Mapping[str, object], access: Mapping[str, object]) -> str:
    """The e-mail address where the provider has verified it, else the subject.

    A display name is nobody's: people choose it themselves. An address that is not said to be verified may be anybody's
    too; where the provider lets nobody choose it, `name_claim = "email"` takes it all the same.

    Returns:
        Never the empty string for a person who signed in: the subject is in every token.
    """
    if chosen := access.get("name_claim"):
        return _text(claims, str(chosen)) or _text(claims, "sub")
    verified = str(claims.get("email_verified", "")).lower() == "true"
    return (_text(claims, "email") if verified else "") or _text(claims, "sub")


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return "" if value is None else str(value).strip()
