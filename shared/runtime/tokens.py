"""Which issuers' tokens a process takes."""

import time

from shared.runtime.settings import Settings, SettingsWrong
from shared.security.keysets import JwksFile, KeySource
from shared.security.local_issuer import LOCAL_ISSUER, local_issuers
from shared.security.revocations import RevokedSet
from shared.security.tokens import TokenVerifier


def verifier_for(settings: Settings, revoked: RevokedSet) -> TokenVerifier:
    """The verifier. Raises ``SettingsWrong`` where the local issuer is named outside of a local environment."""
    if settings.issuer == LOCAL_ISSUER:
        try:
            issuers = local_issuers(settings.jwks_file.parent, settings.env, settings.host)
        except ValueError as fault:
            raise SettingsWrong(str(fault)) from fault
    else:
        source: KeySource = JwksFile(settings.jwks_file, time.monotonic)
        issuers = {settings.issuer: source}
    return TokenVerifier(issuers, revocations=revoked)
