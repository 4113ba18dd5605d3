"""The tests, by what they need: unit nothing, cluster the embedded one, sabotage a whole run."""
