"""The embedded cluster: a real single-node Kubernetes on this machine, in namespaces of its own."""
