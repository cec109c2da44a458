import sys

from riskengine import simulation

sys.modules[__name__] = simulation
