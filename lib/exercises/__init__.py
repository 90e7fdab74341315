"""The checkers of the lessons' exercises, one module a lesson."""
