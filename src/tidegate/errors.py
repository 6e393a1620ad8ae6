"""The errors a user can meet: one family, each with the problem, its place and a hint.

Texts are lower case without a full stop; what the user wrote stands in backticks; no Python type name is ever shown.
A broken promise inside the program is an ``assert``, never one of these.
"""

from __future__ import annotations


def reason(error: OSError) -> str:
    """Return why the system refused something, in its words."""
    return (error.strerror or str(error)).lower()


class TidegateError(Exception):
    """A problem the user can do something about.

    ``problem`` says what is wrong, ``place`` where ("" when there is no place to name), ``hint`` what to do about it
    ("" when there is nothing useful to say).
    """

    def __init__(self, problem: str, *, place: str = "", hint: str = "") -> None:
        super().__init__(problem, place, hint)
        self.problem = problem
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.place}: {self.problem}" if self.place else self.problem
        return f"{head}\n  hint: {self.hint}" if self.hint else head

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild by keyword, so that an error survives the way back from a worker process."""
        return (_rebuilt, (type(self), self.problem, self.place, self.hint))

    def at(self, place: str) -> TidegateError:
        """Return the same error with ``place`` put in front of the place it already has."""
        joined = f"{place}: {self.place}" if self.place else place
        return type(self)(self.problem, place=joined, hint=self.hint)


class EventError(TidegateError):
    """An event that cannot be accepted: malformed, of unknown type, or with a field that does not fit.

    ``field`` names the field at fault, "" where it is the event as a whole.
    """

    def __init__(self, problem: str, *, place: str = "", hint: str = "", field: str = "") -> None:
        super().__init__(problem, place=place, hint=hint)
        self.field = field

    def __str__(self) -> str:
        problem = f"field `{self.field}`: {self.problem}" if self.field else self.problem
        return str(TidegateError(problem, place=self.place, hint=self.hint))

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt_event_error, (type(self), self.problem, self.place, self.hint, self.field))

    def at(self, place: str) -> EventError:
        """Return the same error with ``place`` put in front of the place it already has."""
        joined = f"{place}: {self.place}" if self.place else place
        return type(self)(self.problem, place=joined, hint=self.hint, field=self.field)


class SynapseError(TidegateError):
    """A Matrix homeserver refused an act of ours, or could not be reached."""


class NumberError(TidegateError):
    """What stands where a phone number is expected is none, or cannot be completed to one."""


class ExpressionError(TidegateError):
    """An expression that does not make sense: kinds that do not fit, a field the event type does not have."""


class PolicyError(TidegateError):
    """A policy that cannot be loaded or planned."""


class ParameterError(TidegateError):
    """A parameter that is unknown, out of its bounds or of the wrong unit."""


class FileError(TidegateError):
    """A file that cannot be read or written, or is not in a form that is understood."""


class JournalError(TidegateError):
    """The journal cannot be read or written. What was to be written is not accepted."""


class JournalFull(JournalError):  # noqa: N818  named for what is the matter
    """There is no room on the disk. Nothing was accepted; it may be tried again once there is."""


class ReviewError(TidegateError):
    """A decision of a person that cannot be taken. `field` names what is at fault, "" where it is nothing of the request.

    `kind` says why: `missing` (there is no such thing), `conflict` (its state does not allow it), `own` (somebody else must
    decide), `invalid` (what was given does not fit).
    """

    def __init__(
        self, problem: str, *, place: str = "", hint: str = "", field: str = "", kind: str = "invalid"
    ) -> None:
        super().__init__(problem, place=place, hint=hint)
        self.field = field
        self.kind = kind

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt_review_error, (self.problem, self.place, self.hint, self.field, self.kind))

    def at(self, place: str) -> ReviewError:
        """Return the same error with ``place`` put in front of the place it already has."""
        joined = f"{place}: {self.place}" if self.place else place
        return ReviewError(self.problem, place=joined, hint=self.hint, field=self.field, kind=self.kind)


class UsageError(TidegateError):
    """A command that cannot be carried out as it was given."""


def _rebuilt(kind: type[TidegateError], problem: str, place: str, hint: str) -> TidegateError:
    return kind(problem, place=place, hint=hint)


def _rebuilt_event_error(
    kind: type[EventError], problem: str, place: str, hint: str, field: str
) -> EventError:
    return kind(problem, place=place, hint=hint, field=field)


def _rebuilt_review_error(problem: str, place: str, hint: str, field: str, kind: str) -> ReviewError:
    return ReviewError(problem, place=place, hint=hint, field=field, kind=kind)
