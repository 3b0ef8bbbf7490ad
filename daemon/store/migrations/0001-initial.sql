-- Small facts that outlive the process. Values are JSON.
CREATE TABLE state (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who did what; times are epoch ms here and below.
CREATE TABLE audit (
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  params  TEXT NOT NULL
) STRICT;

-- Clustered by room: history and pruning both read one room's stretch of time.
CREATE TABLE moods (
  room          TEXT NOT NULL,
  at            INTEGER NOT NULL,
  label         TEXT NOT NULL,
  emotion       TEXT NOT NULL,
  probabilities TEXT NOT NULL,
  valence       REAL NOT NULL,
  arousal       REAL NOT NULL,
  stress        REAL NOT NULL,
  hidden_stress INTEGER NOT NULL,
  confidence    REAL NOT NULL,
  occupancy     INTEGER,
  people        INTEGER,
  contributions TEXT NOT NULL,
  PRIMARY KEY (room, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE password (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  record TEXT NOT NULL
) STRICT;

CREATE TABLE tokens (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  hash         TEXT NOT NULL UNIQUE,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash       TEXT PRIMARY KEY,
  user       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sealed by the vault's key, which is not in here.
CREATE TABLE vault (
  name   TEXT PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
