"""One leaderboard: every shipped system and its baselines on the same people, whom none has seen.

    held = held_out.prepare(folder, people=50, captures=2)
    known = held_out.known(folder, people=40)
    board = masks.board(masks.results(held, known), held)
    board.table()                                          # a row a way, doing nothing among them
    groups.by_group(board.scores["S3: two critics"]["PSNR inside"], held)
    chains.board(chains.results(held, chains.Told(held), chains.steps()), held).table()

A module a task: `masks`, `shine`, `parts`, `photos`. Each makes results by name, and a `Board`
of scores, one row a picture, from which means, groups and rankings follow.
"""

from lib.leaderboard.boards import Board
from lib.leaderboard.held_out import HeldOut

__all__ = ["Board", "HeldOut"]
