"""From parameters to pictures with exact ground truth: a parametric head and its renderer."""
