"""Networks and losses joined into trainable models: the adversarial base, and one file per system."""
