"""Face GAN Lab: the thin library that the notebooks share.

Data flows one way: photo or scene -> prepared dataset -> model -> run -> evaluation, and the
imports run the same way (see the README's map). Nothing heavy is imported here, so that
`python -m lib setup` works before anything is installed.
"""
