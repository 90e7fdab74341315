"""Networks and losses joined into trainable models: the adversarial base, a file per system."""
