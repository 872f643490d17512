"""Write ``docs/screens.md``: every state of every page with its words.

The table, ``docs/screens.toml``, names keys; what they say is looked up in the catalogue, so that the page
cannot say what the screens do not.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "screens.md"
TABLE = ROOT / "docs" / "screens.toml"
WORDS = ROOT / "src" / "rostra" / "words" / "en.json"
_HEAD = """\
# Screens

<!-- Written by scripts/generate_screens_reference.py from screens.toml; `make docs` writes it again. -->

Every page in every state it can be in: when, what it says, what one can do. The words are the English ones;
each comes from the catalogue (`src/rostra/words/`), under the key beside it, in every language. What one
can press is *in italics*.

## On every page of the door

- The site's mark and name (or its logo) lead home; the footer has privacy, imprint and terms where they are
  written, the contact, and the languages. `?lang=es` becomes a cookie; without one the browser's languages
  decide.
- Times stand in the host's zone, with its name; where the viewer's clock differs, theirs is beside it: "Wed
  25 Nov, 12:49 pm EST", "6:49 pm for you" ([how times are written](design-system.md#times)).
- What becomes of the recording stands where one decides to listen, until the conversation is over:

| policy | event page (`door.policy.…`) | in lists (`door.policy_short.…`) |
|---|---|---|
"""
_NOTICES = """
- Notices, newest first: the line, its link, author, time; the time is the permalink (`/s/{space}#n-{id}`).
  The newest twenty are kept; lists show one. A new one is announced politely: "Notice from Ada Lovelace: We
  begin ten minutes late."
- A verified host has a mark beside the name, called "Verified".
"""
_TAIL = """
## How it is checked

- `scripts/words.py check` (and a test): every language has every key and placeholder, every key that the
  code says exists, none is unused, an error's English is its docstring or what it is raised with. A test
  writes this page anew and compares.
- Every state has a picture (`tests/harness/pictures.py`); a test holds that.
  `tests/browser/test_states.py` and `test_states_of_backstage.py` put up sites with a conversation in every
  state and look at each picture, those without scripts too: axe-core finds nothing (WCAG 2.2 A and AA, and
  its best practices), nothing is cut off, reaches past the window or overlaps. What passes quickly, or needs
  a machine that fails, is told in the place of the servers (`tests/harness/passing.py`).
- `make screenshots` takes every picture on phone and desktop, in light and dark, in every language
  (`STATE=event` some).
- `?lang=qps` shows any page in a pseudo-language: accented, a third longer, right to left.
"""
_COLUMNS = "| state | words | what one can do |\n|---|---|---|\n"


def render() -> str:
    """Return the whole page."""
    words: dict[str, str] = json.loads(WORDS.read_text(encoding="utf-8"))
    policies = "".join(
        f"| {policy} | {words[f'door.policy.{policy}']} | {words[f'door.policy_short.{policy}']} |\n"
        for policy in ("publish", "hold", "delete")
    )
    return _HEAD + policies + _NOTICES + "".join(_page(page, words) for page in pages()) + _TAIL


def pages() -> list[dict[str, Any]]:
    """Return the table: pages, each with its states."""
    found: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["page"]
    return found


def _page(page: dict[str, Any], words: dict[str, str]) -> str:
    before, after = (f"\n{page[place]}\n" if place in page else "" for place in ("before", "after"))
    rows = "".join(_row(state, words) for state in page["states"])
    return f"\n## {page['heading']}\n{before}\n{_COLUMNS}{rows}{after}"


def _row(state: dict[str, Any], words: dict[str, str]) -> str:
    says = [f"{words[key]} (`{key}`)" for key in state.get("says", ())]
    presses = [f"*{words[key]}*" for key in state.get("press", ())]
    said = "; ".join(filter(None, [" · ".join(says), state.get("more", "")]))
    done = "; ".join(filter(None, [", ".join(presses), state.get("do", "")]))
    return f"| {state['name']} | {said} | {done} |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
