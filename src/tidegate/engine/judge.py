"""From fired rules to a decision: score, labels, measures, cases and the verdict for what was attempted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.engine.administration import Administration
from tidegate.engine.belief import Belief, holder_of
from tidegate.engine.consequences import NOTHING, OWN, Asked, Consequences, Whom
from tidegate.engine.decision import AppliedModifier, Decision, Fired, text_of, words_of
from tidegate.engine.register import Register
from tidegate.engine.terms import release_terms, terms_of, terms_of_restriction
from tidegate.engine.verdict import attempted, verdict_for
from tidegate.policy.figures import values_in_force

if TYPE_CHECKING:
    from tidegate.engine.belief import Holder
    from tidegate.engine.occasion import Occasion
    from tidegate.engine.plan import PlacedSite, Plan
    from tidegate.engine.standing import Standing
    from tidegate.engine.terms import Terms

ENTRIES_KEPT = 1 << 14  # of rules that fired, half a KB each
NO_NAMES = (None, None)
REACHED_AGAIN_MS = 60_000  # a farm of 500 that reports ten times a second would be 5,000 notes a second, each kept for the lateness


class Judge:
    """Decides about events one by one, in arrival order; owns what is on record about entities."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.policy = policy = plan.policy
        self.register = Register(plan)
        self.belief = Belief(policy, self.register)
        self.newest = 0
        self.administration = Administration(plan, self.register)
        self._terms = tuple(terms_of(policy, rule) for rule in policy.rules)
        self._releases = tuple(release_terms(release) for release in policy.releases)
        listed = (*policy.sanctions, *(m.sanction for rule in policy.rules for m in rule.measures))
        self._watched = {s.id: s.case for s in listed if s.case is not None}
        self._entries: dict[tuple[int, float, float], Fired] = {}
        self._restriction: Terms | None = None
        self._threshold = 1.0
        if policy.restriction is not None:
            threshold = policy.restriction.threshold
            self._restriction = terms_of_restriction(policy, policy.restriction)
            self._threshold = values_in_force(threshold, policy.revisions.get(threshold.name))[0]

    # the standing of entities as columns ---------------------------------------------------------------------
    def stand(self, site: PlacedSite, position: int, ts: int) -> bool:
        """Write what is on record about the event's entities to the columns of standing; False where it leaves them as they are.

        As long as nobody has looked, they say that there is nothing.
        """
        cols, changed = self.plan.chunk.cols, False
        for entity, key, readers in site.standing:
            slot = cols.item(key, position)
            record = self.register.find(entity, slot) if slot >= 0 else None
            if record is None or self.register.rests(record, site.number, ts):
                continue
            for read, own in readers:
                value = read(record, ts)
                if value:
                    cols[own, position] = value
                    changed = True
        return changed

    def is_idle(self, site: PlacedSite, position: int, ts: int) -> bool:
        """Whether nothing on record matters to an event on which no rule fired: nothing runs, nothing ends, nothing is believed."""
        if site.releases or site.administers:
            return False
        item, find, over = self.plan.chunk.cols.item, self.register.find, []
        for entity, column in site.subjects.items():
            slot = item(column, position)
            record = find(entity, slot) if slot >= 0 else None
            if record is None or self.register.rests(record, site.number, ts):
                continue
            if not record.is_over(ts) or self._counts(record, site, position, (entity, int(slot)), ts):
                return False
            over.append((entity, record))
        if self.stand(site, position, ts):
            return False
        if ts > self.newest:  # all that is on record had happened by then
            for entity, record in over:
                self._rest(site, entity, record, ts)
        return True

    def _counts(self, record: Standing, site: PlacedSite, position: int, holder: Holder, ts: int) -> bool:
        """Whether what is believed of an entity matters to an event."""
        if holder[0] == "account":
            return bool(record.given_at(ts) or self.belief.signals(holder, ts))
        return bool(record.signals) and self._is_looked_for(site, position, holder, ts)

    def _rest(self, site: PlacedSite, entity: str, record: Standing, ts: int) -> None:
        """Note that a record need not be asked again, where nothing on it is left that events of a site ask for."""
        if entity != "account" and record.signals:
            return  # whether they are looked for depends on what else the event names
        asked = [readers for kind, _, readers in site.standing if kind == entity]
        if not any(read(record, ts) for readers in asked for read, _ in readers):
            self.register.rest(record, site.number, ts)

    def _is_looked_for(self, site: PlacedSite, position: int, holder: Holder, ts: int) -> bool:
        """Whether what is believed of a number or device matters to an event: it registers an account, or names none."""
        named = site.subjects.get("account", -1)
        unnamed = named < 0 or not self.plan.chunk.cols.item(named, position) >= 0
        return (site.registers or unnamed) and bool(self.belief.on_record(holder, ts))

    def end_states(self, site: PlacedSite, position: int, ts: int) -> None:
        """End the account's risk factors of states that are known not to hold at an event."""
        cols, column = self.plan.chunk.cols, site.subjects.get("account", -1)
        slot = cols.item(column, position) if column >= 0 else -1.0
        forget = self.newest - self.plan.lateness
        for number, holds in site.states:
            if slot >= 0 and cols.item(holds, position) == 0:
                self.register.factors.end(int(slot), number, ts, self.belief.lasting[number], forget)

    # the decision --------------------------------------------------------------------------------------------
    def decide(self, occasion: Occasion, fired: list[int], undecided: tuple[str, ...]) -> Decision:
        """Return the decision about an event, given which rules fired, and put its consequences on record."""
        self.newest = max(self.newest, occasion.ts)
        forget = self.newest - self.plan.lateness
        found = Consequences(occasion, self.register, forget)
        self._end(found)
        news = given = self._give(occasion, forget)
        if occasion.site.registers:
            news = self.belief.hand_over(occasion.subjects, occasion.ts, forget) or news
        shown: list[Fired] = []
        shadow: list[str] = []
        noted: list[int] = []
        holder = holder_of(occasion.subjects)
        for number in fired:
            if number >= len(self._terms):
                continue
            terms = self._terms[number]
            if not terms.active:
                if terms.shadow:
                    shadow.append(terms.id)
                continue
            shown.append(self.shown(occasion.site, occasion.position, number))
            noted.append(number)
            self.belief.note(holder, number, occasion.ts, forget)
            news = news or self.belief.counts[number]
            self._reach(found, number)
            found.carry_out(terms, self._asked(occasion, number))
        believed = tuple(noted)
        passing = tuple(number for number in noted if self.belief.passing[number])
        value = self.belief.score(holder, occasion.ts, passing, believed)
        lowered = given or any(self.policy.rules[number].points < 0 for number in noted)
        weighing = any(self.belief.risks[n] is not None and not self.belief.passing[n] for n in noted)
        standing = self.belief.score(holder, occasion.ts, (), believed) if passing else value
        anew = news or weighing or standing <= self._threshold
        shown += self._restricted(found, value, news=news, anew=anew, lowered=lowered)
        if self._watched:
            found.look_into(self._watched, attempted(occasion, self.plan.chunk.cols))
        verdict, retry_after_s, challenge = verdict_for(
            occasion, self.register, self.plan.chunk.cols, forget, found.passing, found.sparing
        )
        return Decision(
            event_id=occasion.event_id,
            ts=occasion.ts,
            type=occasion.type,
            account_id=occasion.account_id,
            verdict=verdict,
            score=value,
            fired=tuple(shown),
            undecided=undecided,
            labels=tuple(dict.fromkeys(found.labels)),
            sanctions=tuple(found.sanctions),
            cases=tuple(found.cases),
            retry_after_s=retry_after_s,
            challenge=challenge,
            shadow=tuple(shadow),
            moved=tuple(found.moved),
            marks=tuple(found.marks),
            extended=tuple(found.extended),
        )

    def score_of(self, occasion: Occasion) -> float:
        """Return the score of the event's account, else of its number or device: 0 where nothing is on record."""
        return self.belief.score(holder_of(occasion.subjects), occasion.ts)

    def _end(self, found: Consequences) -> None:
        """End what the event ends: before anything opens, so that it may open anew."""
        occasion, cols = found.occasion, self.plan.chunk.cols
        for number, holds, check, whom, domain in occasion.site.releases:
            if cols.item(holds, occasion.position) == 1:
                named = cols.item(check, occasion.position) if check >= 0 else float("nan")
                challenge = self.plan.names.text("", named) if named >= 0 else None
                slot = cols.item(whom, occasion.position) if whom >= 0 else -1.0
                name = self.plan.names.text(domain, slot)
                also = {domain: (int(slot), name)} if name is not None else {}
                found.release(self._releases[number], challenge, also)
        self.administration.act(found)

    def _give(self, occasion: Occasion, forget: int) -> bool:
        """Put another system's score of the account on record, where the event brings one (True); null takes it back."""
        slot, column = occasion.subjects.get("account"), occasion.site.given
        if slot is None or column < 0:
            return False
        given = float(self.plan.chunk.cols.item(column, occasion.position))
        if given != given:  # noqa: PLR0124  none
            return False
        self.register.open("account", slot).give(occasion.ts, max(given, 0.0), forget)
        return True

    def _restricted(
        self, found: Consequences, value: float, *, news: bool, anew: bool, lowered: bool
    ) -> list[Fired]:
        """Restrict the account whose score is above the threshold; a number or device alone is not restricted by score.

        `news`: something was found, or given; `anew`: or a circumstance makes what was found weigh more.
        """
        account = found.occasion.subjects.get("account")
        if self._restriction is None or account is None:
            return []
        if value <= self._threshold:
            if lowered:
                self._relax(found, account)
            return []
        if news:
            self.register.open("account", account).unsettle(self._restriction.id)
        found.carry_out(self._restriction, anew=anew)
        because = self._restriction.because(*_words(value, self._threshold))
        restricted = Fired(self._restriction.id, value, self._threshold, None, None, (), because)
        return [restricted, *self._in_points(value)]

    def _relax(self, found: Consequences, account: int) -> None:
        """End what the restriction opened and a score that is back at the threshold ends."""
        restriction, record = self.policy.restriction, self.register.find("account", account)
        if restriction is None or record is None:
            return
        for measure in record.all_measures():
            if measure.cause == restriction.id and measure.sanction in restriction.ends_below:
                found.end(measure)

    def _in_points(self, value: float) -> list[Fired]:
        """Return the restriction as it stands on the scale of 100 points."""
        restriction = self.policy.restriction
        if restriction is None or not restriction.in_points:
            return []
        points, threshold = round(100 * value, 2), round(100 * self._threshold, 2)
        because = f"{_text(points)} of 100 points of risk; the restriction starts above {_text(threshold)}"
        return [Fired(restriction.in_points, points, threshold, None, None, (), because)]

    def _asked(self, occasion: Occasion, rule: int) -> Asked:
        """Return what the measures of a rule ask at the event."""
        at = occasion.site.rules[rule]
        if not (at.named or at.given or at.ends):
            return NOTHING
        item, p = self.plan.chunk.cols.item, occasion.position
        withheld = frozenset(place for place, column in at.given.items() if item(column, p) != 1)
        ends = {place: int(end) for place, c in at.ends.items() if (end := item(c, p)) > occasion.ts}
        return Asked(self._named(occasion, rule), withheld, ends)

    def _reach(self, found: Consequences, rule: int) -> None:
        """Hold a rule that fired against the other accounts that it reaches: what they are restricted by is judged at their own events.

        Against whom it counted within the last minute it counts already.
        """
        occasion = found.occasion
        reaches = occasion.site.rules[rule].reaches
        if reaches is None:
            return
        for slot in self._slots(occasion.position, *reaches):
            holder = ("account", slot)
            if slot != occasion.subjects.get("account") and not self.belief.noted(
                holder, rule, occasion.ts, REACHED_AGAIN_MS
            ):
                self.belief.note(holder, rule, occasion.ts, found.forget)
                found.label(self._terms[rule], slot, self.plan.names.text("account", slot) or "")

    def _slots(self, position: int, column: int, many: bool) -> list[int]:  # noqa: FBT001  as it is placed
        """Return the ids of the records that a column names, one or a list of them."""
        chunk = self.plan.chunk
        first = chunk.cols.item(column, position)
        slots = [first]
        if many:
            length = chunk.cols.item(column + 1, position)
            slots = chunk.items[int(first) : int(first + length)].tolist() if length > 0 else []
        return [int(slot) for slot in slots if slot >= 0]

    def _named(self, occasion: Occasion, rule: int) -> dict[int, dict[int, Whom]]:
        """Return, by its place in the rule, whom a measure is taken against, by ids of records."""
        found: dict[int, dict[int, Whom]] = {}
        for place, (column, many) in occasion.site.rules[rule].named.items():
            domain = self._terms[rule].measures[place].subject
            own = occasion.subjects.get(domain)
            known = self._slots(occasion.position, column, many)
            text = self.plan.names.text
            found[place] = {
                slot: OWN if slot == own else Whom(str(n), text(domain, slot) or "")
                for n, slot in enumerate(known)
            }
        return found

    def acts(self, fired: list[int]) -> bool:
        """Whether one of the rules that fired is active: others are not shown, and change nothing."""
        return any(number < len(self._terms) and self._terms[number].active for number in fired)

    def leaves_nothing(self, rule: int) -> bool:
        """Whether nothing of a rule that fires is put on record: a factor of the judged event alone."""
        terms = self._terms[rule]
        kept = terms.labels or terms.measures or terms.cases or self.belief.counts[rule]
        return terms.active and self.belief.passing[rule] and not kept

    def shown(self, site: PlacedSite, position: int, rule: int) -> Fired:
        """Return the entry of a rule that fired; those shown last are kept, as the same small figures come again."""
        at, terms, item = site.rules[rule], self._terms[rule], self.plan.chunk.cols.item
        figures = (rule, item(at.observed, position), item(at.limit, position))
        if at.modifiers or terms.names != NO_NAMES:  # an id may come to stand for another name
            return self._worded(site, position, *figures)
        known = self._entries.get(figures)
        if known is None:
            if len(self._entries) >= ENTRIES_KEPT:
                self._entries.clear()
            known = self._entries[figures] = self._worded(site, position, *figures)
        return known

    def _worded(self, site: PlacedSite, position: int, rule: int, first: float, second: float) -> Fired:
        """Return the fired rule with the values it was judged by, in words."""
        terms, item = self._terms[rule], self.plan.chunk.cols.item
        observed: float | str | None = first
        limit: float | str | None = second
        if terms.names[0] is not None:
            observed = self.plan.names.text(terms.names[0], first)
        if terms.names[1] is not None:
            limit = self.plan.names.text(terms.names[1], second)
        applied = tuple(
            [
                AppliedModifier(m.id, item(factor, position))
                for m, applies, factor in site.rules[rule].modifiers
                if item(applies, position) == 1
            ]
        )
        risk = self.belief.risks[rule]
        if risk is not None:
            applied = (*applied, AppliedModifier(terms.id, risk.factor.value))
        because = terms.because(*_words(observed, limit))
        passing = self.belief.passing[rule]
        return Fired(
            terms.id, observed, limit, terms.window, terms.probability, applied, because, passing=passing
        )


def _words(observed: float | str | None, limit: float | str | None) -> tuple[str, str]:
    if isinstance(observed, float) and isinstance(limit, float):
        return words_of(observed, limit)
    return _text(observed), _text(limit)


def _text(value: float | str | None) -> str:
    if isinstance(value, float):
        return text_of(value)
    return "unknown" if value is None else value
