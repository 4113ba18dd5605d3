"""The control plane that a run may stop and restore: the embedded cluster's."""

from sparkproof.embedded.etcd import NAME as NAME
from sparkproof.embedded.etcd import Etcd as Etcd
from sparkproof.embedded.etcd import SnapshotRefused as SnapshotRefused
