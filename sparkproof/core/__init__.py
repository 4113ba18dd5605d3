"""The foundation of every room: errors, evidence, waits, limits and processes; knows no Kubernetes, Spark or behave."""
