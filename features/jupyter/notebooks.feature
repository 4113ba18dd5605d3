@jupyter @connect @cpu.0.7 @memory.4Gi
Feature: Notebooks
  A notebook user works in the browser, with the platform's Spark behind each cell; the token is all that lets one in, and
  a cell may do nothing on the cluster but ask Spark.

  Background:
    Given a data team whose platform has notebooks

  @critical
  Scenario: A cell asks Spark and shows the right value
    When a notebook user runs the cell
      """
      from pyspark.sql import SparkSession
      spark = SparkSession.builder.getOrCreate()
      print(spark.sql("SELECT sum(id) FROM range(0, 100000, 1, 4)").first()[0])
      """
    Then the cell prints "4999950000"

  Scenario: Whoever has no token is kept out
    When a notebook user without the token runs the cell
      """
      print("inside")
      """
    Then the notebook user is refused

  Scenario: Whoever has another token is kept out
    When a notebook user with the token "guessed" runs the cell
      """
      print("inside")
      """
    Then the notebook user is refused

  Scenario: A cell has no account on the cluster
    When a notebook user runs the cell
      """
      from pathlib import Path
      print(Path("/var/run/secrets/kubernetes.io").exists())
      """
    Then the cell prints "False"
