"""What every room stands on: errors, evidence, waits, limits and processes; knows no Kubernetes, Spark or behave."""
