"""What an operator sees of running services: asked over HTTP of each one's own health, version and metrics.

No token and no driver is needed, and nothing is changed. The figures are those of the process that answers: where a
service has several replicas, those of one of them.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from shared.observability import metrics as names
from shared.observability.metrics import Metric

SERVICES: Final = ("registry", "visits", "matching", "reporting")
PLACEHOLDER: Final = "{service}"
TOO_OLD: Final = 60.0
"""Seconds after which a row that waits for Kafka or for the audit chain, or a silent consumer, is a finding."""
_ANSWERS: Final = 6.0


class NoAddresses(ValueError):
    """It cannot be read from this where the services are."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One service as it answered. Figures that it has not measured yet are zero, ages are in seconds."""

    service: str
    answers: bool
    version: str = ""
    commit: str = ""
    ready: bool = False
    checks: Mapping[str, str] = field(default_factory=dict)
    outbox: int = 0
    outbox_age: float = 0.0
    lag: int = 0
    progress_age: float = 0.0
    dead_letters: int = 0
    parked: int = 0
    given_up: int = 0
    audit_age: Mapping[str, float] = field(default_factory=dict)
    """For each city that is served the age of the oldest audit row that is not chained."""

    @property
    def cities(self) -> frozenset[str]:
        """The cities that the service serves: it measures each one's audit."""
        return frozenset(self.audit_age)

    def findings(self) -> list[str]:
        """What somebody should look at, in words; empty when all is well."""
        if not self.answers:
            return ["does not answer"]
        found = [f"not ready: {name}: {wrong}" for name, wrong in self.checks.items() if wrong != "ok"]
        if not self.ready and not found:
            found.append("not ready")
        counts = {"dead letters": self.dead_letters, "parked events": self.parked, "reactions given up": self.given_up}
        found += [f"{count} {what}" for what, count in counts.items() if count]
        ages = {"the outbox's oldest row": self.outbox_age, "the consumer's last poll": self.progress_age}
        ages |= {f"an audit row of {city}": age for city, age in self.audit_age.items()}
        return found + [f"{what} is {age:.0f} s old" for what, age in ages.items() if age > TOO_OLD]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "service": self.service,
            "answers": self.answers,
            "version": self.version,
            "commit": self.commit,
            "ready": self.ready,
            "checks": dict(self.checks),
            "outbox": {"rows": self.outbox, "oldest_seconds": self.outbox_age},
            "lag": self.lag,
            "progress_age_seconds": self.progress_age,
            "dead_letters": self.dead_letters,
            "parked": self.parked,
            "reactions_given_up": self.given_up,
            "audit_oldest_seconds": dict(self.audit_age),
            "findings": self.findings(),
        }


def read_addresses(at: str) -> dict[str, str]:
    """Where each service is: of a URL with ``{service}`` in it, or of a JSON file that has ``urls`` by service.

    Raises ``NoAddresses``.
    """
    if PLACEHOLDER in at:
        urls: Any = {name: at.replace(PLACEHOLDER, name) for name in SERVICES}
    else:
        try:
            urls = json.loads(Path(at).read_text())["urls"]
        except OSError as fault:
            raise NoAddresses(f"{at}: {fault.strerror}; a URL has {PLACEHOLDER} in it") from fault
        except (ValueError, KeyError, TypeError) as fault:
            raise NoAddresses(f'{at}: no JSON of the form {{"urls": {{"registry": "http://…", …}}}}') from fault
    fit = isinstance(urls, dict) and all(
        isinstance(urls.get(name), str) and urls[name].startswith(("http://", "https://")) for name in SERVICES
    )
    if not fit:
        raise NoAddresses(f"{at}: needed is a URL, http:// or https://, of each of {', '.join(SERVICES)}")
    return {name: urls[name].rstrip("/") for name in SERVICES}


async def look(addresses: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None) -> list[Seen]:
    """All services as they answer now, side by side."""
    async with httpx.AsyncClient(timeout=_ANSWERS, transport=transport) as http:
        return list(await asyncio.gather(*(_see(http, name, url) for name, url in addresses.items())))


async def _see(http: httpx.AsyncClient, service: str, url: str) -> Seen:
    paths = ("version", "health/ready", "metrics")
    try:
        release, ready, metrics = await asyncio.gather(*(http.get(f"{url}/{path}") for path in paths))
        told, health = release.json(), ready.json()
        measured = _Measured.read(metrics.text)
    except (httpx.HTTPError, ValueError):
        return Seen(service, answers=False)
    if not isinstance(told, dict) or told.get("service") != service or not isinstance(health, dict):
        return Seen(service, answers=False)
    return Seen(
        service=service,
        answers=True,
        version=str(told.get("version", "")),
        commit=str(told.get("commit", "")),
        ready=ready.status_code == httpx.codes.OK,
        checks={str(name): str(wrong) for name, wrong in health.get("checks", {}).items()},
        outbox=int(measured.total(names.OUTBOX_PENDING)),
        outbox_age=measured.total(names.OUTBOX_OLDEST),
        lag=int(measured.total(names.LAG)),
        progress_age=measured.total(names.PROGRESS_AGE),
        dead_letters=int(measured.total(names.DEAD_LETTERS)),
        parked=int(measured.total(names.PARKED)),
        given_up=int(measured.total(names.REACTIONS_GIVEN_UP)),
        audit_age=measured.by(names.AUDIT_UNCHAINED_SECONDS, "city"),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """A process's metrics by name."""

    samples: Mapping[str, list[Sample]]

    @classmethod
    def read(cls, text: str) -> "_Measured":
        """Raises ``ValueError`` for what is not Prometheus' format."""
        return cls({family.name: family.samples for family in text_string_to_metric_families(text)})

    def total(self, gauge: Metric) -> float:
        return sum(sample.value for sample in self.samples.get(gauge.name, []))

    def by(self, gauge: Metric, label: str) -> dict[str, float]:
        return {sample.labels[label]: sample.value for sample in self.samples.get(gauge.name, [])}
