#!/usr/bin/env bash
# Prepare this checkout, alone: `setup.sh run|dev|system|peers|web`; `setup.sh here` takes away a virtual environment
# of another folder or Python. Installs a missing Debian package when it may (as root), else prints the one line to
# type and stops. Everything else stays in this folder. One at a time goes on here; interrupted, it leaves nothing running.
set -euo pipefail
cd -P "$(dirname "$0")/.."
step=${1-}
log=$(mktemp)
job=''      # the process group of what runs now
whole=''    # it may not be broken off
held=''     # services are kept from starting
asked=''    # packages that are installed meanwhile, but for what they need
OURS='# Of the set-up of Rostra, while packages are being installed: to be deleted.'
policy=''   # what keeps them from it, if that is ours

say() { printf '%s\n' "$*" >&2 || true; }  # a terminal that has gone is no reason to leave things as they are

# leave: whatever ends this, nothing of it runs on, and services are Debian's own again.
leave() {
  set +e
  trap '' INT TERM HUP PIPE
  if [ -n "$job" ]; then
    say ""
    if [ -n "$whole" ]; then say "Debian's packages are being installed; this ends when they are whole."
    else kill -- "-$job" 2>/dev/null || true; fi
    wait "$job" 2>/dev/null || true
  fi
  release_services
  rm -f "$log"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
trap 'exit 141' PIPE

# progress TEXT COMMAND…: one line, said at once and ended when the command is; its output only if it fails.
# On a terminal the line moves meanwhile. The command has a process group of its own, to be ended with all it started.
progress() {
  local text=$1 bar='' start=$SECONDS code=0; shift
  set -m; "$@" >"$log" 2>&1 </dev/null & job=$!; set +m
  [ -t 2 ] || printf '  %-34s ' "$text" >&2
  while kill -0 "$job" 2>/dev/null; do
    if [ -t 2 ]; then
      bar="${bar}▪"; [ ${#bar} -gt 20 ] && bar='▪'
      printf '\r  %-34s %-20s %3ds ' "$text" "$bar" $((SECONDS - start)) >&2
    fi
    sleep 0.1
  done
  wait "$job" || code=$?
  job=''
  if [ "$code" -eq 0 ]; then
    if [ -t 2 ]; then printf '\r  %-34s ' "$text" >&2; fi
    printf '%-20s %3ds \n' 'done' $((SECONDS - start)) >&2
  else
    say ""; say "$text failed:"; tail -n 40 "$log" >&2; exit 1
  fi
}

# stamp STEP: the file that is newer than what the step is made of, once it is done.
stamp() { case $1 in web) echo src/rostra/pages/.vite/manifest.json ;; *) echo ".venv/.$1" ;; esac; }

# alone: wait for another set-up of this folder, which may do what this one is here for. What this one starts keeps the lock.
alone() {
  mkdir -p build
  exec 9>>build/set-up.lock
  flock -n 9 && return
  say "Another set-up is at work in this folder; this one goes on when that has ended."
  flock 9
  if [ "$(stamp "$step")" -nt "$log" ]; then exit 0; fi
}

# swiftest: of the Pythons on the PATH that would do, the first, unless a later one works half as fast again: one that
# was built without its optimisations takes up to twice the time for all that Rostra does.
SHORT_WORK='
import ensurepip, sys, time, venv
assert sys.version_info >= (3, 11) and sys.implementation.name == "cpython"
class Guest:
    def __init__(self, number): self.number = number
    def after(self, other): return self.number > other
def work():
    began, seats = time.perf_counter_ns(), {}
    for number in range(30_000): seats[number & 255] = Guest(number).after(number & 7)
    return time.perf_counter_ns() - began
print(min(work() for _ in range(4)))
'
swiftest() {
  local each took least='' best=python3
  while read -r each; do
    took=$("$each" -c "$SHORT_WORK" 2>/dev/null </dev/null) && [[ $took =~ ^[0-9]+$ ]] || continue
    if [ -z "$least" ] || (( took * 3 < least * 2 )); then least=$took best=$each; fi
  done < <(type -ap python3)
  echo "$best"
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
        is_here || command -v "$python" >/dev/null || echo python3
        is_here || "$python" -c 'import ensurepip, venv' 2>/dev/null || absent python3-venv ;;
      system)
        absent chromium chromium-headless-shell ffmpeg mpv caddy libnss3-tools gcc libc6-dev libssl-dev ezstream \
          simple-whip-client gstreamer1.0-nice gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-tools \
          gstreamer1.0-libav coturn varnish nginx haproxy ;;
      peers)
        absent icecast2 nginx libnginx-mod-nchan haproxy varnish wrk gcc libc6-dev libssl-dev util-linux ;;
      web)
        command -v node >/dev/null || echo nodejs
        command -v npm >/dev/null || echo npm ;;
    esac
  done | sort -u
}

# too_old STEP…: a sentence for each of Python and Node that is here and cannot do these steps.
too_old() {
  for each in "$@"; do
    case $each in
      run|dev)
        is_here || ! command -v "$python" >/dev/null ||
          "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
          echo "Rostra needs Python 3.11 or newer; this is $("$python" --version)." ;;
      web)
        ! command -v node >/dev/null || node_fits ||
          echo "The pages are built with Node 20 (from 20.19 on), or 22.12 or newer; this is $(node --version)." ;;
    esac
  done | sort -u
}

# require STEP…: before anything is done, name all that these steps want and nobody here can install, and stop.
require() {
  local missing old
  mapfile -t missing < <(lacking "$@")
  mapfile -t old < <(too_old "$@")
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then missing=(); fi
  if [ ${#old[@]} -gt 0 ]; then printf '%s\n' "${old[@]}" >&2; fi
  if [ ${#missing[@]} -gt 0 ]; then
    say "Missing on this machine: ${missing[*]}. Type this, then try again:"
    say "  sudo apt-get install -y ${missing[*]}"
  fi
  [ ${#old[@]} -eq 0 ] && [ ${#missing[@]} -eq 0 ] || exit 1
}

# ahead: this step, and what else make is about to do (SETUP_STEPS) and has not done.
ahead() {
  echo "$step"
  for each in ${SETUP_STEPS-}; do [ -e "$(stamp "$each")" ] || echo "$each"; done
}

# debian STEP: install what the step lacks. Fetching it may be interrupted.
debian() {
  local missing
  mapfile -t missing < <(lacking "$1")
  [ ${#missing[@]} -eq 0 ] && return
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
  local install=("${apt[@]}" install -y --no-install-recommends)
  progress "Package lists" sh -c '"$@" || true' sh "${apt[@]}" update  # one broken source is no reason to stop
  progress "Debian packages fetched" "${install[@]}" --download-only "${missing[@]}"
  hold_services "${missing[@]}"
  whole=yes
  progress "Debian: ${missing[*]}" "${install[@]}" "${missing[@]}"
  whole=''
  release_services
}

# at_boot: what Debian starts with the machine, a link a line: units of systemd, and scripts where there is none.
at_boot() {
  compgen -G '/etc/systemd/system/*.wants/*.service' || true
  compgen -G '/etc/rc2.d/S*' || true
}

# hold_services PACKAGE…: nothing that is installed from here on is started (policy-rc.d(8)).
hold_services() {
  enabled=$(at_boot) held=yes asked=" $* "
  if [ -e /usr/sbin/policy-rc.d ] && ! grep -qF "$OURS" /usr/sbin/policy-rc.d; then return; fi
  policy=/usr/sbin/policy-rc.d
  printf '#!/bin/sh\n%s\nexit 101\n' "$OURS" >"$policy"
  chmod +x "$policy"
}

# release_services: nor do these packages start with the machine: tests and benchmarks run their own. What did before,
# does, and so does what only came along, such as D-Bus or the console's login.
release_services() {
  local link name owner off=()
  [ -n "$held" ] || return 0
  for link in $(at_boot | grep -vxF -- "$enabled"); do
    name=${link##*/}
    case $name in *.service) name=${name%.service} ;; S*) name=${name:3} ;; esac
    owner=$(dpkg -S "$(readlink -f "$link")" 2>/dev/null | cut -d: -f1) || true
    case $asked in *" $name "*|*" $owner "*) ;; *) continue ;; esac
    case $link in
      *.service) systemctl disable "$name.service" ;;
      *) update-rc.d "$name" disable ;;
    esac >/dev/null 2>&1 || true
    off+=("$name")
  done
  if [ -n "$policy" ]; then rm -f "$policy"; fi
  held=''
  [ ${#off[@]} -eq 0 ] || say "  Installed and left off, now and at the next start of this machine:" \
    "$(printf '%s\n' "${off[@]}" | sort -u | paste -sd ' ')"
}

# here: what a virtual environment writes down of itself, for scripts in it name its folder, and packages lie by version.
here() { echo "$PWD $(.venv/bin/python -c 'import sys; print(*sys.version_info[:2])' 2>/dev/null)"; }

is_here() { adopt; [ -e .venv/.here ] && [ "$(<.venv/.here)" = "$(here)" ]; }

# adopt: one that does not say so, but was made in this folder, is of this folder.
adopt() {
  [ ! -e .venv/.here ] && grep -q "^command = .* $PWD/\.venv$" .venv/pyvenv.cfg 2>/dev/null || return 0
  .venv/bin/python -c '' 2>/dev/null && here >.venv/.here && touch -d @0 .venv/.here
}

has_pip() { is_here && .venv/bin/python -m pip --version >/dev/null 2>&1; }

virtual_environment() {
  has_pip && return
  debian run
  require run
  rm -rf .venv
  hash -r  # the Python of an activated environment has gone with it
  progress "Virtual environment .venv" "$python" -m venv .venv
  here >.venv/.here
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

if is_here; then python=python3; else python=${PYTHON:-$(swiftest)}; fi

case $step in
  here) is_here && exit ;;
  run|dev|system|peers|web) mapfile -t steps < <(ahead); require "${steps[@]}" ;;
  *) say "usage: setup.sh run|dev|system|peers|web|here"; exit 2 ;;
esac
alone
case $step in
  here) is_here || { mapfile -t steps < <(ahead); require run "${steps[@]}"; rm -rf .venv; } ;;
  run) packages run; touch .venv/.run ;;
  dev) packages dev; touch .venv/.dev .venv/.run ;;
  system|peers)
    debian "$step"
    touch ".venv/.$step" ;;
  web)
    debian web
    require web
    progress "Web packages" npm ci --prefix web --no-audit --no-fund
    progress "Web pages" npm run build --prefix web
    touch src/rostra/pages/.vite/manifest.json ;;
esac
