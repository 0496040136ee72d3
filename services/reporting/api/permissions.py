"""Who may do what in reporting."""

from shared.security.grants import permission
from shared.security.principals import ASSOCIATION, AUDITOR, CITY, COORDINATOR, SERVICE

READ_FIGURES = permission("figures.read", AUDITOR, COORDINATOR, CITY, ASSOCIATION, SERVICE)
WRITE_REPORT = permission("reports.write", COORDINATOR, CITY, ASSOCIATION)
SEAL = permission("reports.seal", COORDINATOR, CITY)
READ_REPORTS = permission("reports.read", AUDITOR, COORDINATOR, CITY, ASSOCIATION)
CLOSE = permission("periods.close", COORDINATOR, CITY)
