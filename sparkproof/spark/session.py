"""A user's Spark session: SQL goes from the client pod over Spark Connect; answers have rows or a refusal."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed, SparkproofError, first_line
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import GaveUp, TooSlow, eventually
from sparkproof.kube.places import Place, Streams, last_words

_REPL = Path(__file__).with_name("repl.py")
_LOOK_AROUND_S = 5.0
_WORDS = 100
# A generated statement is longer than the reason for which it is refused.
_STATEMENT = 300

Row = tuple[Any, ...]


def new_tag() -> str:
    """Return a job tag that no other statement has."""
    return f"sparkproof-{uuid.uuid4().hex[:12]}"


class SqlRefused(SparkproofError):
    """Spark refused a statement that had to succeed."""


@dataclass(frozen=True)
class Answer(evidence.Brought):
    """Spark's answer to one statement: rows of `columns`, or the message of its refusal, and the `seconds` it took.

    `tag` is the job tag by which the statement's jobs are found in Spark's history.
    """

    statement: str
    tag: str
    seconds: float
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    refusal: str | None = None

    @property
    def trouble(self) -> str | None:
        """Spark's refusal of the statement, in one sentence."""
        return None if self.refusal is None else f"Spark refused {_short(self.statement)}: {first_line(self.refusal)}"

    @property
    def to_read(self) -> str | None:
        """The rows of a query, which somebody asked for."""
        if not self.rows or not self.statement.lstrip().upper().startswith("SELECT"):
            return None
        return f"{self.statement!r} gave {len(self.rows)} rows"

    def table(self) -> str:
        """Return columns and rows as text, for evidence."""
        return "\n".join(" | ".join(str(cell) for cell in row) for row in [self.columns, *self.rows])

    def evidence(self) -> None:
        """Keep the statement and its rows or refusal."""
        evidence.attach("the last statement", f"{self.statement}\n\n{self.refusal or self.table()}")

    def must_succeed(self) -> "Answer":
        """Check that Spark executed the statement."""
        evidence.look_at(self)
        if self.refusal is not None:
            raise CheckFailed(f"Spark refused {_short(self.statement)}: {self.refusal}")
        return self

    def holds(self, rows: Sequence[Row]) -> bool:
        """True if the answer has exactly these rows, in any order."""
        return sorted(map(repr, self.rows)) == sorted(map(repr, rows))

    def must_hold(self, expected: Sequence[Row]) -> None:
        """Check that the answer has exactly these rows, in any order."""
        self.must_succeed()
        if not self.holds(expected):
            raise CheckFailed(f"{self.statement!r} gave {list(self.rows)}, not {list(expected)}.")
        evidence.prove(Level.EXECUTED, f"{self.statement} gave {len(self.rows)} rows as expected", rows=self.table())

    def must_be_refused(self, reason: str) -> None:
        """Check that Spark refused the statement and that its message contains `reason`."""
        evidence.look_at(self)
        if self.refusal is None:
            raise CheckFailed(f"{self.statement!r} was not refused; it gave {list(self.rows)}.")
        if reason not in self.refusal:
            raise CheckFailed(f"{self.statement!r} was refused, but not because of {reason!r}: {self.refusal}")
        evidence.prove(Level.EXECUTED, f"Spark refused {self.statement}", refusal=self.refusal)


def _short(statement: str) -> str:
    """Return a statement in quotes, a long one without its middle."""
    half = _STATEMENT // 2
    return repr(statement if len(statement) <= _STATEMENT else f"{statement[:half]} ... {statement[-half:]}")


@dataclass
class Client:
    """A client's long-lived Python process, which holds the sessions of its users.

    `url` is the server's URL without credentials; only the place's environment has these, unless the process is to be
    told the URL (`names_url`). `unrecoverable` returns why no answer can come any more, or None; `explain` returns the
    known causes of trouble. `python` is the command of the place's Python, which has pyspark.
    """

    place: Place
    url: str
    unrecoverable: Callable[[], str | None]
    explain: Callable[[], Sequence[Cause]]
    names_url: bool = False
    python: str = "python3"
    _channel: Streams | None = field(default=None, repr=False)

    def ask(self, within_s: float, **request: Any) -> dict[str, Any]:
        """Send one request and return the reply; raises GaveUp after `within_s` seconds, or when none can come."""
        channel = self.send(**request)
        try:
            line = eventually(
                f"Spark's answer to {request.get('sql', request['op'])!r}",
                lambda: channel.read_line(_LOOK_AROUND_S),
                lambda reply: reply is not None,
                within_s=within_s,
                unrecoverable=lambda reply: None if reply else self._gone(channel),
                explain=self.explain,
                every_s=0,
                on=On.CLIENT,
            )
        except (GaveUp, TooSlow):
            # The process still waits for its answer, so the next request starts a new process.
            self.close()
            raise
        reply: dict[str, Any] = json.loads(str(line))
        evidence.spend(On.SPARK, reply["seconds"], request.get("sql", request["op"])[:_WORDS])
        return reply

    def send(self, **request: Any) -> Streams:
        """Send one request; while its reply is unread on the streams, the process cannot serve other requests."""
        if self._channel is None:
            self._channel = self.place.exec([self.python, "-uc", _REPL.read_text()])
        self._channel.write_line(json.dumps(request))
        return self._channel

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _gone(self, channel: Streams) -> str | None:
        if not channel.open:
            return f"the client's process ended: {last_words(channel)}"
        return self.unrecoverable()


@dataclass(frozen=True)
class Session:
    """One user's session on a Spark Connect server."""

    client: Client
    name: str
    client_version: str
    server_version: str

    @classmethod
    def open(cls, client: Client, user: str = "") -> "Session":
        """Open a new session, of a user by name if one is given; raises SparkproofError when the server refuses it."""
        url = f"{client.url}/;user_id={user}" if user else client.url
        reply = client.ask(timeouts.SQL, op="open", **({"url": url} if user or client.names_url else {}))
        if "error" in reply:
            raise SparkproofError(f"Spark Connect at {client.url} opened no session: {reply['error']['message']}")
        return cls(client, reply["session"], reply["client"], reply["server"])

    @classmethod
    def try_connect(cls, client: Client, url: str) -> Answer:
        """Open a session at `url` and close it at once; a refusal is an answer."""
        reply = client.ask(timeouts.SQL, op="open", url=url)
        if "error" in reply:
            return Answer("a new session", "", reply["seconds"], refusal=reply["error"]["message"].strip())
        cls(client, reply["session"], reply["client"], reply["server"]).close()
        return Answer("a new session", "", reply["seconds"], ("server",), ((reply["server"],),))

    def sql(self, statement: str, tag: str = "") -> Answer:
        """Execute one statement, under a job tag of its own unless one is given; a refusal is an answer."""
        tag = tag or new_tag()
        reply = self.client.ask(timeouts.SQL, op="sql", session=self.name, sql=statement, tag=tag)
        return _answer(statement, tag, reply)

    def start(self, statement: str) -> "Started":
        """Start one statement; the session can execute others meanwhile."""
        started = Started(self, statement, new_tag())
        self.client.ask(timeouts.SQL, op="start", session=self.name, sql=statement, tag=started.tag)
        return started

    def run(self, statement: str) -> Answer:
        """Execute a statement that has to succeed, as for preparation; a refusal raises SqlRefused."""
        answer = self.sql(statement)
        evidence.look_at(answer)
        if answer.refusal is not None:
            raise SqlRefused(f"Spark refused {_short(statement)}: {answer.refusal}")
        return answer

    def submit_no_wait(self, statement: str) -> None:
        """Start one statement and do not read its answer; the session cannot be used afterwards."""
        self.client.send(op="sql", session=self.name, sql=statement, tag=new_tag())

    def explain(self, statement: str) -> tuple[str, list[str]]:
        """Return RAPIDS' explanation of the statement's plan, and the class names of the session's columnar rules.

        Only a session whose driver is the client's own process has them. Raises SqlRefused.
        """
        reply = self.client.ask(timeouts.SQL, op="explain", session=self.name, sql=statement)
        if "error" in reply:
            raise SqlRefused(f"Spark refused to plan {statement!r}: {reply['error']['message']}")
        return str(reply["explanation"]), list(reply["rules"])

    def rapids_settings(self) -> list[str]:
        """Return the names of all settings that RAPIDS has; needs the same session as `explain`. Raises SqlRefused."""
        reply = self.client.ask(timeouts.SQL, op="settings", session=self.name)
        if "error" in reply:
            raise SqlRefused(f"RAPIDS does not list its settings: {reply['error']['message']}")
        return list(reply["names"])

    def must_be_of(self, version: str) -> None:
        """Check that server and client are this version of Spark."""
        if {self.client_version, self.server_version} != {version}:
            raise CheckFailed(f"The client is {self.client_version}, the server {self.server_version}.")
        evidence.prove(Level.EXECUTED, f"Client and server are Spark {version}")

    def close(self) -> None:
        """End the session on the server."""
        self.client.ask(timeouts.SQL, op="close", session=self.name)


@dataclass(frozen=True)
class Started:
    """A statement that Spark executes in the background; `tag` is its job tag."""

    session: Session
    statement: str
    tag: str

    @property
    def is_answered(self) -> bool:
        """True if Spark has answered."""
        return self._reply() is not None

    def answer(self, within_s: float) -> Answer:
        """Wait for Spark's answer, which may be a refusal; raises GaveUp, with the known causes, when none comes."""
        reply = eventually(
            f"Spark's answer to {self.statement!r}",
            self._reply,
            lambda answer: answer is not None,
            within_s=within_s,
            explain=self.session.client.explain,
        )
        return _answer(self.statement, self.tag, reply)

    def _reply(self) -> Any:
        return self.session.client.ask(timeouts.SQL, op="poll", tag=self.tag)["answer"]

    def cancel(self) -> None:
        """Ask Spark to stop the statement; one that has ended is fine."""
        self.session.client.ask(timeouts.SQL, op="cancel", session=self.session.name, tag=self.tag)


def _answer(statement: str, tag: str, reply: dict[str, Any]) -> Answer:
    if "error" in reply:
        return Answer(statement, tag, reply["seconds"], refusal=reply["error"]["message"].strip())
    rows = tuple(tuple(row) for row in reply["rows"])
    return Answer(statement, tag, reply["seconds"], tuple(reply["columns"]), rows)
