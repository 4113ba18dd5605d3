"""The platform's metrics, as a Prometheus reads them."""
