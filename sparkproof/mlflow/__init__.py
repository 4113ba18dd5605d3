"""The platform's MLflow: projects that run on Spark, and what the tracking server keeps of them."""
