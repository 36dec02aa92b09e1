"""`python -m footfall` is the `footfall` command."""

from footfall.cli import main

if __name__ == "__main__":
    main()
