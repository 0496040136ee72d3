"""The only room that knows OR-Tools, numpy and numba: an instance becomes columns, pairs, one flow, and its proof."""

from services.matching.solver.columns import Columns, columns_of
from services.matching.solver.edges import count_edges, find_edges
from services.matching.solver.flow import check, engine_name, solve
from services.matching.solver.passing import count_waiting
from services.matching.solver.pricing import solve_by_price, too_many
from services.matching.solver.problem import Problem, Solution, SolverFailed
from services.matching.solver.scores import Edges

__all__ = [
    "Columns",
    "Edges",
    "Problem",
    "Solution",
    "SolverFailed",
    "check",
    "columns_of",
    "count_edges",
    "count_waiting",
    "engine_name",
    "find_edges",
    "solve",
    "solve_by_price",
    "too_many",
]
