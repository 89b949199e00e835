-- The platform's own tables. They hold no tenant data: ids, names and keyed hashes only.

CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  ref text NOT NULL CHECK (char_length(ref) BETWEEN 1 AND 128),
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
  state text NOT NULL CHECK (state IN ('active', 'suspended', 'deleted')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  -- The nil id is the platform's own space in the tenant tables, never a tenant.
  CHECK (id <> '00000000-0000-0000-0000-000000000000')
);
-- A ref is free again once its tenant is deleted.
CREATE UNIQUE INDEX tenants_ref ON tenants (ref) WHERE state <> 'deleted';
COMMENT ON TABLE tenants IS 'The customers of the platform. A deleted one stays as a tombstone, so that its id is never given again.';
COMMENT ON COLUMN tenants.id IS 'ten_… without its prefix; UUIDv7.';
COMMENT ON COLUMN tenants.ref IS 'The platform''s own id for the tenant.';
COMMENT ON COLUMN tenants.name IS 'A name for people.';
COMMENT ON COLUMN tenants.state IS 'active; suspended: every call answers 403, nothing is deleted; deleted: its data is gone.';
COMMENT ON COLUMN tenants.created_at IS 'When it was provisioned.';
COMMENT ON COLUMN tenants.updated_at IS 'When its name or state last changed.';

CREATE TABLE changes (
  number bigint PRIMARY KEY,
  kind text NOT NULL,
  tenant_id uuid,
  subject uuid,
  at timestamptz NOT NULL
);
CREATE INDEX changes_at ON changes (at);
COMMENT ON TABLE changes IS 'What replicas must forget, in the order of commit. Ids and kinds only.';
COMMENT ON COLUMN changes.number IS 'From change_counter: gapless, and in the order of commit.';
COMMENT ON COLUMN changes.kind IS 'What changed: tenant, api_key, session, master_key, …';
COMMENT ON COLUMN changes.tenant_id IS 'Whose it is; null for the whole platform.';
COMMENT ON COLUMN changes.subject IS 'Which one changed; null for all of its kind.';
COMMENT ON COLUMN changes.at IS 'When; old changes are pruned by it.';

CREATE TABLE change_counter (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  value bigint NOT NULL
);
INSERT INTO change_counter (value) VALUES (0);
COMMENT ON TABLE change_counter IS 'One row. Its lock, held from the number to the commit, puts changes in the order of commit; a sequence would not.';
COMMENT ON COLUMN change_counter.id IS 'Always true: there is one row.';
COMMENT ON COLUMN change_counter.value IS 'The number of the last change.';

CREATE TABLE external_ids (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  tenant_id uuid NOT NULL,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE external_ids IS 'Every external ID we generated, so that none is ever another tenant''s. Inserted once, read by the exact hash only.';
COMMENT ON COLUMN external_ids.hash IS 'Keyed hash of the external ID.';
COMMENT ON COLUMN external_ids.tenant_id IS 'Whose it is, for ever.';
COMMENT ON COLUMN external_ids.created_at IS 'When it was generated.';

CREATE TABLE claims (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  tenant_id uuid NOT NULL,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE claims IS 'Which tenant holds a role that it connected with an entered external ID. Inserted once, read by the exact hash only, deleted when the operator releases it.';
COMMENT ON COLUMN claims.hash IS 'Keyed hash of the role ARN.';
COMMENT ON COLUMN claims.tenant_id IS 'Who holds the role.';
COMMENT ON COLUMN claims.created_at IS 'Since when.';

CREATE TABLE master_keys (
  version integer PRIMARY KEY CHECK (version > 0),
  check_value bytea NOT NULL CHECK (length(check_value) = 32),
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX master_keys_active ON master_keys (is_active) WHERE is_active;
COMMENT ON TABLE master_keys IS 'The versions of the master key ever used here. The keys themselves are never in the database.';
COMMENT ON COLUMN master_keys.version IS 'The number in the key file.';
COMMENT ON COLUMN master_keys.check_value IS 'Derived from the key: refuses another key under the same version.';
COMMENT ON COLUMN master_keys.is_active IS 'The version that seals; exactly one.';
COMMENT ON COLUMN master_keys.created_at IS 'When the version was first used.';

CREATE TABLE platform_secrets (
  name text PRIMARY KEY,
  format smallint NOT NULL,
  data_key_id uuid NOT NULL,
  wrapped_by integer NOT NULL REFERENCES master_keys (version),
  wrapped_key bytea NOT NULL,
  ciphertext bytea NOT NULL,
  updated_at timestamptz NOT NULL
);
COMMENT ON TABLE platform_secrets IS 'Secrets of the service itself, sealed; none belongs to a tenant.';
COMMENT ON COLUMN platform_secrets.name IS 'hash_key: the key of every keyed hash in this database; it outlives master keys.';
COMMENT ON COLUMN platform_secrets.format IS 'The envelope''s format.';
COMMENT ON COLUMN platform_secrets.data_key_id IS 'Names the data key; bound into both layers.';
COMMENT ON COLUMN platform_secrets.wrapped_by IS 'The master-key version that wraps the data key.';
COMMENT ON COLUMN platform_secrets.wrapped_key IS 'ENCRYPTED: the data key under the master key (AES-256-GCM).';
COMMENT ON COLUMN platform_secrets.ciphertext IS 'ENCRYPTED: the secret under its data key (AES-256-GCM).';
COMMENT ON COLUMN platform_secrets.updated_at IS 'When it was last sealed or re-wrapped.';
