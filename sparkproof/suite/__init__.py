"""One run of the suite: settings, tags, the cluster it is aimed at, and the pages that follow from the code."""
