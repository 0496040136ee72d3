"""What registry answers, as OpenAPI tells it, and how aggregates become it for a token."""
