"""Run the command line as `python -m feint.cli`."""

from feint.cli import main

if __name__ == "__main__":
    main()
