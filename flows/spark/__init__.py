"""The same models on Spark: landing as Parquet, an engine, one run of dbt on it (docs/spark.md)."""
