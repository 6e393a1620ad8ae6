"""The spans a feature looks back over."""

from dataclasses import dataclass

from tidegate.expr import Duration, Expr


@dataclass(frozen=True)
class Sliding:
    """The last `length` of event time, the event itself included: (ts - length, ts]."""

    length: Duration

    @property
    def iso(self) -> str:
        """How decisions and docs write it."""
        return self.length.iso

    def fingerprint(self) -> str:
        """Return the identity; spans of one length are one window however they are written."""
        return f"sliding {self.length.ms}"


@dataclass(frozen=True, eq=False)
class Since:
    """From a moment on, that moment included, but never further back than `at_most`.

    `start` is an expression over the reading event; where it is not known, the feature is not.
    """

    start: Expr
    at_most: Duration
    iso: str

    def fingerprint(self) -> str:
        """Return the identity."""
        return f"since {self.start.fingerprint} {self.at_most.ms}"


@dataclass(frozen=True)
class Ever:
    """No end: only for what takes a bounded place per key."""

    iso: str = "ever"

    def fingerprint(self) -> str:
        """Return the identity."""
        return "ever"


Window = Sliding | Since | Ever
