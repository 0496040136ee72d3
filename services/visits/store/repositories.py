"""Visits' collections and the repositories over them."""

from services.visits import publishing
from services.visits.domain.requests import Activity, Request
from services.visits.domain.visits import Visit
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout

LAYOUT = Layout(
    {
        "visits": (Index(("engagement", "date")), Index(("programme", "date")), Index(("participation",))),
        "requests": (Index(("programme", "date")),),
        "activities": (Index(("programme", "date")),),
        "known_cities": (),
        "known_programmes": (),
        "known_sites": (),
        "known_engagements": (Index(("person",)),),
        "known_participations": (),
        "known_tandems": (),
        "known_erasures": (),
        "known_periods": (),
    }
)

VISITS = Repository(Visit, "visits", "visit", publishing.visit)
REQUESTS = Repository(Request, "requests", "request", publishing.request)
ACTIVITIES = Repository(Activity, "activities", "activity", publishing.activity)
