"""Interfaces with every kind of type, their defaults, and values of each as constants."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Dict, List, Literal, NamedTuple, Optional, Union

from flytekit import HashMethod, StructuredDataset, kwtypes, task, workflow
from flytekit.types.directory import FlyteDirectory
from flytekit.types.file import FlyteFile
from flytekit.types.schema import FlyteSchema


class Color(Enum):
    RED = "red"
    GREEN = "green"


@dataclass
class Line:
    name: str
    price: float
    count: int = 1


@dataclass
class Order:
    id: int
    lines: List[Line]
    paid: bool
    tags: Dict[str, str]
    first: Line
    at: datetime
    for_long: timedelta
    free: dict
    color: Color
    day: date
    way: Literal['up', 'down']
    either: Union[int, str]
    note: Optional[str] = None
    title: Optional[str] = None
    grade: float = 0.5


@dataclass
class Attached:
    report: FlyteFile
    folder: FlyteDirectory
    rows: StructuredDataset


@task
def take_simple(i: int, f: float, s: str, b: bool, at: datetime, day: date, took: timedelta) -> int:
    return i


@workflow
def simple(
    i: int = 3,
    f: float = 2.0,
    s: str = "x",
    b: bool = True,
    at: datetime = datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc),
    took: timedelta = timedelta(hours=36, milliseconds=5),
) -> int:
    take_simple(i=i, f=f, s=s, b=b, at=at, day=date(2024, 2, 29), took=took)
    return take_simple(
        i=-(2**53) + 1, f=1.0, s="", b=False, at=datetime(1960, 1, 1, tzinfo=timezone.utc), day=date(1969, 12, 31), took=timedelta(0)
    )


@task
def take_lists(ns: List[int], deep: List[List[str]], by_name: Dict[str, float], both: Dict[str, List[bool]]) -> List[int]:
    return ns


@workflow
def lists(n: int, fs: Dict[str, float], deep: List[List[str]] = [["a"], []]) -> List[int]:
    first = take_lists(ns=[1, n, 3], deep=deep, by_name={"a": 1.0, "b": 0.5}, both={"x": [True, False], "y": []})
    return take_lists(ns=first, deep=[["a", "b"], []], by_name=fs, both={})


@task
def number(n: int) -> int:
    return n


@task
def text(s: str) -> str:
    return s


@task
def gather(ns: List[int], texts: Dict[str, str], nested: Dict[str, List[int]]) -> int:
    return 0


@workflow
def mixed(n: int, s: str) -> int:
    one = number(n=n)
    said = text(s=s)
    return gather(
        ns=[one, 2, n, number(n=4)],
        texts={"said": said, "own": s, "constant": "c"},
        nested={"a": [one, 1], "b": []},
    )


@task
def take_optionals(a: Optional[int], b: Optional[str], c: Optional[List[int]], d: Optional[bool] = None) -> Optional[int]:
    return a


@workflow
def optionals(a: Optional[int], b: Optional[str] = "x", c: Optional[List[int]] = None) -> Optional[int]:
    take_optionals(a=a, b=b, c=c)
    return take_optionals(a=1, b=None, c=[1, 2], d=True)


@workflow
def optional_from_plain(n: int) -> Optional[int]:
    return take_optionals(a=number(n=n), b=text(s="s"), c=[n, 1])


@task
def take_unions(a: Union[int, str], b: Union[float, List[str], None]) -> Union[int, str]:
    return a


@workflow
def unions(a: Union[int, str], b: Union[float, List[str], None] = None) -> Union[int, str]:
    take_unions(a=1, b=["x"])
    take_unions(a="one", b=0.5)
    return take_unions(a=a, b=b)


@task
def take_choices(color: Color, way: Literal["up", "down"], size: Literal[1, 2]) -> Color:
    return color


@workflow
def choices(color: Color = Color.GREEN, way: Literal["up", "down"] = "up") -> Color:
    take_choices(color=Color.RED, way="down", size=2)
    return take_choices(color=color, way=way, size=1)


@task
def make_order(id: int) -> Order:
    return None


@task
def take_order(order: Order) -> Line:
    return None


@task
def take_line(line: Line, name: str, price: float, more: List[Line], named: Dict[str, Line]) -> List[Line]:
    return None


@workflow
def objects(id: int, line: Line) -> Line:
    return take_order(order=make_order(id=id))


@workflow
def parts(id: int) -> str:
    made = make_order(id=id)
    taken = take_line(line=made.first, name=made.lines[0].name, price=made.grade, more=made.lines, named={"first": made.first})
    number(n=made.id)
    return text(s=taken[0].name)


@task
def make_collections(n: int) -> NamedTuple("Made", lists=List[List[int]], by_name=Dict[str, Dict[str, str]]):
    return None


@workflow
def items(n: int) -> str:
    made = make_collections(n=n)
    number(n=made.lists[0][1])
    return text(s=made.by_name["a"]["b"])


@task
def take_untyped(value: dict) -> dict:
    return None


@workflow
def untyped(value: dict) -> dict:
    take_untyped(value={"a": 1, "b": [1.5, "x", None], "c": {"d": True}})
    return take_untyped(value=value)


@task
def take_files(f: FlyteFile, csv: FlyteFile["csv"], folder: FlyteDirectory) -> FlyteFile["txt"]:
    return None


@workflow
def files(f: FlyteFile, folder: FlyteDirectory, csv: FlyteFile["csv"] = "s3://bucket/a.csv") -> FlyteFile["txt"]:
    take_files(f="s3://bucket/f", csv="https://example.com/b.csv", folder="s3://bucket/folder")
    return take_files(f=f, csv=csv, folder=folder)


@task
def take_optional_file(f: Optional[FlyteFile], fs: List[FlyteFile]) -> Optional[FlyteDirectory]:
    return None


@workflow
def optional_files(f: Optional[FlyteFile] = None) -> Optional[FlyteDirectory]:
    return take_optional_file(f=f, fs=["s3://bucket/a", "s3://bucket/b"])


@task
def take_attached(given: Attached) -> FlyteFile:
    return None


@workflow
def attached(given: Attached) -> FlyteFile:
    return take_attached(given=given)


Columns = kwtypes(id=int, name=str, price=float, ok=bool, at=datetime)


@task
def make_rows() -> Annotated[StructuredDataset, Columns]:
    return None


@task
def take_rows(rows: Annotated[StructuredDataset, kwtypes(id=int, name=str)], any_rows: StructuredDataset) -> StructuredDataset:
    return None


@workflow
def datasets(given: StructuredDataset) -> StructuredDataset:
    rows = make_rows()
    return take_rows(rows=rows, any_rows=given)


@task
def make_schema() -> FlyteSchema[Columns]:
    return None


@task
def take_schema(rows: FlyteSchema[kwtypes(id=int, name=str)], any_rows: FlyteSchema) -> FlyteSchema:
    return None


@workflow
def schemas(given: FlyteSchema) -> FlyteSchema:
    return take_schema(rows=make_schema(), any_rows=given)


@task
def say_nothing(n: int):
    return None


@workflow
def nothing():
    say_nothing(n=1)


@task
def described(first: int, second: str = "x") -> NamedTuple("Said", text=str, count=int):
    """Says something.

    At length.

    Args:
        first: The first of them.
        second: Another.
    """
    return None


@workflow
def documented(first: int) -> NamedTuple("Told", text=str, count=int):
    """Tells.

    Args:
        first: What it begins with.
    """
    return described(first=first)
