"""The page's sections, one module each, in the order of the argument: how many, which children,
from where, how long, what came of it, and how far it can be trusted."""
