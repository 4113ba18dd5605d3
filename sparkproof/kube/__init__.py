"""The Kubernetes API with kubectl's verbs, helm, the places where programs run, and the diagnosis of pods."""
