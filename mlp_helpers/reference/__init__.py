"""Right implementations: activations, losses, networks, the flow graph, optimisers, checks."""
