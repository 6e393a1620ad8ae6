"""Numbers and names that pages state about the program are those of the program."""

from pathlib import Path

import pytest

from tidegate.cli import app
from tidegate.policies.loading import load_policy

ROOT = Path(__file__).resolve().parents[2]
POLICY = load_policy("messenger")
RULES, QUOTAS = len(POLICY.rules), len(POLICY.quotas)
STATED = {
    "CHANGELOG.md": f"{RULES} rules and {QUOTAS} published limits",
    "docs/rules/index.md": f"{RULES} rules in ",
    "docs/honest-people.md": f" of {RULES} rules fire",
    "docs/adr/0029-speed-of-the-whole-policy.md": f"has {RULES} rules, {QUOTAS} quotas and",
}


@pytest.mark.parametrize("page", STATED)
def test_a_number_that_a_page_states_is_that_of_the_policy(page: str):
    assert STATED[page] in (ROOT / page).read_text(encoding="utf-8")


def test_every_command_is_shown_in_the_documentation():
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    for name in app:
        if name.startswith("-"):
            continue
        inner = [sub for sub in app[name] if not sub.startswith("-")]
        for command in [f"{name} {sub}" for sub in inner] or [name]:
            assert f"tidegate {command}" in text, command
