"""behavior.json → resources, runs, scenarios and the other small parts of a Contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver import pointers
from mockserver.contract import Advice, Limit, Quirk, Scenario
from mockserver.draws import IdForm, IdKind
from mockserver.lifecycle import (
    NOTHING,
    Curve,
    Duration,
    Exclusive,
    Items,
    LifecycleState,
    Receives,
    Resource,
    Run,
    View,
)
from mockserver.loader.durations import duration
from mockserver.loader.prices import priced, refunds
from mockserver.loader.produces import produced
from mockserver.loader.results import results, shown_in_results, templates
from mockserver.loader.source import BEHAVIOR, Source
from mockserver.loader.states import known_state, read_states, within
from mockserver.loader.values import bindings, condition, value, values
from mockserver.rules import Match
from mockserver.suggestions import mend_word

__all__ = [
    "advice", "bindings", "condition", "curve", "duration", "key_form", "kind", "known_state", "limits", "matches",
    "quirks", "resource", "results", "rises", "run", "scenario", "value", "values",
]  # fmt: skip
SECOND = Duration("fixed", (1.0,))


def kind(data: Any) -> IdKind:
    """How ids are made, from its JSON form: a word, or an object."""
    if isinstance(data, str):
        return data
    return IdForm(data.get("prefix", ""), data.get("form", "base62"), data.get("length"), data.get("pattern", ""))


def key_form(data: Any) -> IdForm | None:
    """How the keys of accounts are made; None: as always."""
    made = None if data is None else kind(data)
    return IdForm(form=made) if isinstance(made, str) else made


def curve(data: Any) -> Curve:
    """A Curve from its JSON form; a word or an object with one key."""
    if isinstance(data, str):
        return Curve(data)  # type: ignore[arg-type]  # the schema knows the words
    if "steps" in data:
        return Curve("steps", (float(data["steps"]),))
    if "stall" in data:
        return Curve("stall", (float(data["stall"]["at"]), float(data["stall"]["for"])))
    return Curve("keyframes", points=tuple((float(t), float(p)) for t, p in data["keyframes"]))


def run(
    source: Source, at: str, data: Mapping[str, Any], states: Mapping[str, LifecycleState], base: Run | None = None
) -> Run:
    """A Run; parts left out are those of `base`."""
    durations = {p: duration(data[p]) for p in ("queued", "running") if p in data}
    for phase in durations:
        _check_phase(source, at, phase, data[phase], states)
    outcomes = data.get("outcomes")
    ends = [state.name for state in states.values() if state.end is not None]
    for word in ("outcomes", "errors"):
        for name in data.get(word, ()):
            if name not in ends:
                mend = mend_word(name, ends, "Outcomes are states with an `end`.")
                source.say(BEHAVIOR, pointers.join(f"{at}/{word}", name), f"{name!r} is not a final state.", mend)
    if base is None:
        needed = dict.fromkeys(s.phase for s in states.values() if s.phase)
        durations = {str(p): durations.get(str(p), SECOND) for p in needed}
    shape = curve(data["curve"]) if "curve" in data else base.curve if base else Curve()
    _check_curve(source, at, shape)
    return Run(
        {**(base.durations if base else {}), **durations},
        shape,
        outcomes or (base.outcomes if base else _first_success(source, at, states)),
        {**(base.errors if base else {}), **{k: tuple(v) for k, v in data.get("errors", {}).items()}},
        tuple((float(at), line) for at, line in data["log"]) if "log" in data else base.log if base else (),
        within(source, f"{at}/within", data["within"], states) if "within" in data else base.within if base else None,
    )


def _first_success(source: Source, at: str, states: Mapping[str, LifecycleState]) -> dict[str, float]:
    found = [s.name for s in states.values() if s.end == "success"]
    if not found:
        source.say(BEHAVIOR, at, "there is no outcome.", "Add outcomes, or a state with an end of success.")
    return dict.fromkeys(found[:1], 1.0)


def _check_phase(source: Source, at: str, phase: str, data: Any, states: Mapping[str, LifecycleState]) -> None:
    if phase not in {s.phase for s in states.values()}:
        source.say(
            BEHAVIOR, f"{at}/{phase}", f"no state has the phase {phase}.", "Remove it, or give a state the phase."
        )
    if "uniform" in data and data["uniform"][0] > data["uniform"][1]:
        source.say(BEHAVIOR, f"{at}/{phase}/uniform", "the first bound is above the second.", "Swap them.")


def rises(shape: Curve) -> bool:
    """Whether keyframes neither go back in time nor in progress."""
    return all(a[0] <= b[0] and a[1] <= b[1] for a, b in zip(shape.points, shape.points[1:], strict=False))


def _check_curve(source: Source, at: str, shape: Curve) -> None:
    if not rises(shape):
        source.say(BEHAVIOR, f"{at}/curve", "the keyframes do not rise.", "Going backwards is a fault, never a curve.")


def resource(source: Source, name: str, data: Mapping[str, Any]) -> Resource:
    """One resource; names of states that do not exist are findings."""
    at = pointers.join("/resources", name)
    states = read_states(source, f"{at}/states", data["states"])
    known_state(source, f"{at}/initial", data["initial"], states)
    timed = any(s.phase for s in states.values())
    if timed and "run" not in data:
        source.say(BEHAVIOR, at, "states with a phase need a run.", "Add run with durations and outcomes.")
    exclusive, cost = data.get("exclusive"), data.get("cost", 0)
    of_items = _items(source, f"{at}/items", data["items"], states) if "items" in data else None
    produces, makes = produced(data.get("produces"))
    made = results(source, f"{at}/results", data.get("results", {}))
    for state in data.get("ready", ()):
        known_state(source, f"{at}/ready", state, states)
    for state in (exclusive or {}).get("states", ()):
        known_state(source, f"{at}/exclusive/states", state, states)
    return Resource(
        name,
        kind(data["id"]),
        data["initial"],
        states,
        run(source, f"{at}/run", data["run"], states) if "run" in data else None,
        cost if isinstance(cost, int | float) else 0,
        _exclusive(exclusive),
        tuple(_view(source, f"{at}/views", v, states) for v in data.get("views", ())),
        made,
        produces,
        *bindings(data.get("bindings", {})),
        templates(source, name, shown_in_results(made, of_items)),
        None if isinstance(cost, int | float) else priced(cost),
        makes,
        of_items,
        ready=frozenset(data.get("ready", ())),
        missing=data.get("missing", ""),
        not_ready=data.get("not_ready", ""),
        secret=kind(data["secret"]) if "secret" in data else None,
        receives=_receives(source, f"{at}/receives", data["receives"], states) if "receives" in data else None,
        refunds=refunds(source, f"{at}/refunds", data, states),
    )


def _exclusive(data: Mapping[str, Any] | None) -> Exclusive | None:
    return None if data is None else Exclusive(frozenset(data["states"]), data["problem"], data.get("most", 1))


def _items(source: Source, at: str, data: Mapping[str, Any], states: Mapping[str, LifecycleState]) -> Items:
    for state in data.get("left", ()):
        known_state(source, f"{at}/left", state, states)
    matches = tuple((condition(each["when"]), each["outcome"]) for each in data.get("matches", ()))
    places = [data["from"]] if isinstance(data["from"], str) else data["from"]
    return Items(tuple(places), data["outcomes"], matches, data.get("left", NOTHING))


def _receives(source: Source, at: str, data: Mapping[str, Any], states: Mapping[str, LifecycleState]) -> Receives:
    said = data.get("states", [*states][:1])
    for state in said:
        known_state(source, f"{at}/states", state, states)
    events = value(data["events"]) if "events" in data else None
    return Receives(value(data["url"]), events, data.get("all", "*"), frozenset(said))


def _view(source: Source, at: str, data: Mapping[str, Any], states: Mapping[str, LifecycleState]) -> View:
    known_state(source, at, data["state"], states)
    low, high = data["progress"]
    return View(data["state"], data["quirk"], low, high, data["example"])


def limits(source: Source, at: str, data: Iterable[Mapping[str, Any]], operations: Iterable[str]) -> tuple[Limit, ...]:
    """Rate limits; `*` is every operation."""
    names = frozenset(operations)
    found = []
    for index, each in enumerate(data):
        chosen = names if each["operations"] == "*" else frozenset(each["operations"])
        for name in sorted(chosen - names):
            source.say(BEHAVIOR, f"{at}/{index}/operations", f"there is no operation {name!r}.", mend_word(name, names))
        window = float(each["window"])
        found.append(Limit(each["name"], each["per"], chosen, each["limit"], window, each.get("under", "")))
    return tuple(found)


def quirks(data: Mapping[str, Any]) -> dict[str, Quirk]:
    """Quirks by name."""
    return {
        n: Quirk(n, q["default"], q["title"], tuple(q.get("refuse", ())), tuple(q.get("omit", ())), "only" in q)
        for n, q in data.items()
    }


def scenario(
    source: Source, name: str, data: Mapping[str, Any], resources: Mapping[str, Resource], operations: Iterable[str]
) -> Scenario:
    """One scenario; its runs lie over those of the resources."""
    at = pointers.join("/scenarios", name)
    runs = {}
    for key, each in data.get("run", {}).items():
        known = resources.get(key)
        if known is None or known.run is None:
            source.say(BEHAVIOR, f"{at}/run", f"{key!r} is no resource with a run.", "Fix the name.")
        else:
            runs[key] = run(source, pointers.join(f"{at}/run", key), each, known.states, known.run)
    return Scenario(
        name,
        data.get("title", ""),
        data.get("quirks", {}),
        runs,
        limits(source, f"{at}/limits", data["limits"], operations) if "limits" in data else None,
        duration(data["latency"]) if "latency" in data else None,
        tuple(data.get("faults", ())),
    )


def advice(data: Mapping[str, Any]) -> Advice:
    """How the vendor wants to be called."""
    return Advice(
        data.get("poll_seconds"),
        data.get("give_up_seconds"),
        frozenset(data.get("backoff", ("errors",))),
        data.get("says", ""),
    )


def matches(data: Iterable[Mapping[str, Any]], creating: Iterable[str]) -> tuple[Match, ...]:
    """What requests ask for by their own words, on operations that create unless they name others."""
    return tuple(
        Match(
            frozenset(m.get("operations", creating)),
            condition(m["when"] if "when" in m else {f"request.{m['at']}": m["equals"]}),
            m.get("plan"),
            m.get("fault"),
            m.get("title", ""),
            m.get("problem", ""),
            "when" if "when" in m else "at",
            f"/matches/{index}",
        )
        for index, m in enumerate(data)
    )
