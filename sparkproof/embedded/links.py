"""Network devices, routes and packet queues of the node."""

from sparkproof.core import process, timeouts
from sparkproof.embedded import layout

POLICY_QUEUE = 100


def isolate() -> None:
    """Set up addresses and routes of a node without a way out: no device leads to the host or beyond."""
    for command in (
        "link set lo up",
        # A pair of devices with both ends here, because an address for the node needs a device that is up.
        "link add eth0 type veth peer name eth0-end",
        "link set eth0 up",
        "link set eth0-end up",
        f"address add {layout.NODE_ADDRESS}/{layout.NODE_NETWORK.rpartition('/')[2]} dev eth0",
        # kube-proxy rewrites these addresses, but only after the kernel has found a route for them.
        f"route add {layout.SERVICE_RANGE} dev eth0 src {layout.NODE_ADDRESS}",
    ):
        process.run(["ip", *command.split()], timeout_s=timeouts.TOOL)


def queue_connections() -> None:
    """Hold the first packet of every connection from or to a pod until the policy engine lets it pass.

    The engine's own rules need nftables' `queue`, which not every kernel has beside iptables' NFQUEUE. Without the
    engine nothing passes. What the node itself sends (the kubelet's probes) is not held.
    """
    queue = f"-m conntrack ! --ctstate ESTABLISHED,RELATED -j NFQUEUE --queue-num {POLICY_QUEUE}"
    for packets in (
        "FORWARD",
        # Packets from pods to the node, which means to the API server: elsewhere it runs on another machine, where
        # policies hold it too.
        f"INPUT --source {layout.POD_RANGE}",
    ):
        command = f"iptables --wait --table mangle --append {packets} {queue}"
        process.run(command.split(), timeout_s=timeouts.TOOL)
