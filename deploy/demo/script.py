"""What every step of the story is planned from."""

from dataclasses import dataclass

from deploy.demo.data import Reference
from deploy.demo.days import Days
from deploy.demo.people import People


@dataclass(frozen=True, slots=True)
class Script:
    """Invented people, the story's days, the reference data."""

    people: People
    days: Days
    reference: Reference
