"""Who may do what in visits."""

from shared.security.grants import permission
from shared.security.principals import CITY, COORDINATOR, MENTOR

LOG = permission("visits.log", MENTOR, COORDINATOR)
READ = permission("visits.read", MENTOR, COORDINATOR)
READ_NOTES = permission("visits.read_notes", MENTOR, COORDINATOR)
BROKER = permission("requests.broker", COORDINATOR)
READ_REQUESTS = permission("requests.read", COORDINATOR)
RECORD = permission("activities.record", COORDINATOR, CITY)
