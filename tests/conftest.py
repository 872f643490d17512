"""What every kind of test may use: tones, servers, browsers; the order of files; testimony when one fails."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
import structlog
from aioice import ice as aioice
from playwright.async_api import Playwright, async_playwright

from harness import small_disk as disks
from harness import witnesses
from harness.breaking_off import BreakingOff
from harness.deployment import Deployment
from harness.neighbours import AMONG_OTHERS
from harness.sound import HIGH_HZ, LOW_HZ, syllables, write_wav

_HERE = Path(__file__).parent

SHORT = "not long"
"""The marks that the short form of the tests goes by."""

hypothesis.settings.register_profile("long", deadline=None)
hypothesis.settings.register_profile("short", deadline=None, max_examples=25)
"""No example is judged by the time it takes: that is the machine's."""


@pytest.hookimpl
def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("short" if config.option.markexpr == SHORT else "long")
    config.pluginmanager.register(BreakingOff())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print what servers and browsers saw beside a failure."""
    report = yield
    if report.failed:
        report.sections.extend(witnesses.statements())
    return report


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests told of how they ran (``record_property``)."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties if report.when == "call" else ():
            terminalreporter.write_line(f"{name}: {value} ({report.nodeid})")


@pytest.hookimpl
def pytest_runtest_setup() -> None:
    witnesses.forget()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the files of each kind evenly into each other, as cards are: first what may take longest.

    Browsers keep both cores busy, whoever waits for something to die keeps none: side by side they go faster,
    and starve each other less. Those of ``unit`` are short, and come last, but for one behind the first of
    each worker: it is handed two at once, and what stands behind ten minutes of silence would wait for them.
    """
    long = [item for item in items if item.get_closest_marker("long")]
    count, may_take_s = Counter(item.path for item in long), Counter[Path]()
    for item in long:
        timeout = item.get_closest_marker("timeout")
        may_take_s[item.path] = max(may_take_s[item.path], timeout.args[0] if timeout else 0)
    files = sorted(
        dict.fromkeys(item.path for item in items), key=lambda file: (-may_take_s[file], -count[file])
    )
    kinds: dict[str, list[Path]] = {}
    for file in files:
        kinds.setdefault(file.relative_to(_HERE).parts[0], []).append(file)
    places = {
        file: (kind == "unit", number / len(of_kind), kind)
        for kind, of_kind in kinds.items()
        for number, file in enumerate(of_kind)
    }
    order = sorted(files, key=places.__getitem__)
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    short = kinds.get("unit", [])[-workers:]
    order = dict.fromkeys([*order[:workers], *short, *order[workers:]])
    rank = {file: number for number, file in enumerate(order)}
    items.sort(key=lambda item: rank[item.path])


@pytest.hookimpl
def pytest_collection_finish() -> None:
    """What was collected stays to the end; to look through it again keeps a stage waiting half a second."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _network_or_loopback() -> Iterator[None]:
    """Let peers inside tests connect on a machine without any network, as in a sandbox."""
    own = aioice.get_host_addresses
    with pytest.MonkeyPatch.context() as patch:
        if not own(use_ipv4=True, use_ipv6=True):
            patch.setattr(aioice, "get_host_addresses", lambda **_: ["127.0.0.1"])
        yield


@pytest.fixture(scope="session", autouse=True)
def _servers_among_others() -> Iterator[None]:
    """What tests start as a person would, a demo say, keeps to it as well."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in AMONG_OTHERS.items():
            patch.setenv(f"ROSTRA_{name.upper()}", value)
        yield


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command run inside a test says how much is logged, for itself alone."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def low_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WAV that says 440 Hz in syllables."""
    return write_wav(tmp_path_factory.mktemp("low") / "low.wav", syllables(LOW_HZ, 20))


@pytest.fixture(scope="session")
def high_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WAV that says 1,000 Hz in syllables."""
    return write_wav(tmp_path_factory.mktemp("high") / "high.wav", syllables(HIGH_HZ, 20))


@pytest.fixture(scope="session")
def long_form(pytestconfig: pytest.Config) -> bool:
    """Whether everything is tried (``make test-long``): for a test whose short form is a part of itself."""
    return bool(pytestconfig.option.markexpr != SHORT)


@pytest_asyncio.fixture
async def playwright() -> AsyncIterator[Playwright]:
    """One driver a test; each person gets a browser of their own from it."""
    async with async_playwright() as playwright:
        yield playwright


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def driver() -> AsyncIterator[Playwright]:
    """One for all tests of a file, which run in one event loop."""
    async with async_playwright() as driver:
        yield driver


@pytest_asyncio.fixture
async def site(tmp_path: Path) -> AsyncIterator[Deployment]:
    """A whole server."""
    async with Deployment(tmp_path) as site:
        yield site


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 32 MB."""
    with disks.mounted(tmp_path / "disk", megabytes=32) as folder:
        yield folder
