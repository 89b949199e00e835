-- What tenants used, by day.

CREATE TABLE usage_days (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  day date NOT NULL,
  connection_id uuid NOT NULL,
  model_id uuid NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('answered', 'refused', 'throttled', 'failed', 'cancelled')),
  alias text NOT NULL,
  invoke_id text NOT NULL,
  requests bigint NOT NULL,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cache_read_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  latency_ms bigint NOT NULL,
  PRIMARY KEY (tenant_id, day, connection_id, model_id, outcome)
);
ALTER TABLE usage_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_days FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON usage_days USING (tenant_id = current_tenant());
COMMENT ON TABLE usage_days IS 'What conversations used, summed up by day, connection, model and outcome. Outlives both connection and model.';
COMMENT ON COLUMN usage_days.tenant_id IS 'Whose usage.';
COMMENT ON COLUMN usage_days.day IS 'The day in UTC on which the requests ended.';
COMMENT ON COLUMN usage_days.connection_id IS 'The connection it went over; it may be gone.';
COMMENT ON COLUMN usage_days.model_id IS 'The registered model; it may be gone.';
COMMENT ON COLUMN usage_days.outcome IS 'answered, refused (AWS said no), throttled, failed (no answer, or one that broke), or cancelled (the client went away).';
COMMENT ON COLUMN usage_days.alias IS 'What callers named the model by, the last time.';
COMMENT ON COLUMN usage_days.invoke_id IS 'What AWS was asked for, the last time.';
COMMENT ON COLUMN usage_days.requests IS 'How many.';
COMMENT ON COLUMN usage_days.input_tokens IS 'Tokens read anew, as AWS counts them.';
COMMENT ON COLUMN usage_days.output_tokens IS 'Tokens written.';
COMMENT ON COLUMN usage_days.cache_read_tokens IS 'Tokens read from a prompt cache.';
COMMENT ON COLUMN usage_days.cache_write_tokens IS 'Tokens written to a prompt cache.';
COMMENT ON COLUMN usage_days.latency_ms IS 'Milliseconds from request to the end of the answer, all added up.';
