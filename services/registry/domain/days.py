"""Days that something is told of."""

from shared.kernel.errors import Finding, Refused


def require_past(day: str, today: str, pointer: str) -> None:
    """Raises ``Refused`` with the field's pointer for a day that is still to come."""
    if day > today:
        raise Refused("invalid", (Finding(pointer, "day-in-future", f"<= {today}"),))
