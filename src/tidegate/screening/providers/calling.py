"""Requests to a provider: paced, bounded, tried again where that helps, given up where it does not. What comes back is hostile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar

import httpx
import msgspec

from tidegate.clock import monotonic_s, now_ms
from tidegate.screening.providers.settings import Limits

T = TypeVar("T")
BODY_BYTES_MAX = 16 * 1024 * 1024  # of an answer; the largest is a range of tokens
FIRST_WAIT_S = 0.5  # after a failure; twice as long after each further one
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
DENIED = frozenset({401, 403})
AGENT = "tidegate-screen"


class Failed(Exception):  # noqa: N818  it is an answer
    """A request came to nothing; the text says why, without number or secret. `asked` False: it was not even sent."""

    def __init__(self, why: str, *, asked: bool = True) -> None:
        super().__init__(why)
        self.asked = asked


class GivenUp(Failed):
    """The provider is asked no more: it does not admit us, or failed too often in a row."""


class _Passing(Failed):
    """Another try may bring an answer, after so many seconds or more."""

    def __init__(self, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Clock:
    """Times of requests: seconds that never go back, the time of day in ms, and how to wait."""

    steady_s: Callable[[], float] = monotonic_s
    now_ms: Callable[[], int] = now_ms
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Caller:
    """Asks one provider. Several threads may use it; they share its pace and its patience."""

    url: str
    limits: Limits
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    clock: Clock = field(default_factory=Clock)
    given_up: str = ""  # why; "": it is still asked

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._turn_s = 0.0
        self._failures = 0
        # no packing: lengths would tell of contents, and a small answer could become a large one
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", **self.headers}
        tls = self.url.startswith("https:")  # else there is nothing to verify, and no certificate to load
        self._client = httpx.Client(
            base_url=self.url,
            headers=headers,
            auth=self.auth,
            timeout=self.limits.timeout_s,
            limits=httpx.Limits(max_connections=self.limits.at_once),
            verify=tls,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(
        self,
        method: str,
        path: str,
        form: type[T],
        *,
        meaning: Mapping[int, T] | None = None,
        **parts: Any,  # noqa: ANN401  what httpx takes
    ) -> T:
        """Return the answer to a request, read as a form; `meaning` says what statuses besides 200 answer.

        Raise Failed where it came to nothing, GivenUp where nothing more will.
        """
        why = ""
        for attempt in range(self.limits.tries):
            if attempt:
                self.clock.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
            try:
                self._wait_for_turn()
                answer = self._once(method, path, form, meaning or {}, parts)
            except _Passing as passing:
                why = str(passing)
                self._put_off(passing.wait_s)
            except GivenUp as failed:
                self.given_up = self.given_up or str(failed)
                raise
            except Failed as failed:
                self._count(str(failed))
                raise
            else:
                self._failures = 0
                return answer
        self._count(why)
        raise Failed(why)

    def _once(
        self, method: str, path: str, form: type[T], meaning: Mapping[int, T], parts: Mapping[str, Any]
    ) -> T:
        try:
            status, body, wait_s = self._fetched(method, path, parts)
        except httpx.TimeoutException:
            raise _Passing("it does not answer in time") from None
        except httpx.ConnectError:
            raise _Passing("it cannot be reached") from None
        except httpx.HTTPError:
            raise _Passing("the connection broke") from None
        if status in meaning:
            return meaning[status]
        if status != HTTPStatus.OK:
            raise self._refusal(status, wait_s)
        try:
            return msgspec.json.decode(body, type=form)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise _Passing("it sent something that is no answer") from None

    def _fetched(self, method: str, path: str, parts: Mapping[str, Any]) -> tuple[int, bytes, float]:
        """Return status, body and the wait that is asked for; raise where the whole is too long or takes too long."""
        begun = self.clock.steady_s()
        with self._client.stream(method, path, **parts) as answer:
            body = bytearray()
            for part in answer.iter_bytes():
                body += part
                if len(body) > BODY_BYTES_MAX:
                    raise Failed("it sent more than an answer can hold")
                if self.clock.steady_s() - begun > self.limits.timeout_s:
                    raise httpx.ReadTimeout("as a whole")
            return answer.status_code, bytes(body), self._wait_asked_s(answer.headers.get("retry-after", ""))

    def _wait_asked_s(self, text: str) -> float:
        """Return the seconds of a Retry-After; 0 where there is none that can be read."""
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            then = parsedate_to_datetime(text).timestamp() if text else 0.0
        except (ValueError, TypeError, OverflowError):
            return 0.0
        return max(0.0, then - self.clock.now_ms() / 1000)

    def _refusal(self, status: int, wait_s: float) -> Failed:
        if status in DENIED:
            return GivenUp(f"it does not admit us (status {status}): check secret, account and role")
        if status not in AGAIN:
            return Failed(f"it refuses the request (status {status})")
        if wait_s > self.limits.wait_s_max:
            return GivenUp(f"it asks us to come back in {wait_s:.0f} s (status {status})")
        too_fast = status == HTTPStatus.TOO_MANY_REQUESTS
        return _Passing(f"it {'asks less of us' if too_fast else 'fails'} (status {status})", wait_s)

    # pace and patience -----------------------------------------------------------------------------------------
    def _wait_for_turn(self) -> None:
        """Wait until the next request is due, over all threads; raise GivenUp where none is any more."""
        with self._lock:
            if self.given_up:
                raise GivenUp(self.given_up, asked=False)
            now = self.clock.steady_s()
            turn = max(now, self._turn_s)
            self._turn_s = turn + 1 / self.limits.requests_per_s
        if turn > now:
            self.clock.sleep(turn - now)

    def _put_off(self, wait_s: float) -> None:
        """Let nobody ask before the time that the provider named."""
        with self._lock:
            self._turn_s = max(self._turn_s, self.clock.steady_s() + wait_s)

    def _count(self, why: str) -> None:
        """Count a failure; too many in a row, and it is given up."""
        with self._lock:
            self._failures += 1
            if not self.given_up and self._failures >= self.limits.give_up_after:
                self.given_up = f"{self._failures} failures in a row, the last one: {why}"
