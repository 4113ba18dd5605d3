"""The alerts of a platform: the rules that its chart ships, as a Prometheus evaluates them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually, watch
from sparkproof.kube.objects import PROMETHEUS_RULE
from sparkproof.observability.prometheus import Alert, Prometheus, start_of
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads


@dataclass(frozen=True)
class Alerts:
    """The alerts about a platform in the cluster's Prometheus."""

    prometheus: Prometheus
    workloads: Workloads

    @classmethod
    def of(cls, platform: Platform) -> "Alerts":
        """Return the platform's alerts as soon as Prometheus evaluates each of its rules; raises GaveUp with faults."""
        alerts = cls(Prometheus.on(platform.workloads.kube), platform.workloads)
        eventually(
            "a Prometheus that evaluates all rules of the platform",
            lambda: alerts.faults,
            lambda faults: not faults,
            within_s=timeouts.TARGETS,
        )
        return alerts

    @property
    def rules(self) -> Mapping[str, str]:
        """The queries of the alerts that the platform's rules define, by name."""
        found = self.workloads.of_kind(PROMETHEUS_RULE)
        groups = [group for each in found for group in each["spec"]["groups"]]
        return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}

    @property
    def faults(self) -> list[str]:
        """A sentence for each rule that Prometheus does not know or cannot evaluate, or for the lack of any rule."""
        known, rules = {rule.name: rule for rule in self.prometheus.rules(self.workloads.namespace)}, self.rules
        if not rules:
            return ["the platform has no rules of alerts"]
        unknown = [
            f"{name} is not known to Prometheus as it is"
            for name, query in rules.items()
            if name not in known or not self.prometheus.are_equal(query, known[name].expression)
        ]
        return unknown + [f"{rule.name} cannot be evaluated: {rule.fault}" for rule in known.values() if rule.fault]

    @property
    def held(self) -> list[Alert]:
        """The alerts that are pending or firing now."""
        return self.prometheus.alerts(self.workloads.namespace)

    def await_silence(self) -> None:
        """Wait until no alert fires: what was counted before is forgotten; raises GaveUp with those that go on."""
        eventually(
            "the end of alerts of before",
            lambda: self._told("firing"),
            lambda told: not told,
            within_s=timeouts.ALERTS_END,
        )

    def must_have_data(self) -> None:
        """Wait until there is a number for every series that the rules use; raises GaveUp with those that are empty."""
        since = start_of(self.workloads)
        eventually(
            "a number of every series that the alerts' rules use",
            lambda: {
                rule.name: empty
                for rule in self.prometheus.rules(self.workloads.namespace)
                if (empty := self.prometheus.empty_in(rule.expression, since))
            },
            lambda empty: not empty,
            within_s=timeouts.METRICS,
        )
        evidence.prove(Level.EXECUTED, f"Every series of {', '.join(self.rules)} has data")

    def must_fire(self, name: str, words: str = "") -> None:
        """Wait until the alert of this name, whose summary has these words, fires; raises GaveUp with those held."""
        awaited = f"the alert {name} that says {words!r}" if words else f"the alert {name}"
        seen = eventually(
            awaited,
            lambda: [each for each in self.held if words in each.summary or each.name != name],
            lambda held: any(each.name == name and each.state == "firing" for each in held),
            within_s=timeouts.ALERT,
            show=lambda held: {each.name: each.state for each in held} or "no alert",
        )
        evidence.prove(Level.EXECUTED, f"{name} fires", alerts=[*map(vars, seen)])

    def must_not_fire(self, name: str) -> None:
        """Check that the alert of this name does not fire, and watch that it stays so; raises GaveUp, CheckFailed.

        A program that has just started may be about to raise it, until its own numbers are read.
        """
        if name not in self.rules:
            raise CheckFailed(f"The platform has no alert {name}, so that it could not fire.")
        eventually(
            f"the end of what is about to raise the alert {name}",
            lambda: self._states(name),
            lambda states: "pending" not in states,
            within_s=timeouts.METRICS,
        )
        if states := [state for seen in watch(lambda: self._states(name)) for state in seen]:
            raise CheckFailed(f"The alert {name} is {states[0]}, though nothing of its kind is wrong.")
        evidence.prove(Level.EXECUTED, f"{name} does not fire")

    def must_be_silent(self) -> None:
        """Wait until no alert fires and none is about to, and watch that none fires; raises GaveUp, CheckFailed.

        Executors on their way may be about to raise one, which has to end by itself, as one of before has.
        """
        eventually("a healthy platform without alerts", self._told, lambda told: not told, within_s=timeouts.ALERTS_END)
        if fired := [each for seen in watch(lambda: self._told("firing")) for each in seen]:
            raise CheckFailed(f"On a healthy platform, {fired[0]}")
        eventually(
            "the end of what was about to fire on a healthy platform",
            self._told,
            lambda told: not told,
            within_s=timeouts.METRICS,
        )
        evidence.prove(Level.EXECUTED, f"None of {', '.join(self.rules)} fires")

    def _states(self, name: str) -> list[str]:
        return [each.state for each in self.held if each.name == name]

    def _told(self, *states: str) -> list[str]:
        """Return a sentence for each alert that is held, or that is in one of these states."""
        return [
            f"{each.name} is {each.state}: {each.summary}" for each in self.held if each.state in states or not states
        ]

    def must_end(self, name: str) -> None:
        """Wait until the alert of this name is no longer held."""
        eventually(
            f"the end of the alert {name}",
            lambda: [each.name for each in self.held],
            lambda held: name not in held,
            within_s=timeouts.ALERT,
        )
        evidence.prove(Level.EXECUTED, f"{name} has ended")
