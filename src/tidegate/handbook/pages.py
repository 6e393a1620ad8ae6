"""All pages about a policy, and where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.handbook.example import read_examples, shown
from tidegate.handbook.index_page import index_page, modifiers_page, sanctions_page
from tidegate.handbook.quotas_page import quota_page, quotas_page
from tidegate.handbook.rule_page import rule_page
from tidegate.handbook.words import page_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tidegate.policy import Policy


def pages(policy: Policy, examples: Path, progress: Callable[[int], None] | None = None) -> dict[str, str]:
    """Return the pages by their path below the folder of the index. `examples` is the folder of the rules' examples.

    `progress` is told how many examples were looked at.
    """
    found = {rule.id: read_examples(examples / f"{rule.id}.json") for rule in policy.judged}
    judged = shown(
        policy, {rule: examples for rule, examples in found.items() if examples is not None}, progress
    )
    made = {
        "index.md": index_page(
            policy, without=[rule for rule, examples in found.items() if examples is None]
        ),
        "sanctions.md": sanctions_page(policy),
        "modifiers.md": modifiers_page(policy),
    }
    if policy.quotas:
        made["quotas.md"] = quotas_page(policy)
    for quota in policy.quotas:
        made[page_of(policy, quota)] = quota_page(policy, quota, judged.get(quota.id))
    for rule in policy.rules:
        made[page_of(policy, rule)] = rule_page(policy, rule, judged.get(rule.id))
    return made


def write_pages(made: dict[str, str], folder: Path) -> None:
    """Write the pages, and remove those of rules that are no more."""
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in made:
            old.unlink()
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
