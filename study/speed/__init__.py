"""How fast the engine is, and where its speed comes from: `python -m study.speed`."""
