"""Load packs: the folder is the registry, the file name is the id, and all problems are reported at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from declared import Declared, Problem, Refused, check, nearest, read
from policies.model import Citation, Document, Pack, Parameter, Policy, Words
from policies.values import Value

HERE = Path(__file__).parent
PACKS, SOURCES = HERE / "packs", HERE / "sources"
PROOFS = "proofs.yaml"  # what `prove` found, document id -> quote digest -> offset


class Loaded(NamedTuple):
    """Hold one policy with the files that declare it: the base first, an extension after it."""

    policy: Policy
    pack: str
    files: tuple[Declared, ...]

    @property
    def declared(self) -> dict[str, Any]:
        """Give what the policy's own file declares; an extension inherits the rest."""
        own: dict[str, Any] = self.files[-1].data
        return own

    @property
    def inherited(self) -> int:
        """Count the citations of the layers below."""
        return len(self.policy.citations) - len(self.declared.get("citations", []))

    @property
    def own_citations(self) -> list[tuple[int, Citation]]:
        """Give the citations that the own file declares, each with its number there."""
        return list(enumerate(self.policy.citations[self.inherited :]))

    @property
    def own_parameters(self) -> dict[str, Parameter]:
        """Give the parameters that the own file declares."""
        declared = self.declared.get("parameters", {})
        return {name: parameter for name, parameter in self.policy.parameters.items() if name in declared}

    def problem(self, key: tuple[str | int, ...], what: str) -> Problem:
        """Place a problem in the file that declares the key."""
        declaring = [declared for declared in self.files if key[:1] in declared.places] or [*self.files]
        return declaring[-1].problem(key, what)


class Library(NamedTuple):
    """Hold the chosen policies by code, the packs they come from, the register of documents, and a digest of it all.

    `layers` holds every policy file as it stands over the packs below it, so that each is tried with its own cases.
    """

    policies: dict[str, Loaded]
    layers: tuple[Loaded, ...]
    packs: tuple[Pack, ...]
    documents: dict[str, Document]
    sha256: str
    proofs: dict[str, dict[str, int]]

    def asked_for(self) -> dict[str, Value]:
        """Name the limits that only a place can know, as CODE.NAME, each with an example."""
        parameters = ((code, name, one) for code, own in self.policies.items() for name, one in own.policy.parameters.items())
        return {f"{code}.{name}": one.shown for code, name, one in parameters if one.ask}

    def is_proved(self, citation: Citation) -> bool:
        """Say whether the quote was found exactly once in the registered document that holds it."""
        if not citation.quote:
            return False
        return quote_digest(citation.quote) in self.proofs.get(citation.recited_in or citation.source, {})


def squeezed(text: str) -> str:
    """Take out all white space, no-break and ideographic spaces included."""
    return re.sub(r"\s+", "", text)


def quote_digest(quote: str) -> str:
    """Give the digest under which a quote's proof is recorded."""
    return hashlib.sha256(squeezed(quote).encode()).hexdigest()[:24]


def shipped_packs() -> list[str]:
    """Name the packs that are shipped."""
    return sorted(path.parent.name for path in PACKS.glob("*/pack.yaml"))


def load_documents(folder: Path = SOURCES) -> dict[str, Document]:
    """Read the register of source documents, by id.

    Raises:  Refused.
    """
    documents: dict[str, Document] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == PROOFS:
            continue
        try:
            declared = read(path, _shown(path))
            document = check(Document, declared)
        except Refused as refused:
            problems += refused.problems
            continue
        if document.id != path.stem:
            problems.append(
                declared.problem(("id",), f"id: `{document.id}` stands in the file `{path.stem}`. give both one name.")
            )
        documents[document.id] = document
    if problems:
        raise Refused(problems)
    return documents


def _shown(path: Path) -> str:
    return path.relative_to(HERE.parent).as_posix() if path.is_relative_to(HERE.parent) else str(path)


def load_library(packs: Iterable[str], *, core: bool = True) -> Library:
    """Load the packs named (shipped ones by name, others by folder) over `core`, joined by code.

    A code present in several packs is judged once: the narrower pack's keys win, and the citations of all are joined.

    Raises:  Refused with every problem of every file.
    """
    library, problems = read_library(packs, core=core)
    if problems:
        raise Refused(problems)
    return library


def read_library(packs: Iterable[str], *, core: bool = True) -> tuple[Library, list[Problem]]:
    """Read the packs, and list every problem of every file; what has none is in the library all the same."""
    problems: list[Problem] = []
    documents = _tried(load_documents, problems) or {}
    chosen: list[tuple[Pack, Path]] = []
    for folder in _folders(packs, core, problems):
        pack = _tried(lambda folder=folder: _load_pack(folder), problems)  # type: ignore[misc]
        chosen.append((pack or _UNKNOWN.model_copy(update={"pack": folder.name}), folder))
    policies: dict[str, Loaded] = {}
    layers: list[Loaded] = []
    digest = hashlib.sha256()
    for pack, folder in sorted(chosen, key=lambda pair: (pair[0].narrowness, pair[0].pack)):
        for path in sorted(folder.glob("*.yaml")):
            digest.update(path.read_bytes())
            if path.name == "pack.yaml":
                continue
            loaded = _tried(lambda path=path, pack=pack: _load_policy(path, pack.pack, policies), problems)  # type: ignore[misc]
            if loaded is None:
                continue
            problems += _faults(loaded, path.stem, documents, policies)
            policies[loaded.policy.code] = loaded
            layers.append(loaded)
    if not policies and not problems:
        problems.append(Problem("packs", 1, 1, "no policy was chosen. name a pack with --pack, or leave out --no-core."))
    proofs = read(SOURCES / PROOFS).data if (SOURCES / PROOFS).is_file() else {}
    packs_read = tuple(pack for pack, _ in chosen)
    return Library(dict(sorted(policies.items())), tuple(layers), packs_read, documents, digest.hexdigest(), proofs), problems


_UNKNOWN = Pack(pack="unknown", title=Words(zh="", en=""), scope=Words(zh="", en=""), narrowness=100)
Found = TypeVar("Found")


def _tried(load: Callable[[], Found], problems: list[Problem]) -> Found | None:
    """Load something; its problems are kept, and None is given."""
    try:
        return load()
    except Refused as refused:
        problems += refused.problems
        return None


def _folders(packs: Iterable[str], core: bool, problems: list[Problem]) -> Iterator[Path]:
    names = dict.fromkeys((["core"] if core else []) + list(packs))
    for name in names:
        folder = PACKS / name if name in shipped_packs() else Path(name)
        if (folder / "pack.yaml").is_file():
            yield folder
        else:
            hint = nearest(name, shipped_packs()) or f" shipped: {', '.join(shipped_packs())}."
            problems.append(Problem(name, 1, 1, f"no pack of this name, and no folder with a pack.yaml.{hint}"))


def _load_pack(folder: Path) -> Pack:
    declared = read(folder / "pack.yaml", _shown(folder / "pack.yaml"))
    pack = check(Pack, declared)
    if pack.pack != folder.name:
        raise Refused(
            [declared.problem(("pack",), f"pack: `{pack.pack}` stands in the folder `{folder.name}`. give both one name.")]
        )
    return pack


def _load_policy(path: Path, pack: str, below: dict[str, Loaded]) -> Loaded:
    declared = read(path, _shown(path))
    if not isinstance(declared.data, dict):
        raise Refused([declared.problem((), "a policy is a mapping. start with `code:`.")])
    base = next((found for found in below.values() if found.policy.code == declared.data.get("code")), None)
    if base is None:
        if "extends" in declared.data:
            base = _base(declared)
        else:
            return Loaded(check(Policy, declared), pack, (declared,))
    if "extends" not in declared.data:
        what = f"code: `{base.policy.code}` exists in pack `{base.pack}`. write `extends: {base.pack}`, or take another code."
        raise Refused([declared.problem(("code",), what)])
    return _extend(base, declared, pack)


def _base(declared: Declared) -> Loaded:
    """Find the policy that an extension without its base pack rests on."""
    name = str(declared.data["extends"])
    for path in sorted((PACKS / name).glob("*.yaml")):
        if path.stem == declared.data.get("id") and path.name != "pack.yaml":
            below = read(path, _shown(path))
            return Loaded(check(Policy, below), name, (below,))
    raise Refused([declared.problem(("extends",), f"extends: pack `{name}` has no policy `{declared.data.get('id')}`.")])


def _extend(base: Loaded, declared: Declared, pack: str) -> Loaded:
    """Lay an extension over a policy: its keys win, citations are joined, mappings are merged, cases are its own."""
    merged: dict[str, Any] = {}
    for lower in base.files:
        merged = _laid_over(merged, lower.data)
    whole = Declared(declared.path, _laid_over(merged, declared.data), declared.places)
    whole.data["cases"] = declared.data.get("cases", [])
    return Loaded(check(Policy, whole), pack, (*base.files, declared))


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    laid = {**below, **above}
    laid["citations"] = [*below.get("citations", []), *above.get("citations", [])]
    for key in ("joins", "parameters", "assume", "readings", "shows"):
        laid[key] = {**below.get(key, {}), **above.get(key, {})}
    return laid


def _faults(loaded: Loaded, stem: str, documents: dict[str, Document], others: dict[str, Loaded]) -> Iterator[Problem]:
    policy = loaded.policy
    if policy.id != stem:
        yield loaded.problem(("id",), f"id: `{policy.id}` stands in the file `{stem}`. give both one name.")
    for code, other in others.items():
        if other.policy.id == policy.id and code != policy.code:
            yield loaded.problem(("id",), f"id: `{policy.id}` is already the id of {code}. choose another.")
    if not policy.citations and not policy.is_lead:
        what = "P01 citations: a policy needs one. cite the clause; only `basis: lead` may stand without."
        yield loaded.problem(("citations",), what)
    for number, citation in loaded.own_citations:
        for key, name in (("source", citation.source), ("recited_in", citation.recited_in)):
            if name is not None and name not in documents:
                place = ("citations", number, key)
                yield loaded.problem(place, f"{key}: no document `{name}` in the register.{nearest(name, documents)}")
    for name, parameter in policy.parameters.items():
        for number, value in enumerate(parameter.values):
            if isinstance(value.citation, int) and value.citation >= max(len(policy.citations), 1):
                yield loaded.problem(
                    ("parameters", name, "values", number, "citation"),
                    f"P15 citation: there is no citation number {value.citation}. they count from 0.",
                )


def is_supported(policy: Policy, documents: dict[str, Document]) -> bool:
    """Say whether at least one citation rests on a document whose text somebody saw; a lead without any needs none."""
    return not policy.citations or any(documents[citation.source].evidence != "unverified" for citation in policy.citations)
