"""The providers of a file, ready to be asked, and closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tidegate.screening.providers.answer_cache import AnswerCache, Kept
from tidegate.screening.providers.calling import Caller, Clock
from tidegate.screening.providers.provider import Provider
from tidegate.screening.providers.settings import ProviderSettings, read_settings
from tidegate.screening.providers.standing import Standing
from tidegate.screening.providers.twilio_lookup import URL, TwilioLookup


@contextmanager
def opened(file: Path, clock: Clock | None = None) -> Iterator[tuple[Provider, ...]]:
    """Give the providers that a file names, in its order. Raise FileError or UsageError where it cannot be used."""
    settings = read_settings(file)
    clock = clock or Clock()
    with ExitStack() as held:
        cache = held.enter_context(AnswerCache(settings.cache)) if settings.cache is not None else None
        providers: list[Provider] = []
        for one in settings.providers:
            provider = _provider(one, clock)
            held.callback(provider.caller.close)
            if cache is not None and one.limits.keep_days > 0:
                providers.append(Kept(provider, cache, one.secret, one.limits.keep_days, clock))
            else:
                providers.append(provider)
        yield tuple(providers)


def _provider(settings: ProviderSettings, clock: Clock) -> Standing | TwilioLookup:
    if settings.kind == "standing":
        bearer = {"Authorization": f"Bearer {settings.secret}"}
        return Standing(settings, Caller(settings.url, settings.limits, bearer, clock=clock))
    basic = (settings.account, settings.secret)
    return TwilioLookup(settings, Caller(settings.url or URL, settings.limits, auth=basic, clock=clock))
