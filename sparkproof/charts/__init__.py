"""The charts under test: rendered, validated, measured for coverage, and put together from shared parts."""
