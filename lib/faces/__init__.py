"""Photos in; where the faces are, how they are turned and who they are out."""
