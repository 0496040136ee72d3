"""Things that wait for somebody: the same in every service, so that a desk can merge their lists."""

from dataclasses import dataclass

from shared.kernel.classified import classified


@classified(internal="kind due_on since about params actions", personal="subject")
@dataclass(frozen=True, slots=True)
class Due:
    """One thing that waits: about whom or what, until when, since when; ``about`` is where it is, below the city."""

    kind: str
    subject: str
    due_on: str
    since: str
    about: str
    params: tuple[tuple[str, str | int], ...] = ()
    actions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same for as long as it waits; of several proofs of one subject each has its own."""
        proof = dict(self.params).get("proof")
        return ":".join([self.kind, self.subject, *([str(proof)] if proof else [])])

    @property
    def place(self) -> str:
        """Its place in the list: longest due first. Lists of all services are sorted in the same way."""
        return f"{self.due_on}|{self.id}"
