"""Time and chance are passed in: rules and acts ask for neither, so that every day and every draw can be tried."""

import ast
import re

from tests.architecture.source import modules, tree_of, used_names

ASKING = re.compile(
    r"^(datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today|"
    r"time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|process_time|localtime|gmtime)|"
    r"random\..*|secrets\..*|uuid\.uuid\d|os\.urandom|numpy\.random.*)$"
)

# Where the world's clock and chance come in. Whoever adds a line says why it cannot be passed in there.
ALLOWED = {
    "shared/kernel/clock.py": "the one clock, which everything else is given",
    "shared/kernel/ids.py": "ids, which everything else asks for",
    "shared/storage/mongo.py": "the patience and the jitter of a transaction's retries",
    "shared/storage/vault.py": "a city's secret",
    "shared/security/local_issuer.py": "keys and times of tokens for one's own machine",
    "shared/runtime/tokens.py": "the clock of the key sets, handed in",
    "shared/observability/logs.py": "the clock of the limit of repeated lines, handed in",
    "shared/web/served.py": "how long an answer is remembered, handed in",
    "shared/web/front.py": "how long a request took",
    "services/matching/app.py": "the stopwatch of the solver, handed in",
    "services/reporting/app.py": "the stopwatch of the report writer, handed in",
    "services/matching/cli.py": "the stopwatch of the solver, handed in",
}


def asking(tree: ast.Module) -> list[str]:
    return [name for _, name in used_names(tree) if ASKING.match(name)]


def test_clock_and_chance_are_asked_for_only_where_they_come_in() -> None:
    found = {str(path): names for path in modules("services", "shared") if (names := asking(tree_of(path)))}
    assert {path: names for path, names in found.items() if path not in ALLOWED} == {}
    assert set(ALLOWED) <= set(found), "a reason that nobody needs any more"


def test_no_rule_and_no_act_is_among_the_exceptions() -> None:
    assert not [path for path in ALLOWED if "/domain/" in path or "/commands/" in path]


def test_rule_sees_every_way_to_ask() -> None:
    source = (
        "import datetime, time as t, os\nfrom datetime import datetime as moment, date\nfrom random import uniform\n"
        "import secrets\nfrom time import monotonic\nimport uuid\n"
        "a = moment.now()\nb = date.today()\nc = t.time()\nd = uniform(0, 1)\ne = secrets.token_hex()\nf = monotonic\n"
        "g = uuid.uuid4()\nh = os.urandom(3)\ni = datetime.datetime.utcnow()\n"
    )
    assert len(asking(ast.parse(source))) == 9
    assert asking(ast.parse("from datetime import date\nimport time\na = date(2026, 1, 1)\ntime.sleep")) == []
