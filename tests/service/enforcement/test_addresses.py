"""Webhooks go to the public internet and to what is allowed by name, and nowhere else."""

import asyncio
from ipaddress import ip_address, ip_network

import pytest

from tidegate.errors import UsageError
from tidegate.service.enforcement.addresses import Addresses, ForbiddenAddressError

INSIDE = [
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://10.0.0.1/",
    "https://192.168.1.1/",
    "https://172.16.0.1/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://198.18.0.1/",
]
MALFORMED = [
    "",
    "example.org",
    "ftp://example.org/",
    "file:///etc/passwd",
    "https://",
    "https:///x",
    "https://user:pass@example.org/",
    "https://example.org/#part",
    "https://example.org:99999/",
    "https://example.org:x/",
    "https://exa mple.org/",
    "https://example.org/\r\nX: y",
    "https://example.org\\@127.0.0.1/",
    "https://bücher.example/",
    "https://example.org/" + "a" * 3000,
    "http://8.8.8.8/",
    "http://example.org/",
]


def target(addresses, url):
    return asyncio.run(addresses.target(url))


def resolving(**names):
    async def resolve(host, _port):
        return [ip_address(text) for text in names[host.partition(".")[0]]]

    return resolve


@pytest.mark.parametrize("url", INSIDE)
def test_an_address_inside_is_refused_at_once_and_at_delivery(url):
    addresses = Addresses()
    with pytest.raises(ForbiddenAddressError):
        addresses.check(url)
    with pytest.raises(ForbiddenAddressError):
        target(addresses, url)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_url_of_a_webhook_is_refused(url):
    with pytest.raises(UsageError):
        Addresses().check(url)


@pytest.mark.parametrize("inside", ["169.254.169.254", "10.1.2.3", "::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_inside_is_refused_at_delivery(inside):
    addresses = Addresses(resolving=resolving(hook=[inside]))
    addresses.check("https://hook.example/")
    with pytest.raises(ForbiddenAddressError):
        target(addresses, "https://hook.example/")


def test_one_bad_address_among_good_ones_is_refused():
    addresses = Addresses(resolving=resolving(hook=["8.8.8.8", "169.254.169.254"]))
    with pytest.raises(ForbiddenAddressError):
        target(addresses, "https://hook.example/")


def test_the_connection_goes_to_the_address_that_was_looked_at():
    addresses = Addresses(resolving=resolving(hook=["2001:4860:4860::8888", "8.8.8.8"]))
    found = target(addresses, "https://hook.example:8443/a?b=c")
    assert found.url == "https://[2001:4860:4860::8888]:8443/a?b=c"
    assert (found.authority, found.host) == ("hook.example:8443", "hook.example")


def test_a_network_that_is_allowed_by_name_may_be_reached_in_plain_http_too():
    addresses = Addresses([ip_network("10.1.0.0/16"), ip_network("169.254.169.254")])
    assert target(addresses, "http://10.1.2.3:8080/x").url == "http://10.1.2.3:8080/x"
    assert target(addresses, "http://169.254.169.254/").port == 80
    with pytest.raises(ForbiddenAddressError):
        target(addresses, "https://10.2.0.1/")
    with pytest.raises(ForbiddenAddressError):
        target(addresses, "http://8.8.8.8/")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "all", "10.0.0.1/8"])
def test_a_setting_that_is_no_network_is_said(text):
    with pytest.raises(UsageError):
        Addresses.parse(text)
