"""Who may do what in registry."""

from shared.security.grants import permission
from shared.security.principals import ASSOCIATION, AUDITOR, CITY, COORDINATOR, MENTOR, PARTNER, SERVICE

OPEN_CITY = permission("cities.open", ASSOCIATION)
READ_PLACES = permission("places.read", MENTOR, PARTNER, AUDITOR, COORDINATOR, CITY, ASSOCIATION, SERVICE)
PROVIDE = permission("places.provide", CITY, ASSOCIATION)
REGISTER = permission("people.register", COORDINATOR)
READ_PEOPLE = permission("people.read", COORDINATOR)
QUALIFY = permission("engagements.qualify", COORDINATOR)
CONSENT = permission("consents.keep", COORDINATOR)
ERASE = permission("people.erase", CITY, COORDINATOR)
