-- What happened to each device lately. Params are JSON.
CREATE TABLE device_activity (
  id     INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  at     INTEGER NOT NULL,
  what   TEXT NOT NULL,
  params TEXT NOT NULL
) STRICT;

CREATE INDEX device_activity_by_device ON device_activity (device, id);
