-- The keys with which the service signs as an OpenID Connect issuer.

CREATE TABLE signing_keys (
  id uuid PRIMARY KEY,
  published_at timestamptz NOT NULL,
  signs_from timestamptz NOT NULL,
  format smallint NOT NULL,
  data_key_id uuid NOT NULL,
  wrapped_by integer NOT NULL REFERENCES master_keys (version),
  wrapped_key bytea NOT NULL,
  ciphertext bytea NOT NULL,
  updated_at timestamptz NOT NULL,
  CHECK (signs_from >= published_at)
);
COMMENT ON TABLE signing_keys IS 'Keys of the OIDC issuer, the same for all tenants. A key is published as long as it is here: first ahead of its time, then while it signs, then retired. Which of these holds follows from the times alone: the latest one whose time has come signs.';
COMMENT ON COLUMN signing_keys.id IS 'sig_… without its prefix; UUIDv7. With the prefix it is the key id in tokens.';
COMMENT ON COLUMN signing_keys.published_at IS 'Since when whoever asks is told of it.';
COMMENT ON COLUMN signing_keys.signs_from IS 'When it begins to sign, in place of the one before; days after it was published, so that no cache lacks it.';
COMMENT ON COLUMN signing_keys.format IS 'The envelope''s format.';
COMMENT ON COLUMN signing_keys.data_key_id IS 'Names the data key; bound into both layers.';
COMMENT ON COLUMN signing_keys.wrapped_by IS 'The master-key version that wraps the data key.';
COMMENT ON COLUMN signing_keys.wrapped_key IS 'ENCRYPTED: the data key under the master key (AES-256-GCM).';
COMMENT ON COLUMN signing_keys.ciphertext IS 'ENCRYPTED: the private key under its data key (AES-256-GCM). The public key is made from it: whoever writes to the database publishes none of its own.';
COMMENT ON COLUMN signing_keys.updated_at IS 'When it was last sealed or re-wrapped.';
