"""Who may do what in matching."""

from shared.security.grants import permission
from shared.security.principals import ASSOCIATION, CITY, COORDINATOR, MENTOR

HOLD = permission("rounds.hold", COORDINATOR)
READ = permission("matching.read", COORDINATOR)
READ_FAIRNESS = permission("fairness.read", COORDINATOR, CITY)
READ_GAPS = permission("gaps.read", COORDINATOR, CITY)
DECIDE = permission("proposals.decide", COORDINATOR)
PAIR = permission("tandems.pair", COORDINATOR)
READ_TANDEMS = permission("tandems.read", MENTOR, COORDINATOR)
READ_POLICY = permission("policies.read", COORDINATOR, CITY, ASSOCIATION)
SET_POLICY = permission("policies.set", COORDINATOR)
