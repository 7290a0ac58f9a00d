"""The command line: one command per file, loaded only when it is called, so that `mien --help` answers at once."""

import gettext
import importlib
import os
import signal
import sys
from importlib import resources
from typing import Any

import click

import mien
from mien.cli.terminal import harmless
from mien.errors import MienError
from mien.language import current_language, text

COMMANDS = (
    "index", "search", "photos", "figures", "people", "name", "review", "same", "different", "confirm", "reject",
    "merge", "split", "hide", "contact", "born", "height", "not-a-person", "draw", "undo", "redo", "history",
    "decisions", "wardrobe", "garment", "growth", "group", "forget", "regions", "share", "embedder", "parse", "serve",
    "models", "demo", "doctor",
)  # fmt: skip


GO_ON = ("index", "demo")
"""Those that go on where they were stopped."""


class Failure(click.ClickException):
    """Something went wrong that the user can read about; exit code 1."""

    def show(self, file: Any = None) -> None:
        click.echo(harmless(text("cli.failed", reason=self.message)), file=file, err=file is None)


class Commands(click.Group):
    """The commands in `COMMANDS`; each lives in the module of its name (with _ for -) as `command`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mien.cli.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(gettext.gettext("Commands")):
            formatter.write_dl([(name, text(f"cli.{name}.summary")) for name in COMMANDS])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MienError as error:
            raise Failure(error.message()) from error
        except (click.exceptions.Exit, click.Abort):  # click's own, which are RuntimeErrors too
            raise
        except BrokenPipeError:  # whoever reads has enough (`| head`), which click ends quietly
            raise
        except (OSError, RuntimeError) as error:  # a full disk, a working folder that is gone, a loop of links
            raise Failure(text("cli.system", reason=error)) from error
        except KeyboardInterrupt:
            raise Failure(_stopped(ctx)) from None
        except ImportError as error:
            if isinstance(error.__cause__, KeyboardInterrupt):  # Ctrl-C while a compiled library was being loaded
                raise Failure(_stopped(ctx)) from None
            raise


def _stopped(ctx: click.Context) -> str:
    return text("error.stopped-midway" if ctx.invoked_subcommand in GO_ON else "error.stopped")


def main() -> None:
    """Entry point of the `mien` command. Exit codes: 0 done, 1 failed or stopped, 2 wrong use."""
    for stream in (sys.stdout, sys.stderr):
        if stream is None:  # closed by whoever started this
            continue
        # A file name that is not valid Unicode becomes an escape (in JSON, a valid one) instead of a crash.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    if current_language() == "zh":
        # click takes its own words ("Usage", "No such option") from gettext's default domain.
        os.environ["LANGUAGE"] = "zh"
        gettext.bindtextdomain("messages", str(resources.files("mien").joinpath("messages", "locale")))
    group = _group()
    for ending in (signal.SIGINT, signal.SIGTERM):  # whoever ends a run, it stops in the same way
        signal.signal(ending, signal.default_int_handler)
    try:
        group.main(prog_name="mien")
    finally:
        _drop_unwritten()


def _drop_unwritten() -> None:
    """What could not be written to stdout, as was told: at its end Python would try again, and change the exit code."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _group() -> Commands:
    group = Commands("mien", help=text("cli.help"), context_settings={"max_content_width": 100})
    return click.version_option(mien.__version__, message="mien %(version)s", help=text("cli.version"))(group)
