"""What the documents name is there: the tests that show a rule, and where the links go."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    file
    for file in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    if file.parent.name != "adr"  # an old decision may name what is gone
]
FILE = re.compile(r"`([\w/]*test_\w+\.py)`")
NAMED = re.compile(rf"{FILE.pattern}: ((?:`test_\w+(?:\[[^`]*\])?`(?:, )?)+)")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@cache
def names_in(file: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))


def files_of(name: str) -> list[Path]:
    return list(ROOT.glob(name if name.startswith("tests/") else f"tests/**/{name}"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_test_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    assert [name for name in FILE.findall(text) if not files_of(name)] == []
    missing = [
        f"{name}: {test}"
        for name, tests in NAMED.findall(text)
        for test in re.findall(r"`(test_\w+)", tests)
        if not any(test in names_in(file) for file in files_of(name))
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    gone = [link for link in LINK.findall(document.read_text("utf-8")) if not (document.parent / link).exists()]
    assert gone == []
