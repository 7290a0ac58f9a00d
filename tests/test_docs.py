"""The documentation is true: what it names exists, both languages say the same, and its commands run."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from PIL import Image

from mien.cli import COMMANDS, Commands

REPOSITORY = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")])


def shell_lines(page: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (REPOSITORY / page).read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def commands() -> dict[str, click.Command]:
    """All of them, by what one types: "parse", "models pull"."""
    group, context = Commands("mien"), click.Context(click.Command("mien"))
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        parts = command.commands if isinstance(command, click.Group) else {}
        found |= {f"{name} {part}": under for part, under in parts.items()} or {name: command}
    return found


def test_both_readmes_have_the_same_commands_and_headings() -> None:
    english, chinese = ((REPOSITORY / page).read_text(encoding="utf-8") for page in READMES)
    assert shell_lines(READMES[0]) == shell_lines(READMES[1])
    levels = [re.findall(r"^#+", page, re.MULTILINE) for page in (english, chinese)]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("page", READMES)
def test_every_command_and_option_is_documented(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    for name, command in commands().items():
        assert f"`mien {name}" in text
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert any(option in text for option in parameter.opts), f"mien {name} {parameter.opts}"


@pytest.mark.parametrize("page", READMES)
def test_every_setting_is_documented(page: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    sources = "\n".join(p.read_text(encoding="utf-8") for p in (REPOSITORY / "src").rglob("*.py"))
    for setting in set(re.findall(r"\bMIEN_[A-Z_]+\b", sources)):
        assert f"`{setting}`" in text


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page.name}: make {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            assert (page.parent / link).exists(), link


def test_the_commands_of_the_readme_run(tmp_path: Path, astronaut: object, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = tmp_path / "Pictures"
    pictures.mkdir()
    photo = Image.fromarray(astronaut)  # type: ignore[arg-type]
    photo.save(pictures / "IMG_20240501_101530.jpg")
    photo.crop((0, 0, 420, 420)).save(pictures / "IMG_20240502_101530.jpg")
    photo.save(tmp_path / "photo.jpg")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> str:
        arguments = [a.replace("~", str(tmp_path)) for a in shlex.split(line)]
        assert arguments.pop(0) == "mien"
        done = CliRunner().invoke(Commands("mien"), arguments)
        assert done.exit_code == 0, f"{line}: {done.stderr}"
        return done.stdout

    ran = 0
    for line in shell_lines(READMES[0]):
        if line.startswith("mien "):
            person = json.loads(run("mien people --json").splitlines()[0])["person_id"] if "PERSON" in line else ""
            run(line.replace("PERSON", person))
            ran += 1
    assert ran >= 8
    assert {p.name for p in (tmp_path / "parsed").iterdir()} == {
        "photo.labels.png",
        "photo.figures.png",
        "photo.overlay.jpg",
    }
