"""MongoDB behind one door: unit of work, vault, audit, leases."""
