"""Icecast 2.4: one mount, which is fed. https://icecast.org/docs/icecast-2.4.1/config-file.html"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from bench.edge import feed
from bench.edge.child import free_port, pinned, running
from bench.edge.rostra_edge import Served

MOUNT = "/live"
BACKLOG = 32
"""Its accept queue is short and not a setting: more newcomers at a time wait for lost SYNs."""
_PASSWORD = "bench"
_CONFIG = """<icecast>
  <location>bench</location><admin>bench@localhost</admin><hostname>localhost</hostname>
  <limits>
    <clients>{clients}</clients><sources>2</sources><queue-size>524288</queue-size>
    <client-timeout>30</client-timeout><header-timeout>15</header-timeout><source-timeout>{idle_s}</source-timeout>
    <burst-on-connect>1</burst-on-connect><burst-size>16384</burst-size>
  </limits>
  <authentication>
    <source-password>{password}</source-password><admin-user>admin</admin-user>
    <admin-password>{password}</admin-password>
  </authentication>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths>
    <basedir>/usr/share/icecast2</basedir><logdir>{folder}</logdir>
    <webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot>
  </paths>
  <logging><accesslog>-</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot></security>
</icecast>
"""
_IDLE_S = 24 * 3600
"""Its source may be silent for so long: between windows there is nothing to send."""
_AS_ITSELF = ("--reuid", "icecast2", "--regid", "icecast", "--clear-groups")
"""It will not run as root."""
_WITH_US = ("--pdeathsig", "KILL")
"""Whoever is stopped hears of nothing else; set last, for it is forgotten with another user."""


@contextlib.asynccontextmanager
async def serving(folder: Path, *, core: int | None, listeners: int) -> AsyncIterator[Served]:
    """Run it, with a source, until the block is left."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o777)
    config = folder / "icecast.xml"
    config.write_text(
        _CONFIG.format(clients=listeners + 100, password=_PASSWORD, port=port, folder=folder, idle_s=_IDLE_S)
    )
    who = _AS_ITSELF if os.geteuid() == 0 else ()
    command = pinned(core, "setpriv", *who, *_WITH_US, "icecast2", "-c", str(config))
    async with running("icecast", command, folder=folder) as child:
        await child.until_listening(port)
        async with feed.into_icecast(port, MOUNT, _PASSWORD) as source:
            yield Served(port, [child.pid], source)
