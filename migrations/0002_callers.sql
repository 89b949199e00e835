-- Who calls, and what they did. From here on every table is a tenant table: its key begins with tenant_id and
-- row-level security is forced on it. Rows of the nil tenant are the platform's own (operator keys and what
-- operators do), so api_keys, sessions, idempotency_keys and audit_events do not refer to tenants.

-- The tenant of the running transaction; null, and so no row at all, outside of one.
CREATE FUNCTION current_tenant() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('bi.tenant', true), '')::uuid;
COMMENT ON FUNCTION current_tenant() IS 'The tenant whose rows this transaction may see: the setting bi.tenant, set per transaction.';

CREATE TABLE api_keys (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
  role text NOT NULL CHECK (role IN ('viewer', 'member', 'admin', 'operator')),
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  hint text NOT NULL CHECK (char_length(hint) = 4),
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, secret_hash),
  -- Operator keys belong to the platform, and the platform has no others.
  CHECK ((role = 'operator') = (tenant_id = '00000000-0000-0000-0000-000000000000'))
);
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys USING (tenant_id = current_tenant());
COMMENT ON TABLE api_keys IS 'API keys of this service. A revoked key is deleted; the audit log remembers it.';
COMMENT ON COLUMN api_keys.tenant_id IS 'Whose key; nil for the platform''s operators.';
COMMENT ON COLUMN api_keys.id IS 'key_… without its prefix; UUIDv7.';
COMMENT ON COLUMN api_keys.name IS 'A name for people.';
COMMENT ON COLUMN api_keys.role IS 'What the key allows: viewer, member, admin; operator for the platform''s.';
COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256 of the 256 random bits in the key; the key itself is shown once and not kept.';
COMMENT ON COLUMN api_keys.hint IS 'The last four characters, to tell keys apart.';
COMMENT ON COLUMN api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN api_keys.created_by IS 'The actor who made it.';
COMMENT ON COLUMN api_keys.expires_at IS 'From when it is refused; null for never.';
COMMENT ON COLUMN api_keys.last_used_at IS 'When it was last used, up to a minute late.';

CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  api_key_id uuid NOT NULL,
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, secret_hash),
  FOREIGN KEY (tenant_id, api_key_id) REFERENCES api_keys (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_api_key ON sessions (tenant_id, api_key_id);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions USING (tenant_id = current_tenant());
COMMENT ON TABLE sessions IS 'Console sessions. A session ends with its key.';
COMMENT ON COLUMN sessions.tenant_id IS 'Whose session.';
COMMENT ON COLUMN sessions.id IS 'ses_… without its prefix; UUIDv7.';
COMMENT ON COLUMN sessions.api_key_id IS 'The key it was exchanged for; gives the role.';
COMMENT ON COLUMN sessions.secret_hash IS 'SHA-256 of the 256 random bits in the cookie.';
COMMENT ON COLUMN sessions.created_at IS 'When the user signed in.';
COMMENT ON COLUMN sessions.expires_at IS 'From when the cookie is refused.';

CREATE TABLE idempotency_keys (
  tenant_id uuid NOT NULL,
  key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
  request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
  claimed_until timestamptz NOT NULL,
  status smallint,
  resource text,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, key_hash)
);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys USING (tenant_id = current_tenant());
COMMENT ON TABLE idempotency_keys IS 'Requests that must not be carried out twice. Never a body, never a new key.';
COMMENT ON COLUMN idempotency_keys.tenant_id IS 'Whose request; nil for the platform''s own.';
COMMENT ON COLUMN idempotency_keys.key_hash IS 'Keyed hash of the caller and the header Idempotency-Key.';
COMMENT ON COLUMN idempotency_keys.request_hash IS 'Keyed hash of operation and body: another request under the same key is refused.';
COMMENT ON COLUMN idempotency_keys.claimed_until IS 'Until then the first request may still be at work; after that, without a status, it died and another may try.';
COMMENT ON COLUMN idempotency_keys.status IS 'The HTTP status of the answer; null while in flight. Set in the transaction that did the work.';
COMMENT ON COLUMN idempotency_keys.resource IS 'The id of what was made or changed.';
COMMENT ON COLUMN idempotency_keys.expires_at IS 'When it is forgotten: 24 hours after the request.';

CREATE TABLE audit_events (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  by_platform boolean NOT NULL,
  action text NOT NULL,
  subject text,
  request_id text,
  aws_account_id text,
  aws_request_ids text[] NOT NULL DEFAULT '{}',
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_events USING (tenant_id = current_tenant());
COMMENT ON TABLE audit_events IS 'Who did what. Written in the transaction that did it; the runtime role may not change it.';
COMMENT ON COLUMN audit_events.tenant_id IS 'Whose log; nil for what concerns the platform alone.';
COMMENT ON COLUMN audit_events.id IS 'evt_… without its prefix; UUIDv7.';
COMMENT ON COLUMN audit_events.at IS 'When.';
COMMENT ON COLUMN audit_events.actor_kind IS 'api_key, session, user or command_line.';
COMMENT ON COLUMN audit_events.actor_id IS 'Which of them.';
COMMENT ON COLUMN audit_events.by_platform IS 'Whether an operator did it, not the tenant.';
COMMENT ON COLUMN audit_events.action IS 'What: tenant.created, api_key.revoked, …';
COMMENT ON COLUMN audit_events.subject IS 'The id of what it was done to.';
COMMENT ON COLUMN audit_events.request_id IS 'The x-request-id; null from the command line.';
COMMENT ON COLUMN audit_events.aws_account_id IS 'The AWS account it reached.';
COMMENT ON COLUMN audit_events.aws_request_ids IS 'AWS''s own request ids, to find it in CloudTrail.';
COMMENT ON COLUMN audit_events.detail IS 'What else is worth knowing; never a secret.';
