"""`python -m analysis` is the command `study`."""

from analysis.study.cli import main

if __name__ == "__main__":
    main()
