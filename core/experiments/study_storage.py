"""Opens the database in which Optuna keeps the studies of sweeps, and turns its errors into
sentences.

Several programs may use it at the same time. In SQLite each transaction takes the write lock at
its beginning, and waits for it: so no transaction fails because another program reads or writes,
and a trial is looked at and taken in one.
"""

import logging
import sqlite3
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import CoreError, StudyError, os_reason
from core.text import one_line, printable

if TYPE_CHECKING:
    import optuna

FILE = "sweeps.db"
"""The name of the default database, in the directory of the runs."""

MISSING = "a sweep needs the package optuna; install it with: pip install 'fashion-tui[sweep]'"

_WAIT = 60.0  # seconds for other programs
_KNOWN = 20  # studies
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) != 'sqlite_'"
_ATTEMPTS = 8  # to create the tables, which other programs may be doing


def default_url(directory: Path) -> str:
    """Returns the URL of the database beside the runs."""
    return f"sqlite:///{(directory / FILE).absolute()}"


def make_directory(directory: Path) -> None:
    """Makes the directory of the runs, for their database. Raises StudyError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudyError(f"{directory} cannot be made: {os_reason(error)}") from error


def needs_file(url: str) -> bool:
    """Returns whether opening the database at a URL makes its file. Raises StudyError without
    Optuna."""
    import_optuna()
    return url.startswith("sqlite") and _is_usable(url) and not _file(url).exists()


def known_studies(directory: Path) -> list[str]:
    """Returns the names of the studies in the default database, the latest first.

    Reads it without Optuna, which takes long to import. Empty if there is no usable database.
    """
    path = (directory / FILE).absolute()
    if not path.exists():
        return []
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.2)) as found:
            query = "SELECT study_name FROM studies ORDER BY study_id DESC LIMIT ?"
            rows = found.execute(query, (_KNOWN,))
            return [printable(str(name)) for (name,) in rows]
    except sqlite3.Error:
        return []


def import_optuna() -> Any:
    """Returns the package. Raises StudyError if it is not installed, or damaged."""
    try:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
    except ImportError as error:
        raise StudyError(MISSING) from error
    except Exception as error:  # an installation that is damaged may raise anything
        what = one_line(f"{type(error).__name__}: {error}")
        raise StudyError(f"the package optuna is damaged ({what}); install it again") from error
    return optuna


def open_storage(url: str) -> "optuna.storages.RDBStorage":
    """Opens the database at a URL of SQLAlchemy; creates what it lacks.

    Raises StudyError if there is none or it cannot be used.
    """
    optuna = import_optuna()
    if not _is_usable(url):
        raise StudyError(
            f"--storage: enter a URL in place of {shown(url)}, such as "
            "sqlite:////shared/sweeps.db or postgresql://user@host/name"
        )
    is_sqlite = url.startswith("sqlite")
    makes_file = is_sqlite and not _file(url).exists()
    if is_sqlite:
        _check_file(url)
    options = {"connect_args": {"timeout": _WAIT}} if is_sqlite else {"pool_pre_ping": True}
    logging.getLogger("alembic").setLevel(logging.ERROR)
    with storage_errors(url):
        for attempt in range(_ATTEMPTS):
            try:
                storage = optuna.storages.RDBStorage(url, engine_kwargs=options)
                break
            except Exception as error:
                # Another program creates the tables at the same time.
                creating = any(word in str(error) for word in ("already exists", "UNIQUE"))
                if not (creating or isinstance(error, AssertionError)) or attempt == _ATTEMPTS - 1:
                    if makes_file:
                        _remove_empty(_file(url))
                    raise
                time.sleep(0.1 * 2**attempt)
        if is_sqlite:
            _take_the_lock_at_once(storage.engine)
    return storage


@contextmanager
def storage_errors(url: str) -> Iterator[None]:
    """A context in which a fault of the database at `url` becomes a StudyError: a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Optuna, about what it calls experimental
            yield
    except CoreError:
        raise
    except Exception as error:
        if not (_is_of_database(error) or _is_raised_by_optuna(error)):
            raise
        raise StudyError(f"the storage {shown(url)} cannot be used: {_reason(error)}") from error


def shown(url: str) -> str:
    """Returns a URL without its password, safe to print."""
    scheme, slashes, rest = url.partition("://")
    account, at, place = rest.rpartition("@")
    user = account.partition(":")[0]
    return printable(f"{scheme}{slashes}{user}{at}{place}")


def _is_usable(url: str) -> bool:
    """Whether it is a URL of a database that other programs can open, too."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        return False
    in_memory = parts.database in (None, "", ":memory:")
    return not (parts.get_backend_name() == "sqlite" and in_memory)


def _file(url: str) -> Path:
    """Returns the file of an SQLite database."""
    from sqlalchemy.engine import make_url

    return Path(make_url(url).database or "").absolute()


def _remove_empty(path: Path) -> None:
    """Removes a database that was made and has nothing in it, as if the disk is full."""
    with suppress(OSError):
        if not path.stat().st_size:
            path.unlink()


def _check_file(url: str) -> None:
    """Raises StudyError if there is an SQLite file that is damaged or of another program.

    Optuna would add its tables to it, and fail only later.
    """
    from optuna.storages._rdb.models import BaseModel

    path = _file(url)
    if not path.is_file():
        return
    # Writable, so that SQLite can complete what a program that was killed had begun.
    with (
        storage_errors(url),
        closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=_WAIT)) as file,
    ):
        is_sound = file.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        found = {name for (name,) in file.execute(_TABLES)}
        tables = BaseModel.metadata.tables
        missing, others = set(tables) - found, found - set(tables) - {"alembic_version"}
        only_named_so = any(
            not _key(tables[name]) <= {row[1] for row in file.execute(f"PRAGMA table_info({name})")}
            for name in found & set(tables)
        )
        has_studies = "studies" in found and file.execute("SELECT 1 FROM studies").fetchone()
    if not is_sound:
        raise StudyError(f"the storage {shown(url)} cannot be used: its file is damaged")
    if only_named_so or (missing and others):
        raise StudyError(
            f"the storage {shown(url)} cannot be used: it is the database of another program"
        )
    if missing and has_studies:  # without any, a program is just creating the tables
        raise StudyError(
            f"the storage {shown(url)} cannot be used: it lacks the table {min(missing)}"
        )


def _key(table: Any) -> set[str]:
    """Returns the columns of the primary key, which tables of all versions of Optuna have."""
    return {column.name for column in table.primary_key}


def _take_the_lock_at_once(engine: Any) -> None:
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # sqlite3 begins no transaction of its own

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()  # of the connections that were opened before


def _is_of_database(error: BaseException) -> bool:
    """Whether it comes from the database, its driver or Optuna's care of them."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    kinds = (SQLAlchemyError, sqlite3.Error, OSError, ImportError)
    if isinstance(error, (*kinds, optuna.exceptions.StorageInternalError)):
        return True
    return isinstance(error, RuntimeError) and "table schema" in str(error)


def _is_raised_by_optuna(error: BaseException) -> bool:
    """Whether Optuna or SQLAlchemy failed, as they do in many ways if the content is damaged."""
    frames = traceback.walk_tb(error.__traceback__)
    modules = {frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in frames}
    return not modules.isdisjoint({"optuna", "sqlalchemy"}) and not isinstance(error, MemoryError)


def _reason(error: BaseException) -> str:
    if not _is_of_database(error):
        return f"its content is damaged ({one_line(repr(error))})"
    cause: BaseException = error
    while inner := cause.__cause__ or getattr(cause, "orig", None):
        cause = inner
    text = str(cause).strip().partition("\n")[0].rstrip(".")
    match text:
        case _ if "table schema" in text:
            return "it was made by another version of Optuna"
        case "database is locked":
            return f"another program has not released it for {_WAIT:.0f} seconds"
        case "database disk image is malformed":
            return "its file is damaged"
        case "file is not a database":
            return "its file is not a database"
        case _ if isinstance(cause, ImportError) or "Can't load plugin" in text:
            return f"its driver is missing: {printable(text)}"
    return printable(text) or type(cause).__name__
