"""Who may do what in registry."""

from shared.security.grants import permission
from shared.security.principals import ASSOCIATION, AUDITOR, CITY, COORDINATOR, MENTOR, PARTNER, SERVICE

OPEN_CITY = permission("cities.open", ASSOCIATION)
READ_PLACES = permission("places.read", MENTOR, PARTNER, AUDITOR, COORDINATOR, CITY, ASSOCIATION, SERVICE)
PROVIDE = permission("places.provide", CITY, ASSOCIATION)
STEER = permission("programmes.steer", COORDINATOR, CITY, ASSOCIATION)
REGISTER = permission("people.register", COORDINATOR)
READ_PEOPLE = permission("people.read", COORDINATOR)
READ_OWN_FAMILIES = permission("families.read_own", MENTOR)
READ_ENGAGEMENTS = permission("engagements.read", MENTOR, COORDINATOR, SERVICE)
READ_PARTICIPATIONS = permission("participations.read", COORDINATOR, SERVICE)
QUALIFY = permission("engagements.qualify", COORDINATOR)
PROVE = permission("people.prove", COORDINATOR)
READ_CERTIFICATES = permission("certificates.read", MENTOR, COORDINATOR)
VERIFY_CERTIFICATES = permission("certificates.verify", PARTNER, COORDINATOR, CITY, ASSOCIATION)
CONSENT = permission("consents.keep", COORDINATOR)
ERASE = permission("people.erase", CITY, COORDINATOR)
REVOKE = permission("tokens.revoke", CITY)
