"""The tables of a run file, which is an SQLite database.

Values that are not plain numbers or text are JSON. See the README for the columns.
"""

VERSION = 1
"""In `PRAGMA user_version`: of the tables below."""

APPLICATION_ID = 0x46544E31
"""In `PRAGMA application_id`: tells a run from another database."""

TABLES = {
    # What the run is and where it stands: one JSON value for each key.
    "meta": """CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
)""",
    # Branches: the steps of their parent up to `fork`, then their own up to `end`.
    "branches": """CREATE TABLE branches (
    branch INTEGER PRIMARY KEY,
    parent INTEGER,
    fork INTEGER NOT NULL,
    end INTEGER NOT NULL
)""",
    # Settings changed by hand after `step` steps; those with the same `together` at once.
    "changes": """CREATE TABLE changes (
    branch INTEGER NOT NULL,
    together INTEGER NOT NULL,
    position INTEGER NOT NULL,
    step INTEGER NOT NULL,
    setting TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    PRIMARY KEY (branch, together, position)
) WITHOUT ROWID""",
    # Each training step: loss (in nats) and accuracy of its batch, before the update.
    "steps": """CREATE TABLE steps (
    branch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    images INTEGER NOT NULL,
    loss REAL NOT NULL,
    accuracy REAL NOT NULL,
    learning_rate REAL NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (branch, step)
) WITHOUT ROWID""",
    # Evaluations of the network after `step` steps. For each image of the subset, `predicted` is
    # the class (uint8) and `true_probability` the probability of the true one (float16).
    "evaluations": """CREATE TABLE evaluations (
    branch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    subset TEXT NOT NULL,
    loss REAL NOT NULL,
    accuracy REAL NOT NULL,
    predicted BLOB,
    true_probability BLOB,
    PRIMARY KEY (branch, step, subset)
)""",
    # Statistics of the layers after `step` steps, on the next batch, which has `images` images.
    "layer_stats": """CREATE TABLE layer_stats (
    branch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    images INTEGER NOT NULL,
    layers TEXT NOT NULL,
    PRIMARY KEY (branch, step)
)""",
    # Complete states of the run: numbers as JSON here, arrays in the next table.
    "checkpoints": """CREATE TABLE checkpoints (
    branch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (branch, step)
)""",
    "arrays": """CREATE TABLE arrays (
    branch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (branch, step, name)
)""",
}

OPTIONAL = {"layer_stats"}
"""Tables that files of earlier versions lack; they are added when there is something for them."""
