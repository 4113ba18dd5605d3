"""The embedded cluster: one real Kubernetes node in namespaces of this machine."""
