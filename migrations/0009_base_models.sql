-- What is behind a registered model: the ARN of an inference profile or of a custom model does not tell.

ALTER TABLE models ADD COLUMN base_model_id text;
COMMENT ON COLUMN models.base_model_id IS 'The id of the base model that it is, reaches or was made from, which says what it takes; null if no list told.';
