"""`python -m triaged`."""

from triaged.cli import main

if __name__ == "__main__":
    main()
