-- One machine's journal. Rows of `records` are written once and never again; all else may be rebuilt or asked for again.

CREATE TABLE records (
  seq INTEGER PRIMARY KEY,           -- 1, 2, 3 ... without gaps
  kind TEXT NOT NULL,                -- intent, granted, refused, offline, final, booted, noted
  key TEXT,                          -- of the intent this record belongs to
  item TEXT,                         -- of that intent
  pseudonym TEXT,                    -- of that intent
  bytes BLOB NOT NULL,               -- the record, canonical JSON; the columns above only repeat it
  hash BLOB NOT NULL                 -- sha256(hash before, as hex + bytes)
) STRICT;

-- A key is minted once. Other records of a key follow their intent, so this one index finds them all.
CREATE UNIQUE INDEX intents ON records (key) WHERE kind = 'intent';

CREATE TRIGGER records_without_gaps BEFORE INSERT ON records
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM records)
BEGIN SELECT RAISE(ABORT, 'records are numbered without gaps'); END;

CREATE TRIGGER records_never_change BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;

CREATE TRIGGER records_never_go BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;

-- 'identity' (who, since when) and 'progress' (what the gateway has, clocks), each with its own hash: a flipped bit in
-- a watermark would otherwise silently drop records from the outbox.
CREATE TABLE state (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,               -- JSON
  hash BLOB NOT NULL                 -- sha256(value)
) STRICT;

-- Secrets of the pseudonyms. Destroying a day's secret leaves its pseudonyms as noise; the chain stays whole.
CREATE TABLE day_secrets (
  day TEXT PRIMARY KEY,              -- ISO date
  secret BLOB NOT NULL
) STRICT;
