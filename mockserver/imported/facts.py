"""What is known of operations before anybody guesses, and what was guessed: plain values, whatever they were read from.

A document gives them (`described`); what was seen of a server may give the same. Knows no document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockserver.imported.lexicon import NAMES, STATE_FIELDS, letters, parts
from mockserver.imported.naming import names_of


def is_state_word(name: str) -> bool:
    """Whether a field of this name tells a state, or holds what does."""
    return parts(name)[-1:] in (["status"], ["state"], ["phase"], ["stage"]) or letters(name) in STATE_FIELDS


MANY = 12
"""So many values of a list are told in one sentence."""


def listing(values: Iterable[str], most: int = MANY) -> str:
    """Values one after the other; of very many the first ones, and how many more there are."""
    several = [*values]
    rest = len(several) - most
    return ", ".join(several[:most]) + (f" and {rest} more" if rest > 0 else "")


class Field(NamedTuple):
    """A field of a body: its JSON type (`string` …), the values that are listed for it, its format, prose about it.

    A whole number that is listed stands there in digits. `shown` are its examples that are texts.
    """

    kind: str
    values: tuple[str, ...] = ()
    form: str = ""
    said: str = ""
    shown: tuple[str, ...] = ()


NAME = "name"
"""The field that has a whole path in the place of an id: `accounts/me/jobs/7`."""


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, and no lines of it."""
    return media_type.partition(";")[0].strip().lower().endswith(("/json", "+json"))


FieldMap = Mapping[str, Field]
"""Fields by pointer; `*` stands for each item of a list."""


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """An operation as a client sees it, without a guess of what it does.

    `path` has its parameters in braces. `sends` and `shows` are the fields of a request and of a success, `media` the
    media types of that, `headers` the names of its headers, `successes` the statuses of all; `models` has any word for
    the shape of its objects, by pointer, the same for the same shape. `prose` is what is said of it at length, `named`
    what is known of the parameters of its path, by name.
    """

    name: str
    method: str
    path: str
    query: tuple[str, ...] = ()
    sends: FieldMap = field(default_factory=dict)
    shows: FieldMap = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    status: int = 200
    title: str = ""
    headers: tuple[str, ...] = ()
    successes: tuple[int, ...] = ()
    prose: str = ""
    named: FieldMap = field(default_factory=dict)

    @property
    def gives_json(self) -> bool:
        """Whether a success is JSON."""
        return any(map(is_json, self.media))

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known of what a success shows."""
        return len(self.shows) < 2 and (self.gives_json or not self.media)


class Guess(NamedTuple):
    """What an operation, or a state, was taken for: why, and what to look at before it is relied on."""

    subject: str
    meaning: str
    why: str
    look: str = ""


@dataclass(slots=True)
class OperationRole:
    """An operation with the verb that it was given. `at` is where its answer has the job, or a list its items.

    `part` is the parameter that names one part of the job, where the answer is about that.
    """

    operation: str
    verb: str
    why: str
    look: str = ""
    id_at: str = ""
    at: str = ""
    to: str = ""
    part: str = ""


@dataclass(slots=True)
class Lifecycle:
    """A resource: how it is identified and told, its states in order, and what each operation does about it.

    `states` has by name the phase or the end of each (`queued`, `running`, `success`, `failure`, `cancelled`,
    `cancelling`, `gone`, or `unknown`); `state_at` is where the answer of `show` tells it, `id_at` where the id is.
    """

    name: str
    show: str
    state_at: str
    states: dict[str, str]
    id_at: str = ""
    id_parameter: str = ""
    is_bare: bool = False
    """Whether nothing is known of what its answers show: then fields were made up."""
    is_number: bool = False
    """Whether clients see its states as whole numbers."""
    base: str = ""
    """The path of one of them; that of `show` where the path names none."""
    roles: list[OperationRole] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)

    @property
    def at(self) -> str:
        """Where the answer of `show` has the job: the object around its state, an object of the state apart."""
        above = self.state_at.rpartition("/")[0]
        return above.rpartition("/")[0] if is_state_word(above.rpartition("/")[2]) else above

    @property
    def names(self) -> dict[str, str]:
        """What each state is called in the contract, by the vendor's word for it."""
        return names_of(tuple(self.states))

    def seen(self, state: str) -> Any:
        """A state as clients see it."""
        return int(state) if self.is_number else state

    @property
    def state_in(self) -> str:
        """Where the job has its state: a pointer within it."""
        return self.state_at[len(self.at) :]

    @property
    def id_names(self) -> set[str]:
        """The names, by their letters, that the id of such a job has in requests, and nothing else has."""
        told = (each.id_at.rpartition("/")[2] for each in self.of("create"))
        return {letters(self.id_parameter), *map(letters, told)} - NAMES

    def of(self, *verbs: str) -> list[OperationRole]:
        """The roles with one of these verbs."""
        return [role for role in self.roles if role.verb in verbs]
