#!/usr/bin/env bash
# Prepare this checkout, alone: `setup.sh run|dev|system|peers|web`. Installs a missing Debian package when
# it may (as root), else prints the one line to type and stops. Everything else stays in this folder.
set -euo pipefail
cd "$(dirname "$0")/.."
step=$1
python=${PYTHON:-python3}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say() { printf '%s\n' "$*" >&2; }

# progress TEXT COMMAND…: one line, said at once and ended when the command is; its output only if it fails.
# On a terminal the line moves meanwhile.
progress() {
  local text=$1; shift
  "$@" >"$log" 2>&1 &
  local job=$! bar='' start=$SECONDS
  [ -t 2 ] || printf '  %-34s ' "$text" >&2
  while kill -0 "$job" 2>/dev/null; do
    if [ -t 2 ]; then
      bar="${bar}▪"; [ ${#bar} -gt 20 ] && bar='▪'
      printf '\r  %-34s %-20s %3ds ' "$text" "$bar" $((SECONDS - start)) >&2
    fi
    sleep 0.3
  done
  if wait "$job"; then
    if [ -t 2 ]; then printf '\r  %-34s ' "$text" >&2; fi
    printf '%-20s %3ds \n' 'done' $((SECONDS - start)) >&2
  else
    say ""; say "$text failed:"; tail -n 40 "$log" >&2; exit 1
  fi
}

# absent PACKAGE…: those of them that Debian has not installed here.
absent() {
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

# lacking STEP…: the Debian packages without which these steps do not work here. A tool from elsewhere is as good.
lacking() {
  for each in "$@"; do
    case $each in
      run|dev)
        has_pip || command -v "$python" >/dev/null || echo python3
        has_pip || "$python" -c 'import ensurepip, venv' 2>/dev/null || absent python3-venv ;;
      system)
        absent chromium ffmpeg mpv caddy libnss3-tools gcc libc6-dev libssl-dev ezstream simple-whip-client \
          gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good coturn varnish nginx haproxy ;;
      peers)
        absent icecast2 nginx libnginx-mod-nchan haproxy varnish wrk gcc libc6-dev libssl-dev util-linux ;;
      web)
        command -v node >/dev/null || echo nodejs
        command -v npm >/dev/null || echo npm ;;
    esac
  done | sort -u
}

# debian STEP: install what the step lacks; or say how, for all that make is about to do (SETUP_STEPS) in one line.
debian() {
  local missing
  mapfile -t missing < <(lacking "$1")
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    mapfile -t missing < <(lacking "$1" ${SETUP_STEPS-})
    say "Missing on this machine: ${missing[*]}. Type this, then try again:"
    say "  sudo apt-get install -y ${missing[*]}"
    exit 1
  fi
  progress "Package lists" sh -c "apt-get update -q || true"  # one broken source is no reason to stop
  progress "Debian: ${missing[*]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# without_services COMMAND…: what it installs is not started, as the benchmark runs its own (policy-rc.d(8)).
without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [ "$(id -u)" -ne 0 ] || [ -e "$policy" ]; then "$@"; return; fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  trap 'rm -f "$log" /usr/sbin/policy-rc.d' EXIT
  "$@"
}

has_pip() { [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; }

virtual_environment() {
  has_pip && return
  debian run
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "Rostra needs Python 3.11 or newer; this is $("$python" --version)."; exit 1; }
  progress "Virtual environment .venv" "$python" -m venv .venv
}

# As web/package.json has it: what Vite runs on.
node_fits() {
  [[ $(node --version) =~ ^v([0-9]+)\.([0-9]+)\. ]] || return 1
  local major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
  (( (major == 20 && minor >= 19) || (major == 22 && minor >= 12) || major > 22 ))
}

packages() {
  virtual_environment
  progress "Python packages" .venv/bin/python -m pip install -q --require-hashes -r "requirements/$1.txt"
  progress "Rostra itself" .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
}

case $step in
  run) packages run; touch .venv/.run ;;
  dev) packages dev; touch .venv/.dev .venv/.run ;;
  system|peers)
    without_services debian "$step"
    touch ".venv/.$step" ;;
  web)
    debian web
    node_fits || {
      say "The pages are built with Node 20.19 or later, or 22.12 or newer; this is $(node --version)."; exit 1; }
    progress "Web packages" npm ci --prefix web --no-audit --no-fund
    progress "Web pages" npm run build --prefix web
    touch src/rostra/pages/.vite/manifest.json ;;
  *) say "usage: setup.sh run|dev|system|peers|web"; exit 2 ;;
esac
