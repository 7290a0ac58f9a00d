"""Fingerprints: what changes with which input."""

from dataclasses import asdict

import pytest

from tests.indexing.fake import make_fake
from tests.indexing.stage_digests import STAGES, digests, recorded, what_runs

ALL = ["decoder", "read", "parse", "faces", "traits"]


def fingerprints() -> dict[str, str]:
    return asdict(make_fake("fake").fingerprints())


@pytest.mark.parametrize(
    ("target", "value", "changed"),
    [
        ("mien.photo.decoding.decoder_fingerprint", lambda: "another", ["decoder"]),
        ("mien.indexing.stages.READ_VERSION", 0, ALL),
        ("mien.indexing.stages.TRAITS_VERSION", 0, ["traits"]),
        ("mien.traits.describe.VERSION", "another", ["traits"]),
        ("mien.traits.lexicon.source", lambda: "other colours", ["traits"]),
    ],
)
def test_a_fingerprint_names_every_input(
    target: str, value: object, changed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprints()
    assert fingerprints() == before
    monkeypatch.setattr(target, value)
    assert [stage for stage, fingerprint in fingerprints().items() if fingerprint != before[stage]] == changed


def test_another_network_makes_its_stage_and_those_behind_it_new(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprints()
    monkeypatch.setenv("FAKE_FINDER_VERSION", "2")
    assert [stage for stage, value in fingerprints().items() if value != before[stage]] == ["faces", "traits"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_s_code_does_not_change_unnoticed(stage: str) -> None:
    if recorded()[stage] != digests()[stage]:
        pytest.fail(
            f"The code of “{stage}” changed. If it may now make something else of the same photo, raise"
            f" {STAGES[stage][0]}. Then run: python -m tests.indexing.stage_digests",
            pytrace=False,
        )


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ('"""Doc."""\ndef f(a, b=1):\n    # why\n    """What."""\n    return (a +\n        b)\n', True),
        ("def f(a, b=2):\n    return a + b\n", False),
        ("def f(a, b=1):\n    return a - b\n", False),
        ("def f(a, b=True):\n    return a + b\n", False),
    ],
)
def test_words_and_layout_are_no_change_of_code(other: str, same: bool) -> None:
    assert (what_runs(other) == what_runs("def f(a, b=1):\n    return a + b\n")) == same
