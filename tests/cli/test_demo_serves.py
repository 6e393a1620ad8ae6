"""`tidegate demo` as somebody tries it: what it prints works, it may be killed, and it ends where nobody watches."""

import json
import re
import shlex
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

DEMO = """
import sys
from tidegate.cli import demo_serve, main
demo_serve.ALONE_S = int(sys.argv.pop(1))
sys.exit(main(["demo", "--accounts", "200", "--days", "1", "--out", "demo"]))
"""


def started(alone_s):
    """A demo that nobody watches, and the commands it printed."""
    demo = subprocess.Popen([sys.executable, "-c", DEMO, str(alone_s)], stdout=subprocess.PIPE, text=True)
    printed = ""
    for line in demo.stdout:
        printed += line
        if "another `tidegate demo`" in line:
            break
    return demo, re.findall(r"^curl (?:.*\\\n)?.*$", printed, re.MULTILINE)


def asked(command):
    """What a printed curl command would bring."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    address, headers, data = "", {}, None
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            data = next(words).encode()
        elif word != "-s":
            address = word
    with urlopen(Request(address, data, headers), timeout=30) as answer:  # noqa: S310  the demo's own
        return json.load(answer)


def test_the_printed_commands_work_and_a_killed_demo_comes_back_with_what_it_knew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    demo, (post, account, capabilities, decision) = started(60)
    try:
        answer = asked(post)
        assert answer["verdict"] in {"allow", "throttle", "challenge", "deny"}
        stands = asked(account), asked(capabilities)
        assert asked(decision)["verdict"] == answer["verdict"]
        assert "send" in json.dumps(stands[1])
    finally:
        demo.send_signal(signal.SIGKILL)
        demo.communicate()
    monkeypatch.setenv("FORCE_COLOR", "1")  # as build servers do, where nobody watches
    demo, (_, again, still, _) = started(2)
    key = re.search(r"tg_\w+", again)[0]
    assert (asked(again), asked(still)) == stands
    assert asked(re.sub(r"tg_[\w-]+", key, decision))["event_id"] == answer["event_id"]
    demo.communicate(timeout=60)
    assert demo.returncode == 0  # nobody asked any more
