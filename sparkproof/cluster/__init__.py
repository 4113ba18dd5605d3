"""The cluster that a run is aimed at: reached, probed, and held to what its owner promised."""
