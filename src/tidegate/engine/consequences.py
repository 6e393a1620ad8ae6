"""What a decision brings about: labels, measures and cases, put on record and collected for the decision to show."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from tidegate.engine.decision import Mark, Moved, Opened, OpenedCase
from tidegate.engine.register import SPACES
from tidegate.engine.standing import ENDLESS, Running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tidegate.engine.occasion import Occasion
    from tidegate.engine.register import Register
    from tidegate.engine.standing import Standing
    from tidegate.engine.terms import LabelTerms, MeasureTerms, ReleaseTerms, Terms
    from tidegate.policy import Case


class Whom(NamedTuple):
    """Whom a measure is taken against: its place among those that the event lists, and its name; both "" for the event's own.

    The place is part of the measure's id, the name is not: one that is forgotten gets another.
    """

    place: str = ""
    name: str = ""


OWN = Whom()


class Asked(NamedTuple):
    """What the measures of a rule ask at an event, by their places in the rule.

    `named`: whom one is taken against that the event does not name, by id of record; `withheld`: those that do not open, as
    their own condition is not true, or not known; `ends`: when one ends at the latest, ms.
    """

    named: dict[int, dict[int, Whom]]
    withheld: frozenset[int]
    ends: dict[int, int]


NOTHING = Asked({}, frozenset(), {})
BAN_LEVEL = 4  # top of the ladder: what associated bans follow


class Consequences:
    """Carries out what follows at one event. `forget`: no event to come lies before it."""

    def __init__(self, occasion: Occasion, register: Register, forget: int) -> None:
        self.occasion = occasion
        self.register = register
        self.forget = forget
        self.labels: list[str] = []
        self.sanctions: list[Opened] = []
        self.extended: list[Opened] = []
        self.cases: list[OpenedCase] = []
        self.moved: list[Moved] = []
        self.marks: list[Mark] = []
        self.passing: list[Running] = []  # on nobody's record: they concern this event alone
        self.sparing: list[Running] = []  # they let the event that opened them through

    def carry_out(
        self,
        terms: Terms,
        asked: Asked = NOTHING,
        *,
        anew: bool = True,
    ) -> None:
        """Set the labels, open the measures and the cases of a rule that fired.

        `anew` False: nothing new has happened, so that no ladder is climbed, now or because of it.
        """
        occasion = self.occasion
        for label in terms.labels:
            slot = occasion.subjects.get(label.on)
            if slot is not None:
                self._set(label, slot, terms.id)
            if slot is not None or label.on != "account":
                self.labels.append(label.name)
        self._take(terms, asked, anew=anew)
        if terms.cases and occasion.subjects:
            subject = next(s for s in SPACES if s in occasion.subjects)
            record = self.register.open(subject, occasion.subjects[subject])
            for case in terms.cases:
                self._open_case(record, terms.id, case)

    def label(self, terms: Terms, account: int, name: str) -> None:
        """Set the labels of a rule on an account that the event does not name: its id of record, and its name."""
        for label in terms.labels:
            if label.on == "account":
                self._set(label, account, terms.id, name)

    def _set(self, label: LabelTerms, slot: int, cause: str, of: str = "") -> None:
        at = self.occasion.ts
        until = ENDLESS if label.lasting_ms is None else at + label.lasting_ms
        self.register.open(label.on, slot).label(label.name, at, until, self.forget)
        self.marks.append(Mark(label.name, label.on, None if until == ENDLESS else until, cause, of=of))

    def _take(self, terms: Terms, asked: Asked, *, anew: bool) -> None:
        """Open the measures of a rule that fired."""
        occasion = self.occasion
        opening = [
            (n, measure.until(asked.ends[n]) if n in asked.ends else measure)
            for n, measure in enumerate(terms.measures)
            if n not in asked.withheld
        ]
        taken = {measure.sanction for _, measure in opening if measure.subject in occasion.subjects}
        for place, measure in opening:
            slots = asked.named.get(place) or {}
            for slot, of in slots.items():
                self._climb(terms.id, measure, slot, of, anew=anew)
            if slots:
                if measure.subject != "account" and measure.subject not in occasion.subjects:
                    self._meet(terms.id, measure)
                continue
            if measure.subject in occasion.subjects:
                self._climb(terms.id, measure, occasion.subjects[measure.subject], anew=anew)
            elif measure.subject != "account" and measure.sanction not in taken:
                self._open_in_passing(terms.id, measure)

    def release(
        self, terms: ReleaseTerms, challenge: str | None, also: Mapping[str, tuple[int, str]]
    ) -> None:
        """End the measures that waited for this event, and take off labels; `challenge` None: not known which.

        `also`: whom it concerns besides those whom the event names, by kind of entity: id of record, and name; one that the event
        names itself comes first.
        """
        at = self.occasion.ts
        own = {entity: (slot, "") for entity, slot in self.occasion.subjects.items()}
        for entity, (slot, name_of) in {**also, **own}.items():
            record = self.register.find(entity, slot)
            if record is None:
                continue
            for measure in record.all_measures():
                if terms.ends(measure, challenge):
                    self.end(measure, settle=terms.settles)
            for name in terms.labels:
                if record.take_off(name, at):
                    self.marks.append(Mark(name, entity, off=True, of=name_of))

    def end(self, measure: Running, *, settle: bool = False) -> None:
        """End a measure at the event, where it runs longer."""
        before = measure.until
        measure.end(self.occasion.ts, settle=settle)
        self.note_end(measure, before)

    def note_end(self, measure: Running, before: int) -> None:
        """Note that the end of a measure is another one than `before`, where it is."""
        if measure.until != before:
            self.moved.append(Moved(measure.id, None if measure.until == ENDLESS else measure.until))

    def prolong(self, measure: Running, until: int, review: str, *, shown: bool) -> None:
        """Give a measure another end; where it is a later one, and `shown`, the decision tells of it.

        `review`: who must confirm one without end.
        """
        before = measure.until
        self.register.prolong(measure, until)
        self.note_end(measure, before)
        if shown and measure.until > before:
            confirming = review if measure.until == ENDLESS else ""
            self.extended.append(_told(measure, measure.since, confirming, self._subject_of(measure)))

    def _subject_of(self, measure: Running) -> str:
        """Return which entity of the event a measure is taken against; that of most where it is none of them."""
        for entity, slot in self.occasion.subjects.items():
            record = self.register.find(entity, slot)
            if record is not None and any(known is measure for known in record.all_measures()):
                return entity
        return "account"

    # measures ------------------------------------------------------------------------------------------------
    def _climb(self, cause: str, measure: MeasureTerms, slot: int, of: Whom = OWN, *, anew: bool) -> None:
        """Open a measure, and as many further steps of its ladder as it was opened before, unless it runs."""
        occasion = self.occasion
        record = self.register.open(measure.subject, slot)
        if record.runs(cause, measure.sanction, occasion.ts):
            return
        strikes = 0
        if measure.then and anew:
            strikes = record.strikes(cause, measure.sanction, occasion.ts, measure.within_ms)
        self.open(record, cause, measure, of=of, anew=anew)
        for step in measure.then[:strikes]:
            if step.subject == measure.subject:
                self._climb(cause, step, slot, of, anew=anew)
            elif step.subject in occasion.subjects:
                self._climb(cause, step, occasion.subjects[step.subject], anew=anew)

    def open(
        self,
        record: Standing,
        cause: str,
        measure: MeasureTerms,
        *,
        number: str = "",
        until: int | None = None,
        of: Whom = OWN,
        anew: bool = True,
    ) -> None:
        """Open a measure and put it on record; `number` and `until` where somebody else has given them.

        `of`: whom it is taken against, where it is not the event's own; `anew` False: it goes on with an earlier one, and is not
        counted as opened.
        """
        occasion = self.occasion
        whom = (measure.subject, of.place) if of.place else (measure.subject,)
        number = number or numbered("s", occasion, cause, measure.sanction, *whom)
        followed = self._followed(measure)
        if until is None:
            until = max((ban.until for ban in followed), default=measure.end(occasion.ts))
        running = self._running(number, cause, measure, until)
        record.open(running, self.forget, counts=anew)
        for name in dict.fromkeys((number, *(ban.id for ban in followed))):
            self.register.answer(running, name)
        if measure.level >= BAN_LEVEL:
            self._leave_trace(number, measure.subject)
        self._show(running, measure, of)

    def _open_in_passing(self, cause: str, measure: MeasureTerms) -> None:
        """Take a measure against a number, device or address that the event does not name: it meets this attempt alone."""
        self._show(self._meet(cause, measure), measure)

    def _meet(self, cause: str, measure: MeasureTerms) -> Running:
        """Have a measure meet this attempt, which does not name whom it is against."""
        number = numbered("s", self.occasion, cause, measure.sanction, measure.subject)
        running = self._running(number, cause, measure, measure.end(self.occasion.ts))
        self.passing.append(running)
        return running

    def _running(self, number: str, cause: str, measure: MeasureTerms, until: int) -> Running:
        running = Running(
            number,
            measure.sanction,
            measure.effect,
            measure.capability,
            self.occasion.ts,
            until,
            cause,
            measure.challenge,
            measure.rate,
            measure.level,
        )
        if measure.from_next:
            self.sparing.append(running)
        return running

    def _show(self, running: Running, measure: MeasureTerms, of: Whom = OWN) -> None:
        """Have the decision tell of a measure."""
        told = _told(running, self.occasion.ts, measure.review, measure.subject, of.name)
        self.sanctions.append(told)

    def _followed(self, measure: MeasureTerms) -> list[Running]:
        """The bans whose end is that of the measure: those in force that left a trace on the entity it names."""
        slot = self.occasion.subjects.get(measure.follows)
        record = self.register.find(measure.follows, slot) if slot is not None else None
        if record is None:
            return []
        at = self.occasion.ts
        found = [m for ban in record.bans for m in self.register.answering(ban) if m.id == ban]
        return [ban for ban in found if ban.since <= at < ban.until]

    def _leave_trace(self, number: str, subject: str) -> None:
        """Note a ban on the device and the number that the event names beside the one it is taken against."""
        for entity in ("device", "number"):
            slot = self.occasion.subjects.get(entity)
            if slot is not None and entity != subject:
                self.register.open(entity, slot).bans.append(number)

    def look_into(self, watched: dict[str, Case], needed: frozenset[str]) -> None:
        """Open the cases of measures that send attempts to people while they run; the event that opens one has those of its rule."""
        opened = {measure.id for measure in self.sanctions}
        for entity, slot in self.occasion.subjects.items():
            record = self.register.find(entity, slot)
            for measure in record.all_measures() if record is not None else ():
                case = watched.get(measure.sanction)
                if case is None or record is None or measure.id in opened:
                    continue
                told = any((c.queue, c.cause) == (case.queue, measure.cause) for c in self.cases)
                if measure.restrains(needed, self.occasion.ts) and not told:
                    self._open_case(record, measure.cause, case)

    # cases ---------------------------------------------------------------------------------------------------
    def _open_case(self, record: Standing, cause: str, case: Case) -> None:
        """Open a case, unless one for the same cause and queue is not yet due."""
        at, key = self.occasion.ts, f"{cause}/{case.queue}"
        if record.cases.get(key, 0) <= at:
            record.cases[key] = due = at + case.within.ms
            number = numbered("c", self.occasion, cause, case.queue)
            self.cases.append(OpenedCase(number, case.queue, due, cause))


def _told(running: Running, since: int, review: str, subject: str, of: str = "") -> Opened:
    """Return what a decision says of a measure."""
    end = None if running.until == ENDLESS else running.until
    what = (running.id, running.sanction, running.capability, running.level)
    return Opened(*what, since, end, running.cause, review, subject, running.effect, of)


def numbered(prefix: str, occasion: Occasion, cause: str, *what: str) -> str:
    """Id of a measure or case: a function of what caused it, so that a replay gives the same.

    Names of accounts are no part of it: one that is forgotten gets another name, its measures keep their ids.
    """
    parts = (occasion.event_id or f"timer {occasion.armed_by} {occasion.type}", cause, *what)
    return f"{prefix}-{hashlib.blake2b(chr(31).join(parts).encode(), digest_size=8).hexdigest()}"
