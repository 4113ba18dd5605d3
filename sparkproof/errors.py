"""The errors that a user is meant to read: one sentence that says what is wrong and what to do."""


class SparkproofError(Exception):
    """Something outside the code is wrong (input, machine, cluster); its text is shown without a traceback."""


class UsageError(SparkproofError):
    """What the user asked for cannot be understood: an unknown setting, tag, version, context or file."""


class CheckFailed(AssertionError):
    """A check of a criterion did not hold; behave reports the step as failed, not as an error."""
