class Feed:
    url: str
    title: str | None
    categories: list[list[str]]

class Result:
    feeds: list[Feed]

def parse(parse_obj: bytes | str) -> Result: ...
