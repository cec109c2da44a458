import sys

from riskengine import replaying

sys.modules[__name__] = replaying
