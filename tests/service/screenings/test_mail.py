"""Mails about screenings that are over: to a real mail server, by TLS and password, refused for now and for good."""

import asyncio
import smtplib
import ssl
import threading
import warnings

import certifi
import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, AuthResult
from tests.service.access.test_tls import certificate
from tests.service.screenings.office import NUMBERS
from tests.service.waiting import WAIT_S

from tidegate.errors import FileError, UsageError
from tidegate.ledger.tables_screening import screenings
from tidegate.service.enforcement.backoff import Backoff
from tidegate.service.screenings.letter import address_of, letter
from tidegate.service.screenings.post import MailServer, Post

__all__ = ["certificate"]

SUMMARY = {
    "tiers": {"secure": {"accounts": 1200}, "low": {"accounts": 30}, "high": {"accounts": 4}},
    "main_account": {"numbers": [NUMBERS[0]]},
}
ANN = "ann@example.org"
LOCAL = "127.0.0.1"


class Mailbox:
    """What has arrived, and what is answered to mails before they are taken."""

    def __init__(self):
        self.arrived = []
        self.refusals = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  aiosmtpd's name
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.arrived.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def mail_server(mailbox):
    """Run a real server, with options of aiosmtpd, in a thread; its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = []

    async def start(options, encrypted):
        def connected():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it does not see that TLS is on from the first byte
                return SMTP(mailbox, loop=loop, **options)

        running.append(await loop.create_server(connected, LOCAL, 0, ssl=encrypted))
        return running[-1].sockets[0].getsockname()[1]

    async def stop():
        for server in running:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:  # connections that are still open
            task.cancel()
            await asyncio.wait([task])

    def run(encrypted=None, **options):
        return asyncio.run_coroutine_threadsafe(start(options, encrypted), loop).result(WAIT_S)

    yield run
    asyncio.run_coroutine_threadsafe(stop(), loop).result(WAIT_S)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def posted(office):
    """Have a screening that is over told of by a mail server; the post, and the id."""
    office.screenings.runner.stop()

    def run(url, how="done", **more):
        server = MailServer.of(url, sender="tidegate@example.org", **more)
        post = Post(
            office.book,
            server,
            office.custody.now,
            public_url="https://risk.example.org/",
            backoff=Backoff(attempts=3),
        )
        screening_id = office.enter(notify=ANN)
        office.book.begin(screening_id)
        if how == "done":
            office.book.finish(screening_id, SUMMARY, ())
        else:
            office.book.fail(screening_id, f"no column holds phone numbers, `{NUMBERS[0]}`")
        return post, screening_id

    return run


def test_a_mail_tells_of_counts_and_of_nobody(office, mail_server, mailbox, posted):
    post, screening_id = posted(f"smtp://{LOCAL}:{mail_server()}")
    assert post.step()
    assert not post.step()  # once is enough
    ((sender, to, text),) = mailbox.arrived
    assert (sender, to) == ("tidegate@example.org", [ANN])
    head, _, body = text.partition("\r\n\r\n")
    assert f"Subject: Screening {screening_id} is done" in head
    assert "text/plain" in head
    assert [line.split() for line in body.splitlines()[2:5]] == [
        ["secure", "1,200"],
        ["low", "risk", "30"],
        ["high", "risk", "4"],
    ]
    assert f"https://risk.example.org/v1/screenings/{screening_id}" in body
    assert NUMBERS[0][1:] not in text
    assert "multipart" not in text
    found = office.book.found(screening_id)
    assert (found.mail, found.mail_attempts, found.sealed.mail_error) == ("sent", 1, None)


def test_a_failure_is_told_without_what_stood_in_the_list(mail_server, mailbox, posted):
    post, _ = posted(f"smtp://{LOCAL}:{mail_server()}", "failed")
    post.step()
    assert "it failed" in mailbox.arrived[0][2]
    assert NUMBERS[0][1:] not in mailbox.arrived[0][2]


def test_what_is_refused_for_now_is_sent_later_and_what_is_refused_for_good_is_not(
    office, mail_server, mailbox, posted
):
    mailbox.refusals = ["451 busy", "550 no such user"]
    port = mail_server()
    post, screening_id = posted(f"smtp://{LOCAL}:{port}")
    post.step()
    found = office.book.found(screening_id)
    assert (found.mail, found.mail_attempts) == ("pending", 1)
    assert "451" in found.sealed.mail_error
    assert "busy" in found.sealed.mail_error
    assert not post.step()  # it is not time yet
    due_now(office, screening_id)
    post.step()
    found = office.book.found(screening_id)
    assert (found.mail, found.mail_attempts) == ("failed", 2)
    assert "no such user" in found.sealed.mail_error
    assert mailbox.arrived == []


def test_a_server_that_is_not_there_is_tried_three_times_and_the_reason_can_be_read(office, posted):
    post, screening_id = posted(f"smtp://{LOCAL}:1")
    for _ in range(3):
        assert office.book.found(screening_id).mail == "pending"
        due_now(office, screening_id)
        post.step()
    found = office.book.found(screening_id)
    assert (found.mail, found.mail_attempts) == ("failed", 3)
    assert f"{LOCAL}:1" in found.sealed.mail_error


def due_now(office, screening_id):
    with office.book.database.writing() as connection:
        connection.execute(
            sa.update(screenings).where(screenings.c.id == screening_id).values(mail_next_at=0)
        )


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_is_sent_over_tls_alone(
    office, mail_server, mailbox, posted, certificate, tmp_path, scheme
):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    told = []

    def authenticator(server, session, envelope, mechanism, data):
        told.append((data.login, data.password, session.ssl is not None or scheme == "smtps"))
        return AuthResult(success=True)

    tls = {"tls_context": context, "require_starttls": True} if scheme == "smtp" else {"encrypted": context}
    port = mail_server(
        authenticator=authenticator, auth_required=True, auth_require_tls=scheme == "smtp", **tls
    )
    secret = tmp_path / "password"
    secret.write_text("swordfish\n")
    url = f"{scheme}://post%40office@localhost:{port}"
    with pytest.raises(FileError, match="others may read this secret"):
        posted(url, password_file=str(secret), trusted=str(certificate[0]))
    secret.chmod(0o600)
    post, screening_id = posted(url, password_file=str(secret), trusted=str(certificate[0]))
    post.step()
    assert office.book.found(screening_id).sealed.mail_error is None
    assert len(mailbox.arrived) == 1
    assert told == [(b"post@office", b"swordfish", True)]


def test_who_shows_another_certificate_is_told_nothing(office, mail_server, mailbox, posted, certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    post, screening_id = posted(
        f"smtps://localhost:{mail_server(encrypted=context)}", trusted=certifi.where()
    )
    post.step()
    assert mailbox.arrived == []
    assert "certificate" in office.book.found(screening_id).sealed.mail_error.lower()


@pytest.mark.parametrize(
    "text",
    [
        "", "ann", "ann@", "@example.org", "ann@example", "ann@example.org, eve@example.org", "ann@example.org\nBcc: eve@x.org",
        "ann@example.org\r\n\r\nhello", "Ann <ann@example.org>", "ann@exa mple.org", "änn@example.org", "a" * 250 + "@x.org",
        "ann@example.org\x00", "ann@.", "ann@example.org;eve@x.org", "ann@exämple.org", "ann@example\u202e.org", "ann(x)@example.org", " ann@example.org",
    ],
)  # fmt: skip
def test_what_is_not_one_address_is_refused(text):
    with pytest.raises(UsageError, match="no e-mail address"):
        address_of(text, place="notify")


@pytest.mark.parametrize("text", ["ann@example.org", "ann+pool@sub.example.org", "a.b@example.co.uk"])
def test_an_address_is_taken_as_it_is(text):
    assert address_of(text, place="notify") == text


def test_headers_cannot_be_smuggled_in_past_the_check(office):
    office.screenings.runner.stop()
    screening_id = office.enter(notify="ann@example.org\r\nBcc: eve@example.org")  # as nobody can enter it
    office.book.begin(screening_id)
    office.book.finish(screening_id, SUMMARY, ())
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        letter(office.book.found(screening_id), sender="tidegate@example.org")


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "smtp://", "smtp://ann:secret@example.org", "smtp://example.org:0", "smtp://example.org:99999", "nonsense"],
)  # fmt: skip
def test_settings_that_name_no_mail_server_are_refused(url):
    with pytest.raises(UsageError, match="no mail server"):
        MailServer.of(url, sender="tidegate@example.org")


def test_a_user_without_a_password_and_a_sender_that_is_none_are_refused():
    with pytest.raises(UsageError, match="needs a password"):
        MailServer.of("smtp://ann@example.org", sender="tidegate@example.org")
    with pytest.raises(UsageError, match="no e-mail address"):
        MailServer.of("smtp://example.org", sender="nobody")
    assert MailServer.of("", sender="") is None
    assert MailServer.of("smtps://example.org", sender="t@example.org").port == 465
    assert smtplib.SMTP_SSL_PORT == 465


def test_a_screening_that_asks_for_it_is_told_of_when_it_is_over(open_office, mail_server, mailbox):
    office = open_office(smtp_url=f"smtp://{LOCAL}:{mail_server()}", smtp_from="tidegate@example.org")
    screening_id = office.enter(notify=ANN)
    found = office.wait(screening_id, lambda found: found.mail == "sent")
    assert found.state == "done"
    counts = [f"{tier['accounts']:>9,}" for tier in found.sealed.summary["tiers"].values()]
    assert all(count in mailbox.arrived[0][2] for count in counts)


def test_a_mail_that_a_server_did_not_send_is_sent_by_the_next_one(open_office, mail_server, mailbox):
    office = open_office(smtp_url=f"smtp://{LOCAL}:1", smtp_from="tidegate@example.org")
    office.screenings.post.stop()  # it died just before
    screening_id = office.wait(office.enter(notify=ANN)).id
    again = open_office(smtp_url=f"smtp://{LOCAL}:{mail_server()}", smtp_from="tidegate@example.org")
    again.wait(screening_id, lambda found: found.mail == "sent")
    assert len(mailbox.arrived) == 1
