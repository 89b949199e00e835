-- When a signing key is used is sealed with it from now on. Keys that were made before do not open any more: the next start
-- makes one. No release had any.
DELETE FROM signing_keys;

-- What can be read as a time by the service.
ALTER TABLE signing_keys
  ADD CHECK (published_at > '2000-01-01' AND signs_from < '9000-01-01');
COMMENT ON COLUMN signing_keys.published_at IS 'Since when whoever asks is told of it. Sealed with the key: changed, it does not open.';
COMMENT ON COLUMN signing_keys.signs_from IS 'When it begins to sign, in place of the one before; days after it was published, so that no cache lacks it. Sealed with the key: changed, it does not open.';

ALTER TABLE connections
  ADD COLUMN told_end timestamptz;
COMMENT ON COLUMN connections.told_end IS 'The end of its secret that the audit log was told of before it came; null if there was none.';
