"""Fingerprints: what changes with which input."""

from dataclasses import asdict

import pytest

from tests.indexing.fake import make_fake

STAGES = ["decoder", "read", "parse", "faces", "traits"]


def fingerprints() -> dict[str, str]:
    return asdict(make_fake("fake").fingerprints())


@pytest.mark.parametrize(
    ("target", "value", "changed"),
    [
        ("mien.photo.decoding.decoder_fingerprint", lambda: "another", ["decoder"]),
        ("mien.indexing.stages.READ_VERSION", 0, STAGES),
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
