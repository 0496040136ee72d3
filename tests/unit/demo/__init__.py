"""The demo without a stack: what it plans, how it calls, what it writes."""
