"""Opens the SQLite database of a run, and checks that it is one."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from core.errors import RunError, os_reason
from core.runs.schema import APPLICATION_ID, OPTIONAL, TABLES, VERSION
from core.text import printable

_WAIT = 5.0  # seconds for another program to finish writing
_UNFINISHED = (sqlite3.SQLITE_READONLY_ROLLBACK, sqlite3.SQLITE_READONLY_RECOVERY)
_LOCKING = (
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK),
    *(sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK, sqlite3.SQLITE_PERM),
)
_MALFORMED = "malformed database schema"
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
_PAGE = 16_384  # bytes; writing arrays takes less processor time than with SQLite's 4,096
_MAX_VALUE = 600_000_000  # bytes of one array
_MAX_COPY = 1_000_000_000  # bytes of a copy in memory
_SCHEMA = {("table", name, text) for name, text in TABLES.items()}


def open_empty(path: Path) -> sqlite3.Connection:
    """Opens an empty file, which no other program uses, as a database. Raises sqlite3.Error."""
    connection = _connect(path, "rw", wait=0)
    connection.execute(f"PRAGMA page_size = {_PAGE}")
    return connection


def reason(error: Exception) -> str:
    """Returns why a file cannot be read or written, to end a sentence with."""
    if getattr(error, "sqlite_errorcode", None) in _LOCKING:
        return (
            "another program has locked it, or its file system has no locks, as on some network "
            "drives; --runs chooses another directory"
        )
    return printable(without_sql(os_reason(error)))


def without_sql(message: str) -> str:
    """Returns the message of an error, without the SQL of a file whose tables are damaged."""
    return "its list of tables is damaged" if message.startswith(_MALFORMED) else message


def create_tables(connection: sqlite3.Connection) -> None:
    """Makes an empty database that of a run. Call it within a transaction."""
    for table in TABLES.values():
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def open_for_reading(path: Path, *, at_once: bool = False) -> sqlite3.Connection:
    """Opens the database of a run. Raises RunError.

    If a program was killed while it wrote, this completes or undoes its last transaction.

    at_once: whether everything read until it is closed is one transaction. This is faster, because
    the file is locked once, but a program that writes to the file has to wait.
    """
    try:
        connection = _checked(path, "ro")
    except RunError as error:
        if getattr(error.__cause__, "sqlite_errorcode", None) not in _UNFINISHED:
            raise
        connection = _checked(path, "rw")
    if not at_once:
        connection.execute("COMMIT")
    return connection


def open_copy(path: Path) -> sqlite3.Connection:
    """Copies the database of a run into memory as it is now, and opens the copy. Raises RunError.

    What another program writes later is not in it.
    """
    with closing(open_for_reading(path)) as source:
        memory = _protected(sqlite3.connect(":memory:", isolation_level=None))
        try:
            [pages] = source.execute("PRAGMA page_count").fetchone()
            [page_size] = source.execute("PRAGMA page_size").fetchone()
            if pages * page_size > _MAX_COPY:
                raise RunError(f"{path} is too large to be copied into memory")
            source.backup(memory)
            _check(memory, path)
        except sqlite3.Error as error:
            memory.close()
            raise RunError(f"{path} cannot be read as a run: {reason(error)}") from error
        except RunError:
            memory.close()
            raise
        return memory


def open_content(content: bytes) -> sqlite3.Connection:
    """Opens the content of a file that this program made, in memory."""
    memory = _protected(sqlite3.connect(":memory:", isolation_level=None))
    memory.deserialize(content)
    return memory


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Opens the database of a run. Raises RunError."""
    connection = _checked(path, "rw")
    connection.execute("COMMIT")
    return connection


@contextmanager
def small_change(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction that changes what is known about a run."""
    with closing(open_for_writing(path)) as connection, connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def is_full(error: Exception) -> bool:
    """Returns whether the error says that the disk, or the user's share of it, is full."""
    return getattr(error, "sqlite_errorcode", None) in _FULL


def _connect(path: Path, mode: str, *, wait: float | None = None) -> sqlite3.Connection:
    # Slashes are quoted, too, because two at the beginning would name a host.
    address = f"file:{quote(os.fsencode(path.absolute()), safe='')}?mode={mode}"
    # Autocommit, so that transactions begin and end where the code says so.
    wait = _WAIT if wait is None else wait
    connection = _protected(sqlite3.connect(address, wait, uri=True, isolation_level=None))
    if mode == "rw":
        # Some systems overwrite what is deleted, which costs as much disk as what is written.
        connection.execute("PRAGMA secure_delete = OFF")
    return connection


def _protected(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE)
    # Nothing in a file from elsewhere is executed.
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _checked(path: Path, mode: str) -> sqlite3.Connection:
    """Opens a file and checks that it is a run, in a transaction that is still open then."""
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {os_reason(error)}") from error
    if not stat.S_ISREG(status.st_mode):
        raise RunError(f"{path} is not a file")
    if not status.st_size:
        raise RunError(f"{path} cannot be read as a run: it is empty")
    connection = None
    try:
        connection = _connect(path, mode)
        connection.execute("BEGIN")  # or each query would lock the file and look for a journal
        _check(connection, path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if connection:
            connection.close()
        raise RunError(f"{path} cannot be read as a run: {reason(error)}") from error
    except RunError:
        if connection:
            connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise RunError(f"{path} is not a run of fashion-tui")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != VERSION:
        age = "a newer" if version > VERSION else "an older"
        raise RunError(
            f"{path} has format {version}, of {age} fashion-tui; this one reads format {VERSION}"
        )
    # Of the indexes, those that SQLite makes for a primary key have no text.
    schema = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type <> 'index' OR sql IS NOT NULL"
    ).fetchall()
    missing = {name for _, name, _ in _SCHEMA.difference(schema)}
    if not missing <= OPTIONAL or len(schema) + len(missing) != len(_SCHEMA):
        raise RunError(f"{path} has other tables than a run of fashion-tui")
