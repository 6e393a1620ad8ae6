"""Hypothesis strategies of right events, derived from the declarations."""

import datetime as dt
import json

from hypothesis import strategies as st

from tidegate.events import REGISTRY

MS_END = 1 << 42
IDS = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=1, max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
FREE = st.dictionaries(
    TEXTS,
    st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)


@st.composite
def moments(draw, per_second=1000):
    """A moment as whole number or as text with any offset."""
    value = draw(st.integers(86_400_000, MS_END - 86_400_001)) * per_second // 1000
    if draw(st.booleans()):
        return value
    offset = dt.timezone(dt.timedelta(minutes=draw(st.integers(-1439, 1439))))
    instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
        microseconds=value * (1_000_000 // per_second)
    )
    text = instant.astimezone(offset).isoformat(
        timespec=draw(st.sampled_from(["milliseconds", "microseconds"]))
    )
    return text.replace("+00:00", "Z") if draw(st.booleans()) else text


def _list(field):
    return st.lists(values(field.member), min_size=field.length or 0, max_size=field.length or 3)


def _real(field):
    return st.floats(field.low, field.high, allow_nan=False, allow_infinity=False) | st.just(field.high or 0)


BY_SHAPE = {
    "choice": lambda field: st.sampled_from(field.options),
    "fingerprint": lambda _: st.text("0123456789abcdefABCDEF", min_size=16, max_size=16),
    "id": lambda _: IDS,
    "text": lambda _: TEXTS,
    "true/false": lambda _: st.booleans(),
    "integer": lambda field: st.integers(field.low, field.high),
    "number": _real,
    "decimal": lambda _: st.decimals(-(10**20), 10**20, places=4).map(str) | st.integers(-(10**30), 10**30),
    "moment": lambda field: moments(10**field.digits),
    "date": lambda _: st.dates().map(dt.date.isoformat),
    "object": lambda _: FREE,
    "list of object": lambda _: st.lists(FREE, max_size=2),
}


def values(field):
    """Right JSON values of a field, `null` left out."""
    if field.shape.startswith("map"):
        return st.dictionaries(TEXTS, values(field.member), max_size=3)
    return BY_SHAPE.get(field.shape, _list)(field)


@st.composite
def events(draw, kind=None):
    """A right event as JSON object: any subset of fields, any order, some of them `null`."""
    event = REGISTRY[kind or draw(st.sampled_from(sorted(REGISTRY)))]
    optional = [name for name in event.fields() if name not in ("event_id", "ts")]
    chosen = draw(st.lists(st.sampled_from(optional), unique=True, max_size=len(optional)))
    made = {"event_id": draw(IDS), "type": event.type_name, "ts": draw(moments())}
    for name in chosen:
        made[name] = draw(values(event.fields()[name])) if draw(st.integers(0, 7)) else None
    return dict(draw(st.permutations(list(made.items()))))


def as_line(event, *, ascii_only=True):
    """The event as a line of JSON."""
    return json.dumps(event, ensure_ascii=ascii_only).encode()
