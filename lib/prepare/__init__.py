"""Datasets ready for training: rendered faces, folders of photos, photos with fitted renders.

from lib.prepare import sources

faces = sources.rendered("data/prepared/faces64", identities=500, captures=4, size=64)
"""
