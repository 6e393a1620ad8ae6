"""A ledger with a small policy's measures, an announcer, and a receiver of webhooks, under a clock moved by hand."""

import asyncio

import pytest
from tests.ledger.worlds import T0, World
from tests.service.enforcement.receiver import Receiver
from tests.service.waiting import WAIT_S

from tidegate.ledger import Ledger
from tidegate.service.access.custody import Custody
from tidegate.service.enforcement.addresses import Addresses
from tidegate.service.enforcement.announcer import Announcer, changes
from tidegate.service.enforcement.backoff import Backoff
from tidegate.service.enforcement.dispatcher import Dispatcher
from tidegate.service.enforcement.sender import Sender
from tidegate.service.enforcement.webhook_book import WebhookBook

LOCAL = "127.0.0.0/8"


class Bench:
    """Events in, announcements and deliveries out."""

    def __init__(self, url, folder):
        self.ms = T0
        self.world = World()
        self.ledger = Ledger.open(url)
        self.custody = Custody.open(folder, self.ledger.database, now=self.now, steady=lambda: self.ms / 1000)
        self.addresses = Addresses.parse(LOCAL)
        self.announcer = Announcer(self.ledger.database, self.now)
        self.book = WebhookBook(self.custody, self.addresses)
        self.backoff = Backoff(attempts=4)

    def now(self):
        return self.ms

    def take(self, *events, step=True):
        self.ledger.project(self.world.take(*events), self.world.count)
        if step:
            self.announcer.step()

    def told(self, after=0):
        return [(a.account_id, a.kind) for a in changes(self.ledger.database, after, 1000)]

    def deliver(self, dispatcher=None):
        """Make all attempts that are due at this moment, and those that become due by them."""

        async def made():
            sender = Sender(self.addresses, "/test", self.now, timeout_s=WAIT_S)
            chosen = dispatcher or self.dispatcher(sender)
            try:
                while chosen.start_due():
                    await chosen.settle()
            finally:
                await sender.close()

        asyncio.run(made())

    def dispatcher(self, sender):
        return Dispatcher(self.ledger.database, self.book, sender, self.now, lambda: 0.5, self.backoff)

    def close(self):
        self.ledger.close()


@pytest.fixture
def bench(database_url, tmp_path):
    bench = Bench(database_url, tmp_path / "data")
    yield bench
    bench.close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
