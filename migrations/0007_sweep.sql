-- Which replica does what one alone should do, and when connections are looked at without anybody asking.

CREATE TABLE leases (
  work text PRIMARY KEY,
  holder uuid NOT NULL,
  term bigint NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE leases IS 'Leadership: which replica does a piece of work that one alone should do. By the database''s time, so that replicas need not agree about theirs.';
COMMENT ON COLUMN leases.work IS 'The work: sweep, ….';
COMMENT ON COLUMN leases.holder IS 'The replica that leads: a number that it drew when it started.';
COMMENT ON COLUMN leases.term IS 'Counts changes of the holder. Whoever writes as the leader holds the row at its term, so that one that was overtaken writes nothing.';
COMMENT ON COLUMN leases.expires_at IS 'From then on another may take it; renewed by the holder before.';

ALTER TABLE connections
  ADD COLUMN swept_at timestamptz,
  ADD COLUMN sweep_at timestamptz,
  ADD COLUMN refusals smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN connections.swept_at IS 'When the sweep last looked at it; null if never.';
COMMENT ON COLUMN connections.sweep_at IS 'When the sweep looks at it next; null for an interval after the last test, or when its secret is about to end.';
COMMENT ON COLUMN connections.refusals IS 'How many looks of the sweep in a row met a refusal.';
