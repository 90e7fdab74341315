"""Hair: where it grows, how it falls, and how light plays on it."""
