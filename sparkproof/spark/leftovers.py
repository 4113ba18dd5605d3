"""The session in which tagged jobs ran, after its user's work has ended: closed, or left on the server."""

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.spark.history import DriverRest
from sparkproof.spark.session import Client, Session

# Spark's name for a session that its client or the server has ended.
_CLOSED = "SESSION_CLOSED"


def must_be_closed(history: DriverRest, client: Client, tag: str) -> None:
    """Check that the server has closed the only session of the jobs that carry `tag`: nobody may go on in it."""
    again = Session.try_connect(client, _url(history, client, tag))
    if again.refusal is None:
        evidence.look_at(again)
        raise CheckFailed(
            f"The session of {tag} is still open on the server: its client has ended, and did not close it."
        )
    again.must_be_refused(_CLOSED)


def must_be_open(history: DriverRest, client: Client, tag: str) -> None:
    """Check that the only session of the jobs that carry `tag` is still open: somebody may go on in it."""
    Session.try_connect(client, _url(history, client, tag)).must_succeed()
    evidence.prove(Level.EXECUTED, f"The session of {tag} is still open")


def _url(history: DriverRest, client: Client, tag: str) -> str:
    users, sessions = sorted(history.users(tag)), sorted(history.sessions(tag))
    if len(users) != 1 or len(sessions) != 1:
        raise CheckFailed(f"The jobs of {tag} are of the sessions {sessions or 'of nobody'}, not of one.")
    # A user whose machine gives no name has none.
    user = f"user_id={users[0]};" if users[0] else ""
    return f"{client.url}/;{user}session_id={sessions[0]}"
