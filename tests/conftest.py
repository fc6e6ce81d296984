"""What all tests share: no window for figures, no time limit on a busy machine."""

import os

from hypothesis import settings

os.environ["MPLBACKEND"] = "agg"
settings.register_profile("study", deadline=None)
settings.load_profile("study")
