"""Engagements: a person as mentor or volunteer in one programme. The stage follows from facts; nobody sets it."""

from dataclasses import dataclass, replace
from typing import Any

from services.registry.domain.places import NOWHERE, Place, Programme
from services.registry.domain.proofs import CLEARANCE, Held, months_after, newest
from shared.kernel.classified import classified
from shared.kernel.dates import Dated
from shared.kernel.errors import Conflict, Finding, Refused

INSPECTION_MONTHS = 3
MOST_CLEARANCES = 20


@classified(internal="issued_on seen_on nothing_relevant", personal="seen_by")
@dataclass(frozen=True, slots=True)
class Clearance:
    """The extended certificate of good conduct (erweitertes Führungszeugnis): all that may be kept of it.

    That of somebody with a relevant entry is not recorded at all.
    """

    issued_on: str
    seen_on: str
    seen_by: str = ""
    nothing_relevant: bool = True


@classified(internal="stage until")
@dataclass(frozen=True, slots=True)
class Told:
    """What was told last of what changes with the days alone."""

    stage: str
    until: str | None


@classified(
    internal="programme role date first sites place counted languages reach topics slots capacity gender gender_wish "
    "cohort passed certified_on complete_since clearance earlier_clearances paused_since tells_special left_on "
    "left_because erased_languages recorded_at versions version proofs active_since told judged_on judged_in",
    personal="id person excluded",
    special="special",
)
@dataclass(frozen=True, slots=True)
class Engagement:
    """See the module. ``passed`` are modules attended; ``date`` is the day it began.

    ``proofs`` are the days of what its person has shown besides the clearance, as last copied from her.
    """

    id: str
    person: str | None
    programme: str
    role: str
    date: str
    first: bool
    sites: tuple[Dated[str], ...] = ()
    place: Place = NOWHERE
    """Where it is now: whose coordinators reach it."""
    languages: dict[str, str] | None = None
    reach: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    capacity: int = 1
    gender: str | None = None
    gender_wish: str | None = None
    cohort: str | None = None
    passed: tuple[str, ...] = ()
    certified_on: str | None = None
    complete_since: str | None = None
    """The day on which the last required module was passed."""
    clearance: Clearance | None = None
    """The one issued last, whenever it was recorded."""
    paused_since: str | None = None
    excluded: tuple[str, ...] = ()
    special: tuple[str, ...] = ()
    """Tokens of special topics offered."""
    tells_special: bool = False
    left_on: str | None = None
    left_because: str | None = None
    erased_languages: tuple[str, ...] = ()
    proofs: tuple[Held, ...] = ()
    active_since: str | None = None
    """The first day on which it was active; none where nothing came of it yet."""
    told: Told | None = None
    judged_on: str | None = None
    """The day on which her cohort began."""
    judged_in: int = 0
    """The version of the programme in which she was certified."""
    recorded_at: str = ""
    versions: tuple[dict[str, Any], ...] = ()
    version: int = 0
    earlier_clearances: tuple[Clearance, ...] = ()
    """All others, in the order in which they were issued; they go when ``clearance`` goes."""
    counted: Place | None = None
    """Where it began and is counted, of one that has moved."""

    @property
    def counted_at(self) -> Place:
        """Where it began, as of that day: what it is counted by."""
        return self.counted or self.place

    def require_running(self) -> None:
        """Raises ``Conflict``: ``erased``, or ``already-ended``."""
        if self.person is None:
            raise Conflict("erased")
        if self.left_on is not None:
            raise Conflict("already-ended")

    def judged(self, programme: Programme) -> Programme:
        """The programme with the modules by which she is judged.

        Those that held on the day on which her cohort began, without one on the day on which she did; once she is
        certified, as they were known then: nothing that is recorded later is asked of her.
        """
        return programme.teaching(self.judged_on or self.date, self._known_in)

    def needs_certificate(self, programme: Programme) -> bool:
        """Whether the programme had modules when she began: who began without any goes on without a certificate."""
        return bool(programme.teaching(self.date, self._known_in).modules)

    def missing(self, programme: Programme) -> tuple[str, ...]:
        """The required modules, of those by which she is judged, that she has not passed."""
        return self.judged(programme).missing(frozenset(self.passed))

    @property
    def _known_in(self) -> int | None:
        return None if self.certified_on is None else self.judged_in

    def stage(self, programme: Programme, day: str) -> str:
        """Where on the way from interest to leaving, on a day."""
        if self.left_on is not None:
            return "left"
        if self.paused_since is not None:
            return "paused"
        needs = self.needs_certificate(programme)
        if needs and self.certified_on is None:
            if not self.missing(programme):
                return "qualified"
            return "in_qualification" if self.cohort is not None else "interested"
        until = self.proved_until(programme, day)
        if until is None or day >= until:
            return "certified" if needs else "interested"
        return "active"

    @property
    def held(self) -> dict[str, str]:
        """The days of what was shown, the clearance with it, by kind."""
        shown = newest(self.proofs)
        return shown if self.clearance is None else {**shown, CLEARANCE: self.clearance.issued_on}

    def proved_until(self, programme: Programme, day: str) -> str | None:
        """The first day without all the proofs that the role needs, seen from a day. See ``ProofRules.until``."""
        return None if self.person is None else programme.proofs.until(self.role, day, self.held, self.sites)

    def following(self, programme: Programme, day: str) -> "Engagement":
        """With what is to be told on that day, and the first day on which it was active."""
        if self.person is None:
            return self
        stage = self.stage(programme, day)
        active_since = self.active_since or (day if stage == "active" else None)
        return replace(self, active_since=active_since, told=Told(stage, self.proved_until(programme, day)))

    def forget_from(self, programme: Programme, day: str) -> str | None:
        """The day from which the notes of proofs shown are to be deleted; ``None`` while they are needed.

        Some months after the end; at once at the end where nothing had come of it, and some months after the
        certificate was seen where nothing has come of it yet. The end of the programme is an end, too.
        """
        if self.clearance is None and not self.proofs:
            return None
        ended = self._over_since(programme, day)
        if ended is not None:
            return ended if self.active_since is None else months_after(ended, programme.proofs.kept_months)
        if self.clearance is None or self.active_since is not None:
            return None
        return months_after(self.clearance.seen_on, programme.proofs.unused_months)

    def forgetting(self, programme: Programme, day: str) -> "Engagement":
        """Without the notes of proofs shown, where they are not needed on that day; itself where they are."""
        due = self.forget_from(programme, day)
        if due is None or day < due:
            return self
        if self._over_since(programme, day) is None:
            return replace(self, clearance=None, earlier_clearances=())
        # The first active day may be the one on which the certificate was seen.
        return replace(self, clearance=None, earlier_clearances=(), proofs=(), active_since=None)

    def _over_since(self, programme: Programme, day: str) -> str | None:
        known = self.clearance.seen_on if self.clearance else self.date
        return self.left_on or programme.over_since(day, known)

    def qualified(self, programme: Programme) -> tuple[str, ...]:
        """The topics she is qualified for: nothing before the certification, what she offers where there is none."""
        if not self.needs_certificate(programme):
            return self.topics
        return self._taught(programme).qualifying(frozenset(self.passed)) if self.certified_on is not None else ()

    def _taught(self, programme: Programme) -> Programme:
        """With the map to topics as it is known now: a wrong one is put right for those who are certified, too."""
        return programme.teaching(self.judged_on or self.date)

    def told_special(self, programme: Programme) -> tuple[str, ...]:
        """The tokens that may be told: offered, qualified for, and with consents."""
        if not self.tells_special:
            return ()
        if not self.needs_certificate(programme):
            return self.special
        known = self._taught(programme).qualifying_special(frozenset(self.passed)) if self.certified_on else ()
        return tuple(token for token in self.special if token in known)

    def paused(self, today: str) -> "Engagement":
        """No new families for a while."""
        self.require_running()
        if self.paused_since is not None:
            raise Conflict("already-paused")
        return replace(self, paused_since=today)

    def resumed(self) -> "Engagement":
        """There again."""
        self.require_running()
        if self.paused_since is None:
            raise Conflict("not-paused")
        return replace(self, paused_since=None)

    def with_passed(self, passed: tuple[str, ...], programme: Programme, day: str) -> "Engagement":
        """With the modules passed by that day; certified, where the programme does so by itself."""
        complete = not self.judged(programme).missing(frozenset(passed))
        since = (self.complete_since or day) if complete else None
        changed = replace(self, passed=passed, complete_since=since)
        open_yet = self.certified_on is None and self.left_on is None and self.person is not None
        automatic = complete and open_yet and programme.on(day).certification == "automatic"
        return changed.certified(day, programme) if automatic else changed

    def cleared(self, clearance: Clearance, *, corrects: bool = False) -> "Engagement":
        """With a clearance; of several the one issued last stands. ``corrects``: instead of the one that stands.

        Refused where the certificate was older than three months when it was seen. Raises
        ``Conflict("too-many-versions")``.
        """
        self.require_running()
        if clearance.seen_on < clearance.issued_on:
            raise Refused("invalid", (Finding("/seen_on", "too-early", f">= {clearance.issued_on}"),))
        if clearance.seen_on > months_after(clearance.issued_on, INSPECTION_MONTHS):
            expected = f"issued at most {INSPECTION_MONTHS} months before it is seen"
            raise Refused("certificate-too-old", (Finding("/issued_on", "too-old", expected),))
        standing = () if self.clearance is None or corrects else (self.clearance,)
        # One certificate may be seen twice; it is one all the same.
        known = {one.issued_on: one for one in (*self.earlier_clearances, *standing, clearance)}
        if len(known) > MOST_CLEARANCES:
            raise Conflict("too-many-versions")
        *earlier, last = (known[issued_on] for issued_on in sorted(known))
        return replace(self, clearance=last, earlier_clearances=tuple(earlier))

    def certified(self, on: str, programme: Programme) -> "Engagement":
        """Certified. Refused with the missing modules where some required ones are not passed."""
        self.require_running()
        if self.certified_on is not None:
            raise Conflict("already-certified")
        if on < self.date:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.date}"),))
        missing = self.missing(programme)
        if missing:
            raise Refused("qualification", params={"missing": list(missing)})
        return replace(self, certified_on=on, judged_in=programme.version)

    def left(self, on: str, because: str) -> "Engagement":
        """Ended on a day, for a reason."""
        self.require_running()
        if on < self.date:
            raise Refused("before-beginning", (Finding("/on", "before-beginning", f">= {self.date}"),))
        return replace(self, left_on=on, left_because=because, paused_since=None)
