"""The program as `python -m livetranslate`."""

from livetranslate.cli import main

if __name__ == "__main__":
    main()
