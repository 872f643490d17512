"""nginx with one worker: files, refusals, and by nchan a channel. https://nchan.io"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from bench.edge import feed
from bench.edge.child import free_port, pinned, running
from bench.edge.rostra_edge import Served

CHANNEL = "/sub"
_CONFIG = """{user}worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
daemon off;
{modules}events {{ worker_connections 19500; multi_accept on; use epoll; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 75;
  open_file_cache max=1000 inactive=60s;
  types {{ audio/mp4 m4s; }}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096{listen};
    {locations}
  }}
}}
"""
_NCHAN = """
    nchan_channel_id live;
    location = /pub { nchan_publisher; nchan_message_buffer_length 2; nchan_message_timeout 10s; }
    location = /sub { nchan_subscriber http-chunked; nchan_subscriber_first_message newest; }
"""
_FILES = """
    location = /refused { return 403 "Refused."; }
    location / { root %s; add_header Access-Control-Allow-Origin "*"; expires max; }
"""
_NCHAN_MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")


@contextlib.asynccontextmanager
async def serving_files(folder: Path, files: Path, *, core: int | None) -> AsyncIterator[Served]:
    """Serve a folder, and refuse at ``/refused``."""
    async with _running(folder, _FILES % files, core=core) as served:
        yield served


@contextlib.asynccontextmanager
async def serving_channel(folder: Path, *, core: int | None) -> AsyncIterator[Served]:
    """Serve :data:`CHANNEL`, which is fed; send buffers are the edge's."""
    modules = f"load_module {_NCHAN_MODULE};\n"
    async with (
        _running(folder, _NCHAN, core=core, modules=modules, listen=" sndbuf=16k") as served,
        feed.into_nchan(served.port, "/pub") as source,
    ):
        yield replace(served, feed=source)


@contextlib.asynccontextmanager
async def _running(
    folder: Path, locations: str, *, core: int | None, modules: str = "", listen: str = ""
) -> AsyncIterator[Served]:
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(
            user="user root;\n" if os.geteuid() == 0 else "",
            folder=folder,
            modules=modules,
            port=port,
            listen=listen,
            locations=locations,
        )
    )
    command = pinned(core, "nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config))
    async with running("nginx", command, folder=folder) as child:
        await child.until_listening(port)
        yield Served(port, [child.pid])
