"""The errors a user can meet. Each says what happened, to which file, and what to do, in both languages."""

from typing import Self

from mien.language import Language, text


class MienError(Exception):
    """An error for the user: a message key `error.<code>` and the values of its placeholders.

    Neutral to language until it is shown, so that it can be stored (`to_record`) and read back in another.
    Values are kept as strings.
    """

    def __init__(self, code: str, /, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = {name: str(value) for name, value in values.items()}

    def message(self, language: Language | None = None) -> str:
        return text(f"error.{self.code}", language=language, **self.values)

    def __str__(self) -> str:
        return self.message()

    def __reduce__(self) -> tuple[object, ...]:  # survives the way back from a worker process
        return _restore, (type(self), self.code, self.values)

    def to_record(self) -> dict[str, str]:
        """A JSON-ready record that `from_record` reads."""
        return {"code": self.code, **self.values}

    @classmethod
    def from_record(cls, record: dict[str, str]) -> Self:
        values = dict(record)
        return cls(values.pop("code"), **values)


def _restore(cls: type[MienError], code: str, values: dict[str, str]) -> MienError:
    return cls(code, **values)


class UnreadablePhoto(MienError):
    """This file cannot be read as a photo; it is listed with this reason, and the run goes on."""


class WorkerLost(MienError):
    """The process that worked on this photo died, or was ended at its limit of time or memory."""


class LibraryError(MienError):
    """The library folder or one of its stores cannot be used."""


class UnknownName(MienError):
    """The user named a person, figure or photo that does not exist, or that is ambiguous."""


class DecisionConflict(MienError):
    """What the user says contradicts what they said before. Nothing was written."""


class ModelError(MienError):
    """A model file is missing, damaged, or not what its card says."""


class EngineLost(MienError):
    """The engine, on another machine, cannot be used now. It says nothing of any photo, and stops a run."""
