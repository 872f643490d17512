"""``rostra door`` and ``rostra space ladder``: what is ordered of the door, through the HTTP API.

Exit codes: 0 done, 1 refused, 2 wrong use, 3 nobody answers.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rostra.admission.ladder import Name
from rostra.control.terminal import Data, Json, SpaceArgument, Token, Url, out, print_json, print_table, reach

door_app = typer.Typer(help="Look at the door, and give it orders.", no_args_is_help=True)
AUTO = "auto"
_BY_HAND = "hand"
_RUNGS = ", ".join(Name)
RungArgument = Annotated[str, typer.Argument(metavar="[RUNG|auto]", help=f"{_RUNGS}; auto: by itself.")]
PlacesOption = Annotated[
    str,
    typer.Option("--places", help="How many may listen at once; auto: as the settings say, or as measured."),
]


@door_app.callback()
def door() -> None:
    """Look at the door, and give it orders."""


@door_app.command()
def show(url: Url = "", data: Data = None, token: Token = "", as_json: Json = False) -> None:
    """Say who comes, waits and listens, what the limit is, and on which rung the door stands."""
    with reach(url, data, token) as backstage:
        _print(backstage.ask("GET", "/door"), as_json)


@door_app.command()
def order(
    rung: RungArgument = "",
    places: PlacesOption = "",
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Hold the ladder on a rung, or say how many may listen to all spaces together.

    The worst case needs a number of places.
    """
    with reach(url, data, token) as backstage:
        now = backstage.ask("GET", "/door")
        wanted = {"rung": _rung(rung) if rung else now["rung"]}
        wanted["places"] = _places(places) if places else now["places"]
        answer = backstage.ask("PUT", "/door", wanted)
    _say_when(as_json)
    _print(answer, as_json)


def ladder(
    space: SpaceArgument,
    rung: RungArgument = "",
    places: Annotated[
        str,
        typer.Option(
            "--places",
            help="How many of all places this space may have at most; auto: as many as fit.",
        ),
    ] = "",
    reserved: Annotated[int, typer.Option(help="How many of them are set apart; -1 changes nothing.")] = -1,
    url: Url = "",
    data: Data = None,
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Hold the ladder on a rung (of all spaces, for they share the edge), or limit this space."""
    with reach(url, data, token) as backstage:
        if rung:
            wanted, places_of_all = _rung(rung), backstage.ask("GET", "/door")["places"]
            if wanted == Name.WORST and places_of_all is None:
                raise typer.BadParameter(
                    "The worst case is for all spaces and needs a number for all of them: "
                    "rostra door order worst --places NUMBER"
                )
            backstage.ask("PUT", "/door", {"rung": wanted, "places": places_of_all})
        change: dict[str, Any] = {"places": _places(places)} if places else {}
        if reserved >= 0:
            change["reserved"] = reserved
        method = "PUT" if change else "GET"
        answer = backstage.ask(method, f"/spaces/{space}/door", change or None)
    if as_json:
        print_json(answer)
        return
    if rung or change:
        _say_when(as_json)
    crowd = answer["crowd"] or {"inside": 0, "waiting": 0, "places": 0}
    limit = "as many as fit" if answer["places"] is None else answer["places"]
    out.print(f"Rung: {answer['rung']}. Places: {limit}, set apart: {answer['reserved']}.", highlight=False)
    _say_beyond(answer)
    out.print(
        f"Inside: {crowd['inside']} of {crowd['places']}, waiting: {crowd['waiting']}.", highlight=False
    )


def _rung(text: str) -> str | None:
    if text != AUTO and text not in set(Name):
        raise typer.BadParameter(f"one of {_RUNGS}, or {AUTO}")
    return None if text == AUTO else text


def _places(text: str) -> int | None:
    if text != AUTO and not text.isdecimal():
        raise typer.BadParameter(f"--places is a number, or {AUTO}")
    return None if text == AUTO else int(text)


def _say_when(as_json: bool) -> None:
    """What is printed next was told before the order."""
    if not as_json:
        out.print("It is ordered, and holds within seconds. The door stood so a moment ago:")


def _say_beyond(answer: dict[str, Any]) -> None:
    """Say of a number for one space that it is larger than what all together have: it does nothing."""
    most, places = answer["most"], answer["places"]
    if most is None:
        return
    if places is not None and places > most:
        out.print(f"All spaces together have {most} places: this one has no more.", highlight=False)
    if answer["reserved"] > most:
        out.print(f"Only {most} may listen at once: no more than these are set apart.", highlight=False)


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    places = AUTO if answer["places"] is None else answer["places"]
    out.print(f"Ordered: rung {answer['rung'] or AUTO}, places {places}.", highlight=False)
    seen = answer["seen"]
    if seen is None:
        out.print("The door does not report.")
        return
    out.print(
        f"Rung: {seen['rung']}. Listening: {seen['listeners']} of {seen['places']} ({_limit(answer)}). "
        f"At most {seen['rate']:.0f} joins a second.",
        highlight=False,
    )
    columns = ("Space", "Inside", "Places", "Waiting", "Title")
    rows = [[str(each[name.lower()]) for name in columns] for each in seen["spaces"]]
    print_table(columns, rows, folding=("Title",))


def _limit(answer: dict[str, Any]) -> str:
    """What limits the places; a setting is no order."""
    limit = str(answer["seen"]["limit"])
    return "the setting ROSTRA_CAPACITY" if limit == _BY_HAND and answer["places"] is None else limit
