"""Matching's collections and the repositories over them."""

from services.matching import publishing
from services.matching.domain.proposals import Proposal
from services.matching.domain.rounds import Round
from services.matching.domain.tandems import Tandem
from services.matching.store import known, round_files
from shared.storage.repository import Repository
from shared.storage.store import Index, Layout

ROUNDS_COLLECTION, WAITING, PLACES, POOL = "rounds", "waiting", "places", "pool"

LAYOUT = Layout(
    {
        ROUNDS_COLLECTION: (Index(("programme", "-recorded_at", "-_id")), Index(("-recorded_at", "-_id"))),
        round_files.COLLECTION: (Index(("round", "kind", "part")),),
        "proposals": (
            Index(("programme", "state")),
            Index(("round",)),
            Index(("participation", "state")),
            Index(("engagement", "state")),
        ),
        "tandems": (
            Index(("counted.programme", "counted.ended_on")),
            Index(("engagement",)),
            Index(("participation",)),
        ),
        WAITING: (Index(("programme", "waits", "waiting_since", "_id")),),
        PLACES: (),
        POOL: (),
        known.CITIES: (),
        known.PROGRAMMES: (),
        known.SITES: (),
        known.FAMILIES: (),
        known.ENGAGEMENTS: (Index(("programme", "erased", "_id", "sequence")), Index(("person",))),
        known.PARTICIPATIONS: (Index(("programme",)),),
        known.CONSENTS: (Index(("purpose", "given_on")), Index(("subject",))),
        known.ERASURES: (),
    }
)

ROUNDS = Repository(Round, ROUNDS_COLLECTION, "round")
PROPOSALS = Repository(Proposal, "proposals", "proposal", publishing.proposal_v1)
TANDEMS = Repository(Tandem, "tandems", "tandem", publishing.tandem_v1)
