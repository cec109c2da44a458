"""`python -m riskengine` is the command line."""

from riskengine.cli import main

if __name__ == "__main__":
    main()
