"""A simulated Chinese retail brand with a known truth, to try everything on and to check analyses against.

>>> brand = generate(seed=7, people=100)
>>> sorted(brand.tables)
['contents', 'costs', 'events', 'identities', 'memberships', 'orders', 'people']
"""

from tilth.warehouse.demo.brand import Brand
from tilth.warehouse.demo.build import generate
from tilth.warehouse.demo.truth import Truth

__all__ = ["Brand", "Truth", "generate"]
