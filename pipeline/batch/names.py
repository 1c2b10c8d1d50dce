"""Ids of documents, each of which stands for one."""

from collections.abc import Iterable


class Names:
    """The ids given so far; one that stood before is given with a number behind it: `letter`, `letter-2`."""

    def __init__(self) -> None:
        self._given, self._tried = set[str](), dict[str, int]()

    def know(self, given: Iterable[str]) -> None:
        """Remember ids that were given before."""
        self._given |= set(given)

    def distinct(self, wanted: str) -> str:
        """This id, or the first with a number that is still free."""
        name, count = wanted, self._tried.get(wanted, 1)
        while name in self._given:
            count += 1
            name = f"{wanted}-{count}"
        self._given.add(name)
        self._tried[wanted] = count  # the numbers below are taken: nobody tries them again
        return name
