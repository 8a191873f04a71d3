-- When a trace entry came: it is kept for so long. 0 for those that came before this was noted, which go first.
ALTER TABLE trace ADD COLUMN came_us INTEGER NOT NULL DEFAULT 0;
