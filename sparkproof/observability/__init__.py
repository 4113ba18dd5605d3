"""The platform's metrics, targets, alerts and dashboards, as a Prometheus has them."""
