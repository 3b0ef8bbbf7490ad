-- The phone source that a token lets its holder send to, and nothing else; null: everything.
ALTER TABLE tokens ADD COLUMN source TEXT;
