-- Refusals are looked for among everything that was done, and are few.
CREATE INDEX audit_records_refused ON audit_records (sequence) WHERE error_code IS NOT NULL;
