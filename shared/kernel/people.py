"""Names of people, as they come."""

from dataclasses import dataclass

from shared.kernel.classified import classified


@classified(personal="as_documented call_name own_script variants")
@dataclass(frozen=True, slots=True)
class PersonName:
    """A name; only ``as_documented`` must be there, and one word is enough."""

    as_documented: str
    call_name: str | None = None
    own_script: str | None = None
    variants: tuple[str, ...] = ()


def display(name: PersonName) -> str:
    """How the name is shown: the call name where there is one."""
    return name.call_name or name.as_documented


def first_name(name: PersonName) -> str:
    """All that a visitor needs of a name: the call name where there is one, else the first word as documented."""
    return name.call_name or name.as_documented.split()[0]
