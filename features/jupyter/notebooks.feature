@jupyter @connect @cpu.0.7 @memory.4Gi
Feature: Notebooks
  A notebook user works in the browser, and the platform's Spark runs the queries of each cell. Access needs the token,
  and a cell has no rights on the cluster except to use Spark.

  Background:
    Given a data team whose platform has notebooks

  @critical
  Scenario: A cell asks Spark and shows the right value
    When a notebook user runs the cell
      """
      from pyspark.sql import SparkSession
      spark = SparkSession.builder.getOrCreate()
      spark.addTag("of-the-cell")
      print(spark.sql("SELECT sum(id) FROM range(0, 100000, 1, 4)").first()[0])
      """
    Then the cell prints "4999950000"
    And executors of the platform did the work that the cell tagged "of-the-cell"

  Scenario: A notebook user without a token is refused
    When a notebook user without the token runs the cell
      """
      print("inside")
      """
    Then the notebook user is refused

  Scenario: A notebook user with another token is refused
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
