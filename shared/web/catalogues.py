"""Words for codes in German and English, from gettext catalogues: one domain per service, message id = code."""

from dataclasses import dataclass, field
from pathlib import Path

LANGUAGES: tuple[str, ...] = ("de", "en")
FALLBACK = "de"
_OWN = Path(__file__).parent / "locale"


@dataclass(slots=True)
class Catalogues:
    """Texts by domain, language and code. The domain ``problems`` is shared by all services."""

    _folders: dict[str, Path] = field(default_factory=dict)
    _texts: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    def register(self, domain: str, folder: Path) -> None:
        """Adds ``<folder>/<language>/LC_MESSAGES/<domain>.po`` of each language, to be read when the first word is
        asked for. Raises ``OSError`` if one misses.
        """
        for language in LANGUAGES:
            _file(folder, language, domain).stat()
        self._folders[domain] = folder

    def text(self, code: str, language: str, domain: str) -> str | None:
        """The words for a code: the service's own, else the shared ones, else ``None``."""
        for name in (domain, "problems"):
            found = self._words(name, language).get(code)
            if found:
                return found
        return None

    def knows(self, code: str, domain: str) -> bool:
        """Whether there are words for this code."""
        return self.text(code, FALLBACK, domain) is not None

    def _words(self, domain: str, language: str) -> dict[str, str]:
        if domain not in self._folders or language not in LANGUAGES:
            return {}
        if (domain, language) not in self._texts:
            self._texts[domain, language] = read_catalogue(self._folders[domain], language, domain)
        return self._texts[domain, language]


def read_catalogue(folder: Path, language: str, domain: str) -> dict[str, str]:
    """Message id to text; ids without a text are left out, and those with a context: they are no codes of problems."""
    # Here, not above: reading it is a tenth of a second of each start, and many a process never refuses anything.
    from babel.messages.pofile import read_po

    with _file(folder, language, domain).open("rb") as file:
        catalogue = read_po(file, locale=language)
    plain = (message for message in catalogue if message.id and message.string and not message.context)
    return {str(message.id): str(message.string) for message in plain}


def _file(folder: Path, language: str, domain: str) -> Path:
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def shared_catalogues() -> Catalogues:
    """Catalogues with the words that all services share."""
    catalogues = Catalogues()
    catalogues.register("problems", _OWN)
    return catalogues


def choose_language(accept: str) -> str:
    """The best of ``LANGUAGES`` for an ``Accept-Language`` header; German where none fits or nothing is said."""
    best, best_weight = FALLBACK, 0.0
    for part in accept[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        weight = _weight(parameters)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
