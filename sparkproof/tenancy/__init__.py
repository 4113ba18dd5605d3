"""Teams and what they may do: namespaces, quotas, accounts, admission, secrets and the network."""
