"""Matching's collections and the repositories over them."""

from services.matching import publishing
from services.matching.domain.pins import Pin
from services.matching.domain.proposals import Proposal
from services.matching.domain.rounds import Round
from services.matching.domain.tandems import Tandem
from services.matching.store import known, round_files
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout

ROUNDS_COLLECTION, WAITING, PLACES, POOL = "rounds", "waiting", "places", "pool"
POLICIES = "policies"

LAYOUT = Layout(
    {
        ROUNDS_COLLECTION: (Index(("programme", "-recorded_at", "-_id")), Index(("-recorded_at", "-_id"))),
        round_files.COLLECTION: (Index(("round", "kind", "part")),),
        "proposals": (
            Index(("programme", "state")),
            Index(("round",)),
            Index(("participation", "state")),
            Index(("engagement", "state")),
            Index(("state", "expires_on")),
            Index(("state", "helped")),
        ),
        "pins": (Index(("programme", "lifted_at")), Index(("participation", "lifted_at"))),
        "tandems": (
            Index(("counted.programme", "counted.ended_on")),
            Index(("counted.ended_on",)),
            Index(("recorded_at",)),
            Index(("steps.at",)),
            Index(("engagement",)),
            Index(("participation",)),
        ),
        WAITING: (Index(("programme", "waits", "waiting_since", "_id")),),
        PLACES: (),
        POOL: (),
        POLICIES: (Index(("policy.programme", "-version")),),
        known.CITIES: (),
        known.PROGRAMMES: (),
        known.SITES: (),
        known.FAMILIES: (),
        known.ENGAGEMENTS: (
            Index(("programme", "erased", "_id", "sequence")),
            Index(("person",)),
            Index(("recorded_at",)),
        ),
        known.PARTICIPATIONS: (
            Index(("programme",)),
            Index(("family",)),
            Index(("person",)),
            Index(("recorded_at",)),
        ),
        known.CONSENTS: (Index(("purpose", "given_on")), Index(("subject",))),
        known.ERASURES: (),
    }
)

ROUNDS = Repository(Round, ROUNDS_COLLECTION, "round")
PROPOSALS = Repository(Proposal, "proposals", "proposal", publishing.proposal_v1)
PINS = Repository(Pin, "pins", "pin")
TANDEMS = Repository(Tandem, "tandems", "tandem", publishing.tandem_v1)
