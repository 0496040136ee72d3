"""The only room that knows OR-Tools, numpy and numba: integers in, integers out; nothing of people or rules."""

from services.matching.solver.flow import engine_name, solve
from services.matching.solver.problem import Problem, Solution, SolverFailed

__all__ = ["Problem", "Solution", "SolverFailed", "engine_name", "solve"]
