-- Who may use which role, the right to refresh a Cognito token, and passwords that were refused.

-- Several tenants may hold a role that each proved with an external ID of its own, so the tenant joins the key.
DROP TABLE claims;
CREATE TABLE claims (
  hash bytea NOT NULL CHECK (length(hash) = 32),
  tenant_id uuid NOT NULL,
  is_proven boolean NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (hash, tenant_id)
);
COMMENT ON TABLE claims IS 'Which tenants hold a role. Read by the exact hash only; deleted when the operator releases it, another tenant proves it, or the tenant disconnects.';
COMMENT ON COLUMN claims.hash IS 'Keyed hash of the role ARN.';
COMMENT ON COLUMN claims.tenant_id IS 'Who holds the role.';
COMMENT ON COLUMN claims.is_proven IS 'Whether the role refused everything but this tenant''s own generated external ID or subject; otherwise the tenant entered an external ID, which proves nothing, and holds the role alone.';
COMMENT ON COLUMN claims.created_at IS 'Since when.';

ALTER TABLE accesses ADD COLUMN refresh_right_until timestamptz;
COMMENT ON COLUMN accesses.refresh_right_until IS 'cognito: until then one replica alone may use the refresh token.';

CREATE TABLE password_refusals (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  refused_at timestamptz NOT NULL
);
COMMENT ON TABLE password_refusals IS 'Cognito passwords that were refused: never tried again unasked. Deleted when the same one is taken after all.';
COMMENT ON COLUMN password_refusals.hash IS 'Keyed hash of tenant, user pool, app client, user name and password.';
COMMENT ON COLUMN password_refusals.refused_at IS 'When it was last tried.';

CREATE TABLE password_attempts (
  hash bytea PRIMARY KEY CHECK (length(hash) = 32),
  made_at timestamptz[] NOT NULL
);
COMMENT ON TABLE password_attempts IS 'Attempts to sign in that were refused or have not ended: so that all tenants together lock no user out.';
COMMENT ON COLUMN password_attempts.hash IS 'Keyed hash of user pool and user name.';
COMMENT ON COLUMN password_attempts.made_at IS 'When, within the last quarter of an hour.';
