"""The Kubernetes API in kubectl's verbs, helm, the places where programs run, and the diagnosis of pods."""
