"""HTTP as every service speaks it: problems, auth, idempotency, ETags, cursors, health."""
