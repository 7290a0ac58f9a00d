"""`mien share PHOTOS… --to DIR`: copies that are safe to hand out."""

from pathlib import Path
from typing import Any

import click
from rich.progress import MofNCompleteColumn

from mien.catalog.library import Library
from mien.cli.options import GivenPath, json_option, library_option
from mien.cli.output import print_json, say, tell
from mien.cli.progress import Counting
from mien.errors import MienError
from mien.indexing import deciding, roots, sharing
from mien.indexing.sharing import Order, Sharing, percent
from mien.language import text
from mien.sharing.encoding import FORMATS, Format
from mien.sharing.files import lies_in, numbered, write_new
from mien.sharing.wish import SKIN, STYLES, Style, Whose, Wish


@click.command(help=text("cli.share.help"), short_help=text("cli.share.summary"))
@click.argument("photos", nargs=-1, required=True, type=GivenPath(path_type=str), metavar="PHOTOS…")
@click.option(
    "--to", "folder", required=True, type=GivenPath(path_type=Path, file_okay=False), metavar="DIR",
    help=text("cli.share.to"),
)  # fmt: skip
@click.option("--keep", multiple=True, metavar="PERSON", help=text("cli.share.keep"))
@click.option("--nobody", is_flag=True, help=text("cli.share.nobody"))
@click.option("--style", type=click.Choice(STYLES), default="blur", show_default=True, help=text("cli.share.style"))
@click.option(
    "--hide-skin", "skin", type=click.Choice(SKIN), is_flag=False, flag_value="both", default="none",
    help=text("cli.share.hide-skin"),
)  # fmt: skip
@click.option("--preview", is_flag=True, help=text("cli.share.preview"))
@click.option("--anyway", is_flag=True, help=text("cli.share.anyway"))
@click.option("--names", is_flag=True, help=text("cli.share.names"))
@click.option("--format", "file_format", type=click.Choice(FORMATS), help=text("cli.share.format"))
@library_option
@json_option
def command(
    photos: tuple[str, ...],
    folder: Path,
    keep: tuple[str, ...],
    nobody: bool,
    style: Style,
    skin: Whose,
    preview: bool,
    anyway: bool,
    names: bool,
    file_format: Format | None,
    library_folder: Path | None,
    as_json: bool,
) -> None:
    if keep and nobody:
        raise click.UsageError(text("cli.share.keep-or-nobody"))
    failed = 0
    with Library.open(library_folder) as library:
        _refuse_albums(library, photos, folder)
        deciding.up_to_date(library)
        asked = sharing.find(library, photos)
        maker = Sharing(library, () if nobody else keep or None)
        if not maker.keeps_anybody and not nobody:
            say(text("cli.share.no-contacts"))
        rows: list[dict[str, Any]] = []
        with _Hiding(as_json) as shown:
            for done, photo in enumerate(asked, start=1):
                order = maker.order(photo)
                row = _row(photo.path, order)
                rows.append(row)
                try:
                    _refuse_originals(order, folder)
                    made = sharing.copy_of(
                        order, Wish(style, skin), anyway=anyway, file_format=file_format, small=preview
                    )
                    original = photo.path if Path(photo.path).is_file() else order.files[0]
                    name = iter([Path(original).stem + made.suffix]) if names else numbered(made.suffix)
                    row |= {"hidden": made.hidden, "others": made.others}
                    if not made.kept:  # the photo is not what it was, so that everybody is hidden
                        row["kept"] = []
                    row["file"] = str(write_new(folder.expanduser().absolute(), name, made.content))
                except MienError as error:
                    failed += 1
                    row["error"] = error.message()
                    say(row["error"] if error.code != "file-there" else f"{photo.path}: {row['error']}")
                shown.show(done, len(asked))
                if as_json:
                    print_json(row)
    if not as_json:
        for row in rows:
            _describe(row)
    if failed:
        raise MienError("some-not-shared", failed=failed, total=len(asked))


def _refuse_albums(library: Library, photos: tuple[str, ...], folder: Path) -> None:
    """Copies are not put where they would be indexed, nor among the library's own files, nor within a folder of which
    they are made: the next time, they would be taken for originals."""
    for root in (library.folder, *(Path(album).expanduser() for album in (*roots.known(library.folder), *photos))):
        if root.is_dir() and lies_in(folder, root):
            raise MienError("share-into-library", folder=root)


def _refuse_originals(order: Order, folder: Path) -> None:
    """Nothing is ever written beside originals."""
    for beside in {Path(file).parent for file in order.files}:
        if lies_in(beside, folder) and lies_in(folder, beside):
            raise MienError("share-into-library", folder=beside)


def _row(photo: str, order: Order) -> dict[str, Any]:
    return {
        "photo": photo,
        "photo_id": order.photo_id,
        "file": None,
        "kept": list(order.kept),
        "hidden": None,
        "others": None,
        "unsure": [{"name": name, "confidence": round(confidence, 4)} for name, confidence in order.unsure],
        "lacks": [{"code": lack.code, "reason": lack.message()} for lack in order.lacks],
        "error": None,
    }


def _describe(row: dict[str, Any]) -> None:
    if row["file"] is None:
        return
    kept = ", ".join(row["kept"]) or text("cli.share.nobody-seen")
    tell(text("cli.share.made", photo=row["photo"], file=row["file"], kept=kept, hidden=row["hidden"]))
    if row["others"]:
        tell(text("cli.share.others", others=row["others"]))
    for person in row["unsure"]:
        tell(text("cli.share.unsure", name=person["name"], sure=percent(person["confidence"])))
    for lack in row["lacks"]:
        tell(text("cli.share.lacking", reason=lack["reason"]))


class _Hiding(Counting):
    """How many photos were copied."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(text("cli.share.working"), quiet, MofNCompleteColumn())

    def show(self, done: int, total: int) -> None:
        self._count(done, total, lambda: text("cli.share.progress-line", done=done, total=total))
