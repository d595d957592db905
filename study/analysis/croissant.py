"""The tabular benchmark described for programs: Croissant 1.0 (Akhtar et al. 2024), JSON that loaders read."""

import hashlib
import json

SCHEMA = 2  # of the table: 1 had MNIST alone, and neither training loss nor training accuracy
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "column": "cr:column",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "recordSet": "cr:recordSet",
    "source": "cr:source",
}
ABOUT = (
    "Accuracies of up to 25 small networks after every epoch of their training, alone and with the shared weights of "
    "a supernet, on MNIST and Fashion-MNIST, several seeds each. A teaching table: small enough to be read by eye, and "
    "to check a search strategy's code. It is not for ranking search methods: its networks differ in depth alone, and "
    "the parameter count orders them about as well as they can be ordered."
)


def beside(path):
    """The path of a table's description."""
    return path.with_suffix(".croissant.json")


def describe(name, lines, whole):
    """The description of the CSV file `name` with these bytes, as JSON text; whole: columns of whole numbers."""
    columns = lines.split(b"\n", 1)[0].decode().split(",")
    kinds = {"data": "sc:Text"} | dict.fromkeys(whole, "sc:Integer")
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"runs/{column}",
            "name": column,
            "dataType": kinds.get(column, "sc:Float"),
            "source": {"fileObject": {"@id": name}, "extract": {"column": column}},
        }
        for column in columns
    ]
    table = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "one-shot-nas-block-by-block",
        "description": ABOUT,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "version": f"{SCHEMA}.0.0",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "encodingFormat": "text/csv",
                "sha256": hashlib.sha256(lines).hexdigest(),
            }
        ],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "runs", "name": "runs", "field": fields}],
    }
    return json.dumps(table, indent=2) + "\n"


def fault(path):
    """What is wrong with a table, by its description; "" if nothing is."""
    try:
        told = json.loads(beside(path).read_text(encoding="utf-8"))
        version, digest = told["version"], told["distribution"][0]["sha256"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        return f"has a description, {beside(path).name}, that cannot be read ({error})"
    if version != f"{SCHEMA}.0.0":
        return f"is of schema {version}, this version reads {SCHEMA}.0.0"
    return "" if digest == hashlib.sha256(path.read_bytes()).hexdigest() else "has changed since it was made"
