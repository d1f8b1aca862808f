"""Prints the seconds that a list of so many integers takes to a literal and back."""

import sys
import time
from typing import List

from flytekit import FlyteContextManager
from flytekit.core.type_engine import TypeEngine

values = list(range(int(sys.argv[1])))
context = FlyteContextManager.current_context()
kind = TypeEngine.to_literal_type(List[int])
began = time.perf_counter()
TypeEngine.to_python_value(context, TypeEngine.to_literal(context, values, List[int], kind), List[int])
print(time.perf_counter() - began)
