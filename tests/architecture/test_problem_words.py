"""Every code that a refusal can have is said in German and in English."""

import ast
import re
from collections.abc import Iterator

import pytest

from deploy.documents import services
from services.matching.domain.availability import PRE_RULES
from shared.web.catalogues import LANGUAGES, Catalogues, shared_catalogues
from shared.web.problems import CODE_OF_STATUS
from tests.architecture.source import SERVICES, dotted, modules, tree_of

# Whoever takes a code, and which of its arguments that is.
TAKES_CODE = {
    "Refused": 0, "Conflict": 0, "VersionLost": 0, "NotYetKnown": 0, "Unavailable": 0, "SealBroken": 0, "Forbidden": 0,
    "WireRefusal": 1, "TokenRefused": 0, "Apart": 0, "Limit": 0, "require_fresh": 2, "refuse": 0,
}  # fmt: skip
# What a terminal is told, with findings and no title.
TERMINAL = "services/matching/cli.py"
# Codes that are worked out or handed on: where, and which they can be.
WORKED_OUT: dict[str, frozenset[str]] = {
    "services/matching/commands/begin_tandem.py": frozenset(PRE_RULES),
    "services/matching/domain/shapes.py": frozenset(),  # what `refuse` was given
    "shared/messaging/freshness.py": frozenset(),  # what `require_fresh` was given
    "shared/runtime/apart.py": frozenset(),  # what `Apart` and its limits were given
    "shared/web/front.py": frozenset(),  # what `TokenRefused` was given
}


def codes_in(tree: ast.Module) -> Iterator[str | None]:
    """Each refusal's code; ``None`` where it is no literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
            position = TAKES_CODE.get(name)
            if position is not None and len(node.args) > position:
                argument = node.args[position]
                yield str(argument.value) if isinstance(argument, ast.Constant) else None


def codes_of(folder: str) -> set[str]:
    found = {code for path in modules(folder) if str(path) != TERMINAL for code in codes_in(tree_of(path)) if code}
    return found.union(*(codes for path, codes in WORKED_OUT.items() if path.startswith(folder)))


def wordless(service: str, codes: set[str], catalogues: Catalogues) -> set[tuple[str, str]]:
    return {
        (code, language) for code in codes for language in LANGUAGES if not catalogues.text(code, language, service)
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_code_of_a_service_has_words_in_german_and_english(service: str) -> None:
    catalogues = shared_catalogues()
    made = services()[service]
    assert made.words is not None
    catalogues.register(service, made.words)
    codes = codes_of(f"services/{service}")
    assert len(codes) > 3
    assert wordless(service, codes, catalogues) == set()


def test_every_code_of_the_shared_floors_has_words() -> None:
    codes = codes_of("shared") | set(CODE_OF_STATUS.values())
    assert {"token-missing", "in-progress", "version-lost", "broken-json"} <= codes
    assert wordless("any", codes, shared_catalogues()) == set()


def test_codes_that_are_no_literals_are_known_and_so_are_their_values() -> None:
    found = {str(path) for path in modules("services", "shared") if None in set(codes_in(tree_of(path)))}
    assert found == set(WORKED_OUT)


def test_codes_have_one_form() -> None:
    found = set().union(*(codes_of(folder) for folder in ("services", "shared")))
    assert {code for code in found if not re.fullmatch(r"[a-z]+(-[a-z]+)*", code)} <= set(PRE_RULES)


def test_rule_sees_a_code_without_words() -> None:
    source = 'raise Refused("never-heard-of")\nfaults.refuse("neither")\nraise WireRefusal(400, code)\nrefuse()'
    assert list(codes_in(ast.parse(source))) == ["never-heard-of", "neither", None]
    assert wordless("any", {"never-heard-of"}, shared_catalogues()) == {
        ("never-heard-of", "de"),
        ("never-heard-of", "en"),
    }
