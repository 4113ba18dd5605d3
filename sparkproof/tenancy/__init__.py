"""Teams and their limits: namespaces, quotas, accounts, admission, secrets and the network."""
