"""Data quality: tables judged by rules that are data, on the platform's Spark, and the pages that show what broke."""
