@security
Feature: Security audit of a namespace
  An auditor looks at a namespace, whoever installed what is in it: accounts and their tokens and rights, Pod Security,
  capabilities, images, secrets that can be read, network policies, and entrances without TLS. All findings are on one
  page (`sparkproof audit NAMESPACE`), which has no secret itself.

  @critical @connect @cpu.0.5 @memory.2Gi
  Scenario: The audit of a restricted platform has no findings
    Given a data team with a platform on Spark 4.1.1 that denies what it does not need
    And a data engineer of the team
    And an executor of the platform
    When the security team audits the namespace
    Then the audit has no findings

  @connect
  Scenario: The audit names the secret that Spark itself shows to its executors
    Given a restricted platform
    And an executor of the platform
    When the security team audits the platform's namespace
    Then the audit finds just this
      | rule                 | of           |
      | secrets in variables | Pod *-exec-* |

  @critical
  Scenario: The audit names a fault of each kind, and nothing that is right
    Given a namespace with a fault of each kind
    When the security team audits the namespace
    Then the audit finds just this
      | rule                    | of                                            |
      | Pod Security            | the namespace                                 |
      | accounts                | Pod runs-as-the-default-account               |
      | tokens                  | Pod has-a-token-for-nothing                   |
      | rights of accounts      | ServiceAccount reads-secrets                  |
      | privileges              | Pod may-run-as-root                           |
      | capabilities            | Pod keeps-capabilities                        |
      | the node                | Pod uses-the-node                             |
      | images                  | Pod takes-any-image                           |
      | secrets in variables    | Pod shows-a-secret-in-a-variable              |
      | secrets in variables    | Pod shows-a-password-in-the-url-of-a-variable |
      | secrets in arguments    | Pod shows-a-secret-in-an-argument             |
      | secrets in arguments    | Pod shows-a-secret-after-an-option            |
      | secrets in other places | ConfigMap notes                               |
      | network policies        | Pod talks-to-everybody                        |
      | TLS                     | Service open                                  |
      | TLS                     | Ingress bare                                  |
    And its page has none of the secrets that the faults show
