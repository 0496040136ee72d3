"""What matching answers, as OpenAPI tells it; and how aggregates become it."""

from typing import Any

Reasons = list[dict[str, Any]]
"""Codes with parameters and their title in the caller's language."""
