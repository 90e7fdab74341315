"""What surfaces are made of: the colour, gloss and part label of each visible place."""
